// Tells when the page may have slept or the network changed: a lid, a frozen tab, another Wi-Fi. And keeps the
// screen on while one reads.

const TICK_MS = 1000;
const LEAP_MS = 4000; // a timer this late was not delayed, it slept

/** Calls `woke()` then, until `signal` (an AbortSignal) ends it. */
export function onWaking(woke, signal) {
  const listen = (target, type, listener) => target?.addEventListener?.(type, listener, { signal });
  listen(globalThis, "online", woke);
  listen(globalThis, "pageshow", ({ persisted }) => persisted && woke());
  listen(document, "resume", woke); // Page Lifecycle: a frozen tab goes on
  listen(document, "visibilitychange", () => document.visibilityState === "visible" && woke());
  listen(navigator.connection, "change", woke); // Network Information, where there is one
  let before = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    if (now - before > TICK_MS + LEAP_MS) woke();
    before = now;
  }, TICK_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
}

/** Until `signal` ends it; a browser that lacks it, or refuses, lets the screen go dark as always. */
export function keepAwake(signal) {
  let lock = null;
  const ask = async () => {
    if (document.visibilityState !== "visible" || signal.aborted) return; // it is lost with each hiding
    lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
    if (signal.aborted) lock?.release();
  };
  document.addEventListener("visibilitychange", ask, { signal });
  signal.addEventListener("abort", () => lock?.release());
  ask();
}
