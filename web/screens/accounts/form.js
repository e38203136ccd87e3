// A form of the account's rooms: labelled fields, one button, and whatever goes wrong in words beside it.

import { clock, has, problem, t } from "../../pure/words.js";
import { element } from "../dom.js";

/** Return a button. `action()` may be async: the button rests until it is over. */
export function button(text, action, className = "") {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", async () => {
    made.disabled = true;
    try {
      await action();
    } finally {
      made.disabled = false;
    }
  });
  return made;
}

/**
 * Return a label, its field and a hint, as `{nodes, input}`. `options` of a select: `[[value, text]]`.
 * Other attributes go to the field as they are.
 */
export function field(name, label, { hint = "", options = null, ...attributes }) {
  const input = element(options ? "select" : "input");
  input.id = input.name = `account-${name}`;
  if (options) input.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  Object.assign(input, attributes);
  const title = element("label", "", label);
  title.htmlFor = input.id;
  const nodes = [title, input];
  if (hint) {
    const about = element("p", "quiet small", hint);
    about.id = `${input.id}-hint`;
    input.setAttribute("aria-describedby", about.id);
    nodes.push(about);
  }
  return { nodes, input };
}

/** Return a box to tick with its label, as `{nodes, input}`. */
export function box(name, label, checked) {
  const input = element("input");
  Object.assign(input, { type: "checkbox", id: `account-${name}`, name: `account-${name}`, checked });
  const row = element("label", "check");
  row.append(input, element("span", "", label));
  return { nodes: [row], input };
}

/** A password's field, with a button that shows it. `autocomplete`: `new-password` or `current-password`. */
export function password(name, label, autocomplete, hint = "") {
  const made = field(name, label, { type: "password", autocomplete, maxLength: 1024, required: true, hint });
  const { input } = made;
  const show = element("button", "", t("password.show"));
  show.type = "button";
  show.setAttribute("aria-pressed", "false");
  show.setAttribute("aria-label", `${t("password.show")}: ${label}`);
  show.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    show.setAttribute("aria-pressed", String(shown));
  });
  const row = element("div", "row");
  row.append(input, show);
  made.nodes.splice(1, 1, row);
  return made;
}

/**
 * Return a <form>. `kind`: the family of its own words for refusals, as `trouble.signIn_unauthorized` ·
 * `fields`: {name: as of `field`} · `send(values)`: async, on submit; what it throws is shown · `after`: further nodes
 */
export function form({ kind, fields, submit, send, className = "primary", after = [] }) {
  const made = element("form", "account-form");
  made.noValidate = true;
  const alert = element("p", "problem");
  alert.setAttribute("role", "alert");
  alert.hidden = true;
  const go = element("button", className, submit);
  go.type = "submit";
  made.append(...Object.values(fields).flatMap(({ nodes }) => nodes), alert, go, ...after);
  const show = (text, name = null) => {
    alert.hidden = !text;
    alert.textContent = text;
    for (const [other, { input }] of Object.entries(fields)) {
      if (other === name) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    if (name) fields[name].input.focus();
  };
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    show("");
    const wrong = Object.entries(fields).find(([, { input }]) => !input.validity.valid);
    if (wrong) return show(t(wrong[1].input.validity.valueMissing ? "trouble.empty" : "trouble.invalid"), wrong[0]);
    const values = Object.fromEntries(Object.entries(fields).map(([name, { input }]) => {
      return [name, input.type === "checkbox" ? input.checked : input.value];
    }));
    go.disabled = true;
    try {
      await send(values);
    } catch (error) {
      const named = Object.keys(fields).find((name) => name === fieldOf(error)) ?? null;
      show(explain(kind, error), named);
    } finally {
      go.disabled = false;
    }
  });
  return made;
}

// What a code means in one form only. Everywhere else, the words are those of the code itself.
const MEANS = {
  password_unauthorized: "wrongPassword", password_forbidden: "wrongPassword", delete_unauthorized: "wrongPassword",
  delete_forbidden: "wrongPassword", verify_forbidden: "wrongPassword",
  exchange_unauthorized: "provider_unauthorized", bad_request_new: "bad_request_password",
  bad_request_token: "oldLink", provider_provider_failed: "provider_failed",
};

/** Return the field that a refusal names: "password.old" is `old`. */
const fieldOf = ({ details }) => details?.field?.split(".").at(-1);

/** Return what went wrong, in the words of this form where it has some of its own. `error`: an ApiError, or as one */
export function explain(kind, error) {
  const code = error.code ?? error.name;
  const names = [`${kind}_${code}`, `${code}_${fieldOf(error)}`].map((name) => MEANS[name] ?? name);
  const text = names.find((name) => has(`trouble.${name}`));
  if (!text) return problem(code, error.retryAfterS);
  const wait = error.retryAfterS ? [t("problem.retryAfter", { time: clock(error.retryAfterS * 1000) })] : [];
  return [t(`trouble.${text}`), ...wait].join(" ");
}
