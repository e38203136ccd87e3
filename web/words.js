// The page's own language: one dictionary of words/, its sentences with {placeholders}, and numbers in its manner.

export const LOCALES = { en: "English", es: "Español", fr: "Français", de: "Deutsch", pt: "Português", ar: "العربية" };

let dictionary = {};
let locale = "en";

/** The first of the `wanted` BCP-47 tags that there is a dictionary for. */
export function chooseLocale(wanted) {
  return wanted.map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => tag in LOCALES) ?? "en";
}

/** Loads a dictionary; from then on the page speaks it, and its static texts are told anew. */
export async function useLocale(tag) {
  dictionary = (await import(`./words/${tag}.js`)).default;
  locale = tag;
  document.documentElement.lang = tag;
  document.documentElement.dir = tag === "ar" ? "rtl" : "ltr";
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  }
  for (const element of document.querySelectorAll("[data-t-hint]")) element.placeholder = t(element.dataset.tHint);
}

export const has = (key) => key in dictionary;

/** The sentence `key` with `values` in the place of its {names}. */
export function t(key, values = {}) {
  return (dictionary[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

// Latin digits everywhere: codes and clocks are read next to each other.
const number = (options) => new Intl.NumberFormat(`${locale}-u-nu-latn`, options);

export const seconds = (ms) =>
  t("unit.seconds", { value: number({ minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(ms / 1000) });

export const milliseconds = (ms) => t("unit.milliseconds", { value: number({ maximumFractionDigits: 0 }).format(ms) });

export const percent = (share) => number({ style: "percent", maximumFractionDigits: 1 }).format(share);

export const count = (value) => number({}).format(value);

/** 83 000 → "1:23" */
export function clock(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const pad = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  return `${hours ? `${hours}:${pad(Math.floor(s / 60) % 60)}` : Math.floor(s / 60)}:${pad(s % 60)}`;
}

/** `code`: of the protocol, the name of a microphone's DOMException, or one of the page's own. */
export function problem(code, retryAfterS = null) {
  const key = `problem.${code}`;
  const text = has(key) ? t(key) : t("problem.other", { code });
  if (!retryAfterS) return text;
  return `${text} ${t("problem.retryAfter", { time: clock(retryAfterS * 1000) })}`;
}
