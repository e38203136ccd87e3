// Sleep and waking: detects that the page may have slept or the network changed, and keeps the screen on.
// Examples: a closed lid, a frozen tab, another Wi-Fi.

const TICK_MS = 1000;
const LEAP_MS = 4000; // a timer that is later by this much slept

/** Call `woke()` after each sleep or change of network, until `signal` (an AbortSignal) ends it. */
export function onWaking(woke, signal) {
  const listen = (target, type, listener) => target?.addEventListener?.(type, listener, { signal });
  listen(globalThis, "online", woke);
  listen(globalThis, "pageshow", ({ persisted }) => persisted && woke());
  listen(document, "resume", woke); // Page Lifecycle: a frozen tab is resumed
  listen(document, "visibilitychange", () => document.visibilityState === "visible" && woke());
  listen(navigator.connection, "change", woke); // Network Information API, where it exists
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
  const request = async () => {
    if (document.visibilityState !== "visible" || signal.aborted) return; // hiding the page releases the lock
    lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
    if (signal.aborted) lock?.release();
  };
  document.addEventListener("visibilitychange", request, { signal });
  signal.addEventListener("abort", () => lock?.release());
  request();
}
