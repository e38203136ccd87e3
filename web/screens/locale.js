// The page's own language: loads a dictionary of words/ and writes its sentences into the document.

import { addSentences, t, useDictionary } from "../pure/words.js";

/** Load the dictionary of `tag`, one of LOCALES, and rewrite all texts of index.html. */
export async function useLocale(tag) {
  useDictionary(tag, (await import(`../words/${tag}.js`)).default);
  document.documentElement.lang = tag;
  document.documentElement.dir = tag === "ar" ? "rtl" : "ltr";
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  }
  for (const element of document.querySelectorAll("[data-t-hint]")) element.placeholder = t(element.dataset.tHint);
}

/** Load the sentences of the account's rooms in the page's language. */
export async function loadAccountWords() {
  addSentences((await import(`../words/accounts/${document.documentElement.lang}.js`)).default);
}
