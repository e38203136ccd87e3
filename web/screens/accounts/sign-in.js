// Rooms of somebody who is not signed in: signing in, signing up, a forgotten password, and links that lead here.

import { preferences } from "../../browser/preferences.js";
import { t } from "../../pure/words.js";
import { element } from "../dom.js";
import { button, explain, field, form, password } from "./form.js";
import { languageField } from "./language-field.js";

const email = () =>
  field("email", t("signIn.email"), {
    type: "email", autocomplete: "username", required: true, maxLength: 254, dir: "ltr", inputMode: "email",
  });
const newPassword = (label) => password("password", label, "new-password", t("password.hint"));

/** `house`: `{api, me, offered, languages(), enter(room, value), leave(), leaving()}` of rooms.js, as in each room. */
export function signIn(house) {
  const fields = { email: email(), password: password("password", t("signIn.password"), "current-password") };
  const links = [];
  if (house.offered.mail) links.push(button(t("signIn.forgot"), () => house.enter("forgot"), "link"));
  links.push(button(t("signIn.new"), () => house.enter("signUp"), "link"));
  const made = form({
    kind: "signIn", fields, submit: t("signIn.title"), after: links,
    send: async ({ email: address, password: secret }) => {
      await house.me.accept(await house.api.login(address.trim(), secret));
      house.enter("calls");
    },
  });
  return { title: t("signIn.title"), lead: t("signIn.lead"), nodes: [card(made), ...providers(house)] };
}

export function signUp(house) {
  const fields = {
    username: field("username", t("signUp.username"), {
      type: "text", autocomplete: "nickname", required: true, maxLength: 60, value: preferences.name,
      hint: t("signUp.usernameHint"),
    }),
    email: email(),
    password: newPassword(t("signIn.password")),
    preferredLanguage: languageField(house, preferences.language ?? document.documentElement.lang),
  };
  const made = form({
    kind: "signUp", fields, submit: t("signUp.title"),
    after: [button(t("signUp.known"), () => house.enter("signIn"), "link")],
    send: async (person) => {
      const given = { ...person, username: person.username.trim(), email: person.email.trim() };
      await house.me.accept(await house.api.register(given));
      house.enter("profile", t(house.offered.mail ? "signUp.mailed" : "signUp.done"));
    },
  });
  return { title: t("signUp.title"), lead: t("signUp.lead"), nodes: [card(made), ...providers(house)] };
}

export function forgot(house) {
  const done = said();
  const made = form({
    kind: "forgot", fields: { email: email() }, submit: t("forgot.send"),
    send: async ({ email: address }) => {
      await house.api.forgot(address.trim());
      done.textContent = t("forgot.sent"); // the same for an address that nobody has
    },
  });
  return { title: t("forgot.title"), lead: t("forgot.lead"), nodes: [card(made, done)] };
}

/** `token`: of the link in an e-mail */
export function reset(house, token) {
  const made = form({
    kind: "reset", fields: { password: newPassword(t("password.new")) }, submit: t("reset.send"),
    send: async ({ password: secret }) => {
      await house.api.reset(token, secret);
      house.forget(); // a new password ends every sign-in
      house.enter("signIn", t("reset.done"));
    },
  });
  return { title: t("reset.title"), lead: "", nodes: [card(made)] };
}

/**
 * Nothing is confirmed before a button is pressed, by somebody who is signed in to the account or has its password:
 * programs that check e-mails open their links, too, and strangers may give any address.
 */
export function verify(house, token) {
  const done = said();
  const next = button(t("account.on"), () => house.enter(house.me.person ? "profile" : "signIn"), "primary");
  next.hidden = true;
  const confirmed = () => {
    mine.hidden = anybodys.hidden = true;
    done.textContent = t("verify.done");
    next.hidden = false;
    next.focus();
  };
  const fields = { password: password("password", t("signIn.password"), "current-password") };
  const forgotten = house.offered.mail ? [button(t("signIn.forgot"), () => house.enter("forgot"), "link")] : [];
  const anybodys = form({
    kind: "verify", fields, submit: t("verify.title"), after: forgotten,
    send: async ({ password: secret }) => {
      await house.api.verify(token, { password: secret });
      confirmed();
    },
  });
  const mine = form({
    kind: "verify", fields: {}, submit: t("verify.title"),
    send: async () => {
      try {
        await house.me.as((access) => house.api.verify(token, { token: access }));
      } catch (error) {
        if (!["forbidden", "signedOut"].includes(error.code)) throw error;
        mine.hidden = true; // it is another account's link
        anybodys.hidden = false;
        return fields.password.input.focus();
      }
      confirmed();
    },
  });
  mine.hidden = !house.me.person;
  anybodys.hidden = !mine.hidden;
  return { title: t("verify.title"), lead: t("verify.lead"), nodes: [card(mine, anybodys, done, next)] };
}

/** `code`: the one-time code in the fragment, after a sign-in at a provider */
export function exchange(house, code) {
  return waiting(house, t("signIn.title"), "exchange", async () => {
    await house.me.accept(await house.api.exchange(code));
    house.leave(); // to the call that they came for
    return "";
  });
}

/** `reason`: why the sign-in at a provider came to nothing */
export function refused(house, reason) {
  const { nodes, ...room } = signIn(house);
  const alert = element("p", "problem", explain("provider", { code: reason }));
  alert.setAttribute("role", "alert");
  return { ...room, nodes: [alert, ...nodes] };
}

function waiting(house, title, kind, action) {
  const told = said(t("account.waiting"));
  const next = button(t("account.on"), () => (house.me.person ? house.enter("profile") : house.enter("signIn")), "primary");
  next.hidden = true;
  action()
    .then((text) => (told.textContent = text))
    .catch((error) => (told.textContent = explain(kind, error)))
    .finally(() => (next.hidden = false));
  return { title, lead: "", nodes: [card(told, next)] };
}

function providers(house) {
  if (!house.offered.providers.length) return [];
  const made = house.offered.providers.map(({ name, label }) =>
    button(t("signIn.with", { provider: label }), () => {
      house.leaving();
      location.assign(house.api.providerAddress(name));
    }),
  );
  const group = element("section", "card");
  group.append(element("h2", "", t("signIn.elsewhere")), ...made);
  return [group];
}

function card(...nodes) {
  const made = element("section", "card narrow");
  made.append(...nodes);
  return made;
}

/** Return a paragraph that a screen reader tells when its text changes. */
export function said(text = "") {
  const made = element("p", "", text);
  made.setAttribute("role", "status");
  return made;
}
