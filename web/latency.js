// Where the time goes between a last word and the first sound of its translation, stage by stage. Pure.

const NOTHING_MS = 15; // a remainder below this is rounding, not waiting

export const STAGES = ["endpoint", "stt", "translation", "tts", "queue", "network", "playout"];

/**
 * `latency`: of an `utterance_end` · `line`: `{networkMs, playoutMs}`, null where this page cannot know it.
 * → `{stages: [{stage, startMs, ms}], totalMs}`, or null where nothing was spoken. 0 is the speaker's last voiced
 * frame: what was done while they were still speaking starts below it.
 */
export function waterfall(latency, { networkMs = null, playoutMs = null } = {}) {
  if (latency?.firstAudioMs == null) return null;
  const { endpointMs, sttMs, translationMs, ttsMs, firstAudioMs } = latency;
  const known = { endpoint: endpointMs, stt: sttMs, translation: translationMs, tts: ttsMs };
  const sum = Object.values(known).reduce((total, ms) => total + (ms ?? 0), 0);
  const rest = firstAudioMs - sum;
  const told = { ...known, queue: rest > NOTHING_MS ? rest : null, network: networkMs, playout: playoutMs };
  const stages = [];
  let at = Math.min(0, rest);
  for (const stage of STAGES) {
    const ms = told[stage];
    if (ms == null) continue;
    stages.push({ stage, startMs: Math.round(at), ms: Math.round(ms) });
    at += ms;
  }
  return { stages, totalMs: Math.round(firstAudioMs + (networkMs ?? 0) + (playoutMs ?? 0)) };
}
