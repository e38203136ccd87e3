// The room of one's own account: name, language, password, what was used, all data as a file, and its deletion.

import { saveFile } from "../../browser/save-file.js";
import { clock, count, t } from "../../pure/words.js";
import { element, terms } from "../dom.js";
import { box, button, explain, field, form, password } from "./form.js";
import { languageField } from "./language-field.js";
import { said } from "./sign-in.js";

const FILE = "dragoman-account.zip";

export async function profile(house) {
  const mine = await house.me.as((token) => house.api.me(token));
  return {
    title: t("profile.title"), lead: "",
    nodes: [about(house, mine), person(house, mine), secret(house), used(mine), everything(house), deletion(house)],
  };
}

function about(house, { email, emailVerified, createdAt }) {
  const verified = t(emailVerified ? "profile.verified" : "profile.unverified");
  const list = element("dl", "figures");
  const since = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" }).format(createdAt);
  list.append(...terms([
    [t("signIn.email"), email ? `${email} (${verified})` : t("profile.noEmail")],
    [t("profile.since"), since],
  ]));
  const nodes = email && !emailVerified && house.offered.mail ? again(house) : [];
  return section("profile.account", list, ...nodes);
}

/** Return a button that asks for another e-mail to confirm the address. */
function again(house) {
  const told = said();
  const ask = button(t("verify.again"), async () => {
    try {
      await house.me.as((token) => house.api.verifyAgain(token));
      told.textContent = t("verify.sent");
    } catch (error) {
      told.textContent = explain("verify", error);
    }
  });
  return [ask, told];
}

function person(house, mine) {
  const done = said();
  const fields = {
    username: field("username", t("signUp.username"), {
      type: "text", autocomplete: "nickname", required: true, maxLength: 60, value: mine.username,
    }),
    preferredLanguage: languageField(house, mine.preferredLanguage),
  };
  return section("profile.person", form({
    kind: "profile", fields, submit: t("profile.save"),
    send: async ({ username, preferredLanguage }) => {
      const change = { username: username.trim(), preferredLanguage };
      await house.me.rename(await house.me.as((token) => house.api.change(token, change)));
      done.textContent = t("profile.saved");
    },
  }), done);
}

function secret(house) {
  const fields = {
    old: password("old", t("password.old"), "current-password"),
    new: password("new", t("password.new"), "new-password", t("password.hint")),
  };
  return section("profile.password", form({
    kind: "password", fields, submit: t("password.change"), className: "",
    send: async (given) => {
      // Every sign-in of before is over, this one too: the answer has new tokens.
      await house.me.accept(await house.me.as((token) => house.api.change(token, { password: given })));
      house.enter("profile", t("password.changed"));
    },
  }));
}

function used({ usage }) {
  const list = element("dl", "figures");
  list.append(...terms([
    [t("profile.heard"), clock(usage.heardSeconds * 1000)],
    [t("profile.spoken"), clock(usage.spokenSeconds * 1000)],
    [t("profile.characters"), count(usage.characters)],
  ]));
  return section("profile.usage", list);
}

const save = async (house) => saveFile(await house.me.as((token) => house.api.everything(token)), FILE);

function everything(house) {
  const done = said();
  const get = button(t("export.button"), async () => {
    done.textContent = t("account.waiting");
    try {
      await save(house);
      done.textContent = t("export.done");
    } catch (error) {
      done.textContent = explain("export", error);
    }
  });
  return section("export.title", element("p", "quiet", t("export.hint")), get, done);
}

function deletion(house) {
  const fields = {
    first: box("first", t("delete.first"), false),
    sure: box("sure", t("delete.sure"), false),
    password: password("password", t("signIn.password"), "current-password", t("delete.password")),
  };
  fields.password.input.required = false; // who signs in at a provider has none
  fields.sure.input.required = true;
  const made = form({
    kind: "delete", fields, submit: t("delete.button"), className: "danger",
    send: async ({ first, password: given }) => {
      if (first) await save(house); // what can't be saved is not deleted
      await house.me.as((token) => house.api.remove(token, given));
      house.forget();
      house.enter("signIn", t("delete.done"));
    },
  });
  return section("delete.title", element("p", "quiet", t("delete.hint")), made);
}

function section(title, ...nodes) {
  const made = element("section", "card");
  made.append(element("h2", "", t(title)), ...nodes);
  return made;
}
