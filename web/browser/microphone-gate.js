// The microphone's gate: open, muted, or open only while a button is held (push-to-talk).

// Capture runs behind the finger that releases the button: by tens of milliseconds, by up to 200 on a wireless headset.
const TAIL_MS = 200;

export class MicrophoneGate {
  #pushToTalk = false;
  #muted = false;
  #held = false;
  #tail = null;

  /** `track`: the microphone's MediaStreamTrack · `released()`: called when the audio of a held utterance is over. */
  constructor(track, released) {
    this.track = track;
    this.released = released;
  }

  /** Replace the microphone; the gate stays as it is. */
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
