// Languages as the protocol compares them: BCP-47 tags, the same when their primary subtags are equal. Pure.

export const primary = (tag) => tag.toLowerCase().split("-")[0];

export const same = (a, b) => primary(a) === primary(b);

const UNSPACED = new Set(["zh", "ja", "th", "lo", "my", "km"]);

/** Return the separator of two sentences: nothing in a language that is written without spaces. */
export const space = (tag) => (UNSPACED.has(primary(tag)) ? "" : " ");

/** True if the server interprets from `source` to `target`. `pairs`: those of GET /languages. */
export function interprets(pairs, source, target) {
  return !same(source, target) && pairs.some(([from, to]) => same(from, source) && same(to, target));
}

/** True if the server translates between two languages, in any direction, but roughly. */
export const roughly = ({ gist = [] }, one, other) => interprets(gist, one, other) || interprets(gist, other, one);

/** True if the server recognises speech in `tag`, by GET /languages. A tag that it does not name is no reason to warn. */
export const hears = ({ languages }, tag) => languages.find((one) => same(one.tag, tag))?.hear ?? true;

/** Return the languages of GET /languages in which a call can be held: understood, or spoken and in a pair. */
export function usable({ languages, pairs }) {
  const paired = new Set(pairs.flat().map(primary));
  return languages.filter(({ tag, hear, speak }) => hear || (speak && paired.has(primary(tag))));
}

/** Return the language's name in that language: the server's name for it, else the browser's, else its tag. */
export function nameOf({ tag, name }) {
  if (name && name !== tag) return name;
  try {
    return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag; // not every browser has these names
  }
}

/** Return the first of the user's `wanted` tags that is offered, exactly or else by its primary subtag. */
export function choose(offered, wanted) {
  for (const tag of wanted) {
    const found = offered.find((one) => one.tag === tag) ?? offered.find((one) => same(one.tag, tag));
    if (found) return found.tag;
  }
  return offered[0]?.tag;
}
