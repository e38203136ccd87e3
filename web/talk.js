// Whether the microphone is heard: open, muted, or only while a button is held (push to talk).

// The capture and the encoder are some tens of milliseconds behind the finger that lets go.
const TAIL_MS = 120;

export class Talk {
  #pushToTalk = false;
  #muted = false;
  #held = false;
  #tail = null;

  /** `track`: the microphone's MediaStreamTrack · `released`: called when a held utterance is over. */
  constructor(track, released) {
    this.track = track;
    this.released = released;
  }

  /** Another microphone: it is heard or not as the one before. */
  replace(track) {
    this.track = track;
    this.#apply();
  }

  get muted() {
    return this.#muted;
  }

  set muted(on) {
    this.#muted = on;
    this.#apply();
  }

  set pushToTalk(on) {
    this.release();
    this.#pushToTalk = on;
    this.#muted = false;
    if (!this.#tail) this.#apply();
  }

  get pushToTalk() {
    return this.#pushToTalk;
  }

  hold() {
    clearTimeout(this.#tail);
    this.#tail = null;
    this.#held = true;
    this.#apply();
  }

  release() {
    if (!this.#held) return;
    this.#held = false;
    this.#tail = setTimeout(() => {
      this.#tail = null;
      this.#apply();
      this.released();
    }, TAIL_MS);
  }

  #apply() {
    this.track.enabled = this.#pushToTalk ? this.#held : !this.#muted;
  }
}
