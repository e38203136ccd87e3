// Notices that nothing is heard any more, whatever the system did to the audio, and gets it back in one click.

import { SoundClock } from "../pure/sound-clock.js";

const LOOK_MS = 500;
const SILENT_LOOKS = 2; // in a row: an AudioContext may need a moment to start
const RESUME_MS = 3000; // between two attempts without a click: where an interruption is over, no click is needed
const STEP_MS = 100;
const RESUMED_MS = 800; // time for each way to get the sound back
const RENEWED_MS = 1500;

export class SoundWatch {
  #mixer;
  #changed;
  #signal;
  #clock = new SoundClock();
  #silentLooks = 0;
  #resumedAt = -Infinity;
  #restoring = false;

  /** `changed(plays)`: called when the sound stops, and when it plays again. `signal` ends the watch. */
  constructor({ mixer, changed, signal }) {
    this.#mixer = mixer;
    this.#changed = changed;
    this.#signal = signal;
    this.plays = null; // before the first look that tells
    mixer.addEventListener("change", () => this.look(), { signal });
    const timer = setInterval(() => this.look(), LOOK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  /** Look now, too: after a sleep, a change of state. */
  look() {
    if (this.#restoring) return;
    const now = performance.now();
    const { state, timeS, blocked } = this.#mixer.sound;
    const heard = (state === null || this.#clock.plays(now, state, timeS)) && !blocked;
    this.#silentLooks = heard ? 0 : this.#silentLooks + 1;
    if (!heard && now - this.#resumedAt > RESUME_MS) {
      this.#resumedAt = now;
      this.#mixer.resume();
    }
    if (heard || this.#silentLooks >= SILENT_LOOKS) this.#set(heard);
  }

  /** Get the sound back, in a click: by resuming, else by another AudioContext, else without any. → true if heard */
  async restore() {
    if (this.#restoring) return this.plays;
    this.#restoring = true;
    try {
      const heard = await this.#restored();
      this.#clock = new SoundClock();
      this.#silentLooks = 0;
      if (!this.#signal.aborted) this.#set(heard);
      return heard;
    } finally {
      this.#restoring = false;
    }
  }

  async #restored() {
    const { state } = this.#mixer.sound;
    if (state !== "closed" && state !== "running") { // a running one is here because its clock stands
      this.#mixer.resume();
      if (await this.#comes(RESUMED_MS)) return true;
    }
    if (this.#signal.aborted) return false;
    this.#mixer.renew();
    if (await this.#comes(RENEWED_MS)) return true;
    if (this.#signal.aborted) return false;
    this.#mixer.playByElements();
    this.#mixer.resume();
    return this.#comes(RESUMED_MS);
  }

  async #comes(withinMs) {
    const before = this.#mixer.sound.timeS;
    for (let waitedMs = 0; waitedMs < withinMs && !this.#signal.aborted; waitedMs += STEP_MS) {
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
      const { state, timeS, blocked } = this.#mixer.sound;
      if (!blocked && (state === null || (state === "running" && timeS > before))) return true;
    }
    return false;
  }

  #set(plays) {
    if (plays === this.plays) return;
    this.plays = plays;
    this.#changed(plays);
  }
}
