// A <select> of the languages in which a call can be held, each with what the server can do in it.

import { nameOf, usable } from "../pure/languages.js";
import { t } from "../pure/words.js";

/** Fill `select` with the usable languages of `offer`, the response of GET /languages. `chosen`: a tag. */
export function fillLanguages(select, offer, chosen) {
  select.replaceChildren(...usable(offer).map((language) => new Option(optionText(language), language.tag)));
  select.value = chosen;
}

function optionText(language) {
  const name = nameOf(language);
  if (language.hear && language.speak) return name;
  return t(language.hear ? "language.hearOnly" : "language.speakOnly", { name });
}
