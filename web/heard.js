// What the listener lives through: from the end of the partner's own voice to the interpreter's first sound, by
// the loudness of both as they are played here. Pure: it is fed with levels and a clock.

const VOICED_DB = -50;
const PAUSE_MS = 400; // a shorter gap in the interpreter's voice is within a sentence
const OVER_MS = 80; // the partner has to have been quiet for so long, or they speak on
const OLDEST_MS = 15_000;

export class HeardLatency {
  #originalAt = null; // when the partner's voice was last heard, until a translation answered it
  #interpreterAt = -Infinity;

  /** dBFS of both voices at `nowMs` → ms, when the interpreter has just begun to answer; else null */
  feed(nowMs, originalDb, interpreterDb) {
    if (originalDb > VOICED_DB) this.#originalAt = nowMs;
    if (interpreterDb <= VOICED_DB) return null;
    const begins = nowMs - this.#interpreterAt > PAUSE_MS;
    this.#interpreterAt = nowMs;
    if (!begins || this.#originalAt === null) return null;
    const latency = nowMs - this.#originalAt;
    if (latency < OVER_MS) return null; // they speak at the same time: nobody waits
    this.#originalAt = null;
    return latency < OLDEST_MS ? latency : null;
  }
}
