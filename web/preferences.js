// What this browser remembers of its user: plain values under one key. Where storage is forbidden, nothing is kept.

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

export function prefer(change) {
  Object.assign(preferences, change);
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // private browsing: for this visit only
  }
}
