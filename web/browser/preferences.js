// The user's preferences, kept in this browser: plain values under one key. Forbidden storage keeps nothing.

import { believed } from "../pure/kept-preferences.js";
import { browserStorage } from "./storage.js";

const KEY = "dragoman.preferences";
const DEFAULTS = {
  locale: null, name: "", language: null, microphone: "", balance: 65, pushToTalk: false, detect: false,
  original: true, translation: true, single: false, overlay: false, size: 100, voices: {},
};

function read() {
  try {
    return believed(JSON.parse(browserStorage.get(KEY) ?? "{}"), DEFAULTS);
  } catch {
    return { ...DEFAULTS };
  }
}

export const preferences = read();

/** Change preferences, and keep them. */
export function prefer(change) {
  Object.assign(preferences, change);
  browserStorage.set(KEY, JSON.stringify(preferences));
}
