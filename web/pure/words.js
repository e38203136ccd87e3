// Sentences of the page in the language of its reader: one dictionary, its {placeholders}, and numbers and times.

export const LOCALES = { en: "English", es: "Español", fr: "Français", de: "Deutsch", pt: "Português", ar: "العربية" };

let dictionary = {};
let locale = "en";

/** Return the primary subtag of the first of the `wanted` BCP-47 tags that has a dictionary, or "en". */
export function chooseLocale(wanted) {
  const tags = wanted.filter((tag) => typeof tag === "string").map((tag) => tag.toLowerCase().split(/[-_]/)[0]);
  return tags.find((tag) => Object.keys(LOCALES).includes(tag)) ?? "en";
}

/** Set the dictionary, `{key: sentence}`, and the locale of the numbers. */
export function useDictionary(tag, sentences) {
  dictionary = sentences;
  locale = tag;
}

/** Add sentences that only a part of the page needs, until another dictionary is set. */
export function addSentences(sentences) {
  dictionary = { ...dictionary, ...sentences };
}

export const has = (key) => key in dictionary;

/** Return the sentence `key` with `values` in the place of its {names}. */
export function t(key, values = {}) {
  return (dictionary[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

// Latin digits in each locale: codes and clocks stand beside the numbers.
function number(options) {
  try {
    return new Intl.NumberFormat(`${locale}-u-nu-latn`, options);
  } catch {
    const { style, maximumFractionDigits: digits = 0 } = options; // a browser without the numbers of this locale
    const plain = (value) => (style === "percent" ? `${(100 * value).toFixed(digits)}%` : value.toFixed(digits));
    return { format: plain };
  }
}

export const seconds = (ms) =>
  t("unit.seconds", { value: number({ minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(ms / 1000) });

export const milliseconds = (ms) => t("unit.milliseconds", { value: number({ maximumFractionDigits: 0 }).format(ms) });

export const percent = (share) => number({ style: "percent", maximumFractionDigits: 1 }).format(share);

export const count = (value) => number({}).format(value);

/** Format the time of day of an epoch time in ms: "14:30". */
export function timeOfDay(ms) {
  const options = { hour: "numeric", minute: "2-digit" };
  return new Date(ms).toLocaleTimeString(`${locale}-u-nu-latn`, options);
}

/** Format a duration: 83 000 ms → "1:23". */
export function clock(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const pad = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  return `${hours ? `${hours}:${pad(Math.floor(s / 60) % 60)}` : Math.floor(s / 60)}:${pad(s % 60)}`;
}

/**
 * Return the sentence for a problem. `code`: a code of the protocol, the name of a microphone's DOMException, or a
 * code of the page.
 */
export function problem(code, retryAfterS = null) {
  const key = `problem.${code}`;
  const text = has(key) ? t(key) : t("problem.other", { code });
  if (!retryAfterS) return text;
  return `${text} ${t("problem.retryAfter", { time: clock(retryAfterS * 1000) })}`;
}
