// The field of the language that a person speaks, in the account's forms: those of this server, and their own.

import { choose, nameOf, same, usable } from "../../pure/languages.js";
import { t } from "../../pure/words.js";
import { field } from "./form.js";

/** Return a language's name: as this server writes it, where it has the language. */
export const languageName = (house, tag) =>
  nameOf(house.languages()?.languages.find((one) => same(one.tag, tag)) ?? { tag });

/** Return a field, as `form.js` makes it. `mine`: a tag, chosen if the server has it, and kept if it does not. */
export function languageField(house, mine) {
  const offer = house.languages();
  const known = offer ? usable(offer) : [];
  const chosen = known.length ? choose(known, [mine]) : mine;
  const tags = known.some(({ tag }) => tag === chosen) ? known : [{ tag: mine }, ...known];
  const options = tags.map((language) => [language.tag, nameOf(language)]);
  const made = field("preferredLanguage", t("you.language"), { options });
  made.input.value = chosen;
  return made;
}
