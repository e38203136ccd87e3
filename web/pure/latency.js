// Latency by stage, from a speaker's last word to the first sound of its translation. Pure.

const ROUNDING_MS = 15; // a smaller remainder is no queueing

export const STAGES = ["endpoint", "stt", "translation", "tts", "queue", "network", "playout"];

/**
 * Lay out the stages of one utterance. `latency`: of its `utterance_end`. `networkMs`, `playoutMs`: of the listener's
 * connection, null where this page cannot know them.
 * → `{stages: [{stage, startMs, ms}], totalMs}`, or null where nothing was spoken. `startMs` counts from the speaker's
 * last voiced frame; it is negative for work done while they still spoke.
 */
export function waterfall(latency, { networkMs = null, playoutMs = null } = {}) {
  if (latency?.firstAudioMs == null) return null;
  const { endpointMs, sttMs, translationMs, ttsMs, firstAudioMs } = latency;
  const known = { endpoint: endpointMs, stt: sttMs, translation: translationMs, tts: ttsMs };
  const sum = Object.values(known).reduce((total, ms) => total + (ms ?? 0), 0);
  const rest = firstAudioMs - sum;
  const durations = { ...known, queue: rest > ROUNDING_MS ? rest : null, network: networkMs, playout: playoutMs };
  const stages = [];
  let startMs = Math.min(0, rest);
  for (const stage of STAGES) {
    const ms = durations[stage];
    if (ms == null) continue;
    stages.push({ stage, startMs: Math.round(startMs), ms: Math.round(ms) });
    startMs += ms;
  }
  return { stages, totalMs: Math.round(firstAudioMs + (networkMs ?? 0) + (playoutMs ?? 0)) };
}
