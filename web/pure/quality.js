// Connection quality in one word, from the browser's statistics. Pure.

const LIMITS = [
  ["poor", { rttMs: 500, jitterMs: 80, lossPercent: 8, playoutDelayMs: 500 }],
  ["fair", { rttMs: 200, jitterMs: 30, lossPercent: 2, playoutDelayMs: 250 }],
];

/**
 * Grade a connection. → "good" | "fair" | "poor" | "unknown".
 * `stats`: the detail of a Call's `stats` event, or null before the first.
 */
export function grade(stats) {
  if (!stats) return "unknown";
  const found = LIMITS.find(([, limits]) => Object.keys(limits).some((name) => stats[name] > limits[name]));
  return found?.[0] ?? "good";
}
