// Storage that may be forbidden, full or missing: a value that cannot be kept holds for this visit.

class Kept {
  #area;
  #visit = new Map(); // key → text, or null when removed; believed before the area, which may refuse to change

  /** `area`: `() => Storage` of the browser; reading it may throw, or give null. */
  constructor(area) {
    this.#area = area;
  }

  /** Return the text of `key`, or null. */
  get(key) {
    if (this.#visit.has(key)) return this.#visit.get(key);
    try {
      return this.#area().getItem(key) ?? null;
    } catch {
      return null;
    }
  }

  set(key, text) {
    this.#visit.set(key, text);
    try {
      this.#area().setItem(key, text);
    } catch {
      // for this visit only
    }
  }

  remove(key) {
    this.#visit.set(key, null);
    try {
      this.#area().removeItem(key);
    } catch {
      // it was not kept
    }
  }
}

/** Kept in this browser. */
export const browserStorage = new Kept(() => localStorage);

/** Kept in this tab, also when it is reloaded; a duplicate of the tab begins with a copy. */
export const tabStorage = new Kept(() => sessionStorage);
