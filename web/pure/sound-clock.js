// Decides whether sound is being played, by an AudioContext's state and by its clock. Pure: times are given.

const STANDING_MS = 2500; // a clock that has not moved for longer stands
const LATE_MS = 1600; // a look that comes later than this after the one before: the page slept, or the machine stalled

export class SoundClock {
  #timeS = null;
  #movedAt = 0;
  #lookedAt = -Infinity;

  /** Take the context's `state` and `currentTime` at `nowMs`. Return true if it plays. Looks should be regular. */
  plays(nowMs, state, timeS) {
    if (timeS !== this.#timeS || nowMs - this.#lookedAt > LATE_MS) this.#movedAt = nowMs;
    this.#timeS = timeS;
    this.#lookedAt = nowMs;
    return state === "running" && nowMs - this.#movedAt <= STANDING_MS;
  }
}
