// How good a connection is, from the browser's figures: one word that a person can use. Pure.

const LIMITS = [
  ["poor", { rttMs: 500, jitterMs: 80, lossPercent: 8, playoutDelayMs: 500 }],
  ["fair", { rttMs: 200, jitterMs: 30, lossPercent: 2, playoutDelayMs: 250 }],
];

/** `stats`: the detail of a Call's `stats`, or null before the first. → "good" | "fair" | "poor" | "unknown" */
export function grade(stats) {
  if (!stats) return "unknown";
  const found = LIMITS.find(([, limits]) => Object.keys(limits).some((name) => stats[name] > limits[name]));
  return found?.[0] ?? "good";
}
