// The user's preferences, kept in this browser: plain values under one key. Forbidden storage keeps nothing.

const KEY = "dragoman.preferences";
const DEFAULTS = {
  locale: null, name: "", language: null, microphone: "", balance: 65, pushToTalk: false, detect: false,
  original: true, translation: true, size: 100, voices: {},
};

function read() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return { ...DEFAULTS };
  }
}

export const preferences = read();

/** Change preferences, and keep them. */
export function prefer(change) {
  Object.assign(preferences, change);
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // private browsing: for this visit only
  }
}
