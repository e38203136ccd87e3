// The two voices as they are played: their balance, and the original ducked while the interpreter speaks.
// Mixed by Web Audio; where that fails, the media elements that carry the tracks play them.

import { AudioGraph } from "./audio-graph.js";
import { SILENT_DB } from "./meter.js";
import { ornament } from "./ornament.js";

const VOICES = ["interpreter", "original"];
const DUCKED = 0.2; // −14 dB: still there, no longer in the way
const DUCK_S = 0.06; // time constants: down at once,
const RELEASE_S = 0.3; // up gently: speech may still be in the jitter buffer when `end` arrives

/**
 * Player of `interpreter` and `original`; it never throws. Create it in a click, or the browser may keep it silent
 * until one. Event `change`: the state of the AudioContext is another one.
 */
export class Mixer extends EventTarget {
  #makeGraph;
  #graph = null; // null where the browser gives no AudioContext
  #tracks = { interpreter: null, original: null, microphone: null };
  #elements = new Map(); // voice → <audio>
  #byElement = new Set(); // voices that their element plays, since Web Audio does not
  #speaking = new Set(); // "utterance/segment" of what the interpreter is speaking to me
  #balance = 0.65;
  #interpreted = true;

  constructor(makeGraph = () => new AudioGraph()) {
    super();
    this.#makeGraph = makeGraph;
    this.#begin();
  }

  /** The AudioContext, or null. */
  get context() {
    return this.#graph?.context ?? null;
  }

  /** `{interpreter, original}`, each a GainNode, or null without Web Audio. */
  get gains() {
    return this.#graph?.gains ?? null;
  }

  /**
   * What tells whether anything is heard. `state`, `timeS`: of the AudioContext, `state` null where no voice needs it ·
   * `blocked`: an element that should play is paused.
   */
  get sound() {
    const needed = this.#graph !== null && VOICES.some((voice) => !this.#byElement.has(voice));
    const blocked = [...this.#byElement].some((voice) => this.#elements.get(voice)?.paused);
    return { state: needed ? this.context.state : null, timeS: needed ? this.context.currentTime : 0, blocked };
  }

  /** Start the audio, where the user has made a gesture; harmless when it runs. */
  resume() {
    ornament("Starting Web Audio", () => this.context?.resume());
    for (const [voice, element] of this.#elements) {
      // A phone pauses the elements of a page that it interrupts, and leaves them so.
      if (this.#tracks[voice] !== null && element.paused) play(element);
    }
  }

  /** Make the audio anew, with another AudioContext: one that was closed, or whose clock stands, does not come back. */
  renew() {
    this.#graph?.close();
    this.#begin();
    this.resume();
  }

  /** Play both voices by their elements from now on. */
  playByElements() {
    this.#graph?.close();
    this.#graph = null;
    for (const voice of VOICES) this.#play(voice);
  }

  /** Play `{interpreter, original}`, each a MediaStreamTrack or null. */
  setTracks(tracks) {
    for (const voice of VOICES) {
      const track = tracks[voice] ?? null;
      if (this.#tracks[voice] === track) continue;
      this.#tracks[voice] = track;
      this.#play(voice);
    }
  }

  /** Set the microphone to measure, a MediaStreamTrack or null. It is not played. */
  set microphone(track) {
    this.#tracks.microphone = track;
    this.#graph?.attach("microphone", streamOf(track));
  }

  /** Return the loudness of `interpreter`, `original` or `microphone` as it arrives, in dBFS. */
  db(name) {
    return this.#graph?.meters[name].db() ?? SILENT_DB;
  }

  /** Return the level at which a voice is played, in dBFS. */
  playedDb(voice) {
    return this.db(voice) + 20 * Math.log10((this.#graph?.gainOf(voice) ?? 1) + 1e-5);
  }

  /** Set the balance. 0: the original only · 0.5: both in full · 1: the interpreter only */
  set balance(value) {
    this.#balance = value;
    this.#setGains();
  }

  get balance() {
    return this.#balance;
  }

  /** Set to false where nothing is translated: the original is then played in full, whatever the balance. */
  set interpreted(value) {
    this.#interpreted = value;
    this.#setGains();
  }

  get ducking() {
    return this.#speaking.size > 0;
  }

  /** Follow the interpreter's speech to me: apply a `speech_audio` or `utterance_end` message. */
  follow({ type, utteranceId, segment, state }) {
    if (type === "speech_audio" && state === "start") {
      this.#speaking.add(`${utteranceId}/${segment}`);
    } else if (type === "speech_audio") {
      this.#speaking.delete(`${utteranceId}/${segment}`);
    } else if (type === "utterance_end") {
      for (const key of this.#speaking) if (key.startsWith(`${utteranceId}/`)) this.#speaking.delete(key);
    }
    this.#setGains();
  }

  /** End the ducking: the connection is lost, and no `end` will come. */
  endDucking() {
    this.#speaking.clear();
    this.#setGains();
  }

  close() {
    this.setTracks({});
    this.microphone = null;
    this.#graph?.close();
  }

  #begin() {
    this.#graph = ornament("Web Audio", this.#makeGraph, null);
    ornament("The state of Web Audio", () => {
      this.context?.addEventListener("statechange", () => this.dispatchEvent(new Event("change")));
    });
    for (const voice of VOICES) this.#play(voice);
    this.microphone = this.#tracks.microphone;
    this.#setGains();
  }

  #play(voice) {
    const stream = streamOf(this.#tracks[voice]);
    const mixed = this.#graph?.attach(voice, stream) ?? false;
    if (stream === null || mixed) this.#byElement.delete(voice);
    else this.#byElement.add(voice);
    const element = this.#elements.get(voice) ?? (stream && new Audio());
    if (!element) return;
    this.#elements.set(voice, element);
    element.muted = mixed; // Chromium decodes a remote track for Web Audio only while an element plays it
    element.srcObject = stream;
    if (stream) play(element);
    this.#setGains();
  }

  #setGains() {
    const original = this.#interpreted ? Math.min(1, 2 * (1 - this.#balance)) : 1;
    const interpreter = this.#interpreted ? Math.min(1, 2 * this.#balance) : 1;
    this.#setGain("original", original * (this.ducking ? DUCKED : 1), this.ducking ? DUCK_S : RELEASE_S);
    this.#setGain("interpreter", interpreter, DUCK_S);
  }

  #setGain(voice, value, seconds) {
    this.#graph?.setGain(voice, value, seconds);
    if (this.#byElement.has(voice)) ornament("The volume", () => (this.#elements.get(voice).volume = value));
  }
}

const streamOf = (track) => (track ? ornament("A track's stream", () => new MediaStream([track]), null) : null);

/** Play an element; one that is interrupted by its next stream plays that one. */
function play(element) {
  try {
    element.play()?.catch(() => {});
  } catch {
    // without its gesture: the button asks for one
  }
}
