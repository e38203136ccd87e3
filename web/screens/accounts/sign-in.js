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

export function verify(house, token) {
  return waiting(house, t("verify.title"), "verify", async () => {
    await house.api.verify(token);
    return t("verify.done");
  });
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
