// The latency that a listener experiences, by the loudness of voices as they are played.
// It is the time from the end of the partner's own voice to the interpreter's first sound.
// Pure: levels and times are given.

const VOICED_DB = -50;
const SENTENCE_GAP_MS = 400; // a shorter gap in the interpreter's voice is within a sentence
const OVERLAP_MS = 80; // a partner who was quiet for less still speaks
const MAX_LATENCY_MS = 15_000;

export class HeardLatency {
  #originalAt = null; // time of the partner's last voice that no translation has answered
  #interpreterAt = -Infinity;

  /**
   * Take the levels of both voices, in dBFS, at `nowMs`. Return the latency in ms when the interpreter has just begun
   * to answer, else null.
   */
  feed(nowMs, originalDb, interpreterDb) {
    if (originalDb > VOICED_DB) this.#originalAt = nowMs;
    if (interpreterDb <= VOICED_DB) return null;
    const begins = nowMs - this.#interpreterAt > SENTENCE_GAP_MS;
    this.#interpreterAt = nowMs;
    if (!begins || this.#originalAt === null) return null;
    const latencyMs = nowMs - this.#originalAt;
    if (latencyMs < OVERLAP_MS) return null; // both speak at the same time: nobody waits
    this.#originalAt = null;
    return latencyMs < MAX_LATENCY_MS ? latencyMs : null;
  }
}
