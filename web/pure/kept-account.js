// Decides what is believed of a kept account, and whether an access token will do. Times are Unix epoch ms. Pure.

const MARGIN_MS = 60_000; // a token that ends sooner is exchanged first: clocks differ, and requests take time

/** Return `{refreshToken, until, name, language}` of a kept text, or null where it is none of ours. */
export function readKept(text) {
  try {
    const { refreshToken, until, name, language } = JSON.parse(text);
    if (typeof refreshToken !== "string" || !Number.isFinite(until)) return null;
    return { refreshToken, until, name: String(name ?? ""), language: String(language ?? "en") };
  } catch {
    return null;
  }
}

/** True if `access`, `{token, until}` or null, holds for one more request. */
export const holds = (access, now) => access !== null && access.until - MARGIN_MS > now;

/** Return the access token of an answer of the server. */
export const accessOf = ({ token, expiresIn }, now) => ({ token, until: now + expiresIn * 1000 });

/** True if another tab may have a token that holds: it is asked before the refresh token is used. */
export const elsewhere = (kept, now) => kept.until - MARGIN_MS > now;

const ENDS = new Set(["unauthorized", "forbidden", "locked", "not_found"]);

/** True if the answer to a refresh says that this sign-in is over; false where it may work later. */
export const isOver = (code) => ENDS.has(code);
