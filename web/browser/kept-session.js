// The call of this tab, kept so that the tab can return to it: reloaded, duplicated, or taken over by another window.

import { tabStorage } from "./storage.js";

const KEY = "dragoman.call";
const TEXTS = ["wsUrl", "sessionId", "token", "language"];

/** Keep `{wsUrl, sessionId, token, language, code}`; `code` is null for a participant who joined. */
export function keepSession(session) {
  tabStorage.set(KEY, JSON.stringify(session));
}

/** Return the session that was kept, or null. */
export function keptSession() {
  try {
    const kept = JSON.parse(tabStorage.get(KEY) ?? "null");
    return kept !== null && TEXTS.every((name) => typeof kept[name] === "string") ? kept : null;
  } catch {
    return null; // another program's value
  }
}

export function forgetSession() {
  tabStorage.remove(KEY);
}
