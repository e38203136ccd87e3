// Sleep and waking: detects that the page may have slept or the network changed, and keeps the screen on.
// Examples: a closed lid, a frozen tab, another Wi-Fi.

import { ornament } from "./ornament.js";

const TICK_MS = 1000;
const LEAP_MS = 4000; // a timer that is later by this much slept

/** Call `woke()` after each sleep or change of network, until `signal` (an AbortSignal) ends it. */
export function onWaking(woke, signal) {
  const listen = (type, target, listener) => {
    ornament(`The event ${type}`, () => target()?.addEventListener?.(type, listener, { signal }));
  };
  listen("online", () => globalThis, woke);
  listen("pageshow", () => globalThis, ({ persisted }) => persisted && woke());
  listen("resume", () => document, woke); // Page Lifecycle: a frozen tab is resumed
  listen("visibilitychange", () => document, () => document.visibilityState === "visible" && woke());
  listen("change", () => navigator.connection, woke); // Network Information API, where it exists
  let tickedAt = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    if (now - tickedAt > TICK_MS + LEAP_MS) woke();
    tickedAt = now;
  }, TICK_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
}

/** Keep the screen on until `signal` ends it, where the browser allows that (Screen Wake Lock API). */
export function keepAwake(signal) {
  let lock = null;
  const ask = () => navigator.wakeLock?.request("screen");
  const release = () => ornament("Letting the screen go dark", () => lock?.release());
  const request = async () => {
    if (document.visibilityState !== "visible" || signal.aborted) return; // hiding the page releases the lock
    lock = (await ornament("Keeping the screen on", ask)) ?? null;
    if (signal.aborted) release();
  };
  document.addEventListener("visibilitychange", request, { signal });
  signal.addEventListener("abort", release);
  request();
}
