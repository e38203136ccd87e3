// Reads the address of a captions page: whose subtitles, by which token, and how they are to look. Pure.

const SIZES = { least: 10, usual: 48, most: 300 };

/**
 * `fragment`: `#session=…&token=…`, with `language`, `size` and `page` if wanted · `query`: may have these three, too
 * → `{sessionId, token, language, size, page}`: `language` of the captions, null for translations into any; `size` of
 * the text in px; `page`: the page's own language, or null; `sessionId` and `token` are null where they are missing
 */
export function readCaptionsAddress(fragment, query = "") {
  const given = new URLSearchParams(fragment.replace(/^#/, ""));
  const asked = new URLSearchParams(query);
  const wish = (name) => given.get(name) || asked.get(name) || null;
  const size = Number(wish("size")) || SIZES.usual;
  return {
    sessionId: given.get("session") || null, // never of the query, which servers log
    token: given.get("token") || null,
    language: wish("language"),
    size: Math.min(SIZES.most, Math.max(SIZES.least, size)),
    page: wish("page"),
  };
}
