// Keeps a working microphone: notices one that ended or that the system took away, and opens it again.

import { openPreferred } from "./microphone.js";

const TAKEN_MS = 3000; // a shorter silence is a switch between two devices
const WAKING_MS = 1000; // a system that muted a hidden page gives the microphone back by itself

/** Return what happened to a microphone that cannot be opened, by the error: as `told` of a MicrophoneKeeper. */
function loss({ name }) {
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  return name === "NotFoundError" || name === "OverconstrainedError" ? "gone" : "taken";
}

/**
 * `told(what)`: "lost" (unplugged, another is in use), "reopened" (after the system took it), "back" (the system gave it
 * back), or why there is none: "gone" (unplugged, there is no other), "refused" (no permission any more), "taken" (by
 * the system, another program, a switch).
 */
export class MicrophoneKeeper {
  #track = null;
  #listeners = null; // of the present track
  #timer = null;
  #opening = false;

  /**
   * `use(track)`: replaces the microphone, and calls `watch` · `changed(lost)`: `lost` is true while a click is needed ·
   * `signal` ends the watch · `open`: `async () => MediaStream`
   */
  constructor({ use, told, changed, signal, open = openPreferred }) {
    Object.assign(this, { use, told, changed, signal, open });
    this.lost = false;
    signal.addEventListener("abort", () => this.#forget());
  }

  /** Watch this track from now on, and no other. */
  watch(track) {
    this.#forget();
    this.#track = track;
    this.#listeners = new AbortController();
    const on = (type, listener) => track.addEventListener(type, listener, { signal: this.#listeners.signal });
    on("ended", () => this.#reopen("lost"));
    on("mute", () => this.#onMute());
    on("unmute", () => this.#onUnmute());
    if (track.muted) this.#onMute();
    else this.#set(false);
    if (track.readyState === "ended") this.#reopen("lost");
  }

  /** Open a lost microphone again: after a click, or where a device has come. */
  retry() {
    if (this.lost && !this.signal.aborted) this.#reopen("reopened");
  }

  /** Open a lost microphone again after a sleep, where it does not come back by itself. */
  wake() {
    setTimeout(() => this.retry(), WAKING_MS);
  }

  #onMute() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.lost) return;
      // A hidden page that opens it would take it from the page that is in front, and that one take it back.
      if (document.visibilityState === "hidden") this.#lose("taken");
      else this.#reopen("reopened");
    }, TAKEN_MS);
  }

  #onUnmute() {
    clearTimeout(this.#timer);
    if (!this.lost) return;
    this.#set(false);
    this.told("back");
  }

  async #reopen(opened) {
    if (this.#opening) return;
    this.#opening = true;
    const before = this.#track;
    let track = null;
    let failed = "taken";
    try {
      [track] = (await this.open()).getAudioTracks();
    } catch (error) {
      if (before.readyState === "ended" || opened === "lost") failed = loss(error);
    }
    this.#opening = false;
    if (this.signal.aborted || before !== this.#track) { // the call is over, or another was chosen meanwhile
      track?.stop();
      return;
    }
    if (track !== null) await this.use(track);
    if (track === null || track.muted) return this.#lose(failed);
    this.#set(false);
    this.told(opened);
  }

  #lose(what) {
    this.#set(true);
    this.told(what);
  }

  #set(lost) {
    if (lost === this.lost) return;
    this.lost = lost;
    this.changed(lost);
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#listeners?.abort();
  }
}
