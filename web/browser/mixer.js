// The two voices as they are played: their balance, and the original ducked while the interpreter speaks.
// Needs WebAudio and a media element for each remote track.

import { Meter } from "./meter.js";

const VOICES = ["interpreter", "original"];
const DUCKED = 0.2; // −14 dB: still there, no longer in the way
const DUCK_S = 0.06; // time constants: down at once,
const RELEASE_S = 0.3; // up gently: speech may still be in the jitter buffer when `end` arrives

/** Player of `interpreter` and `original`. Create it in a click, or the browser may keep it silent until one. */
export class Mixer {
  #elements = new Map(); // voice → <audio>, muted
  #sources = new Map(); // voice → MediaStreamAudioSourceNode
  #speaking = new Set(); // "utterance/segment" of what the interpreter is speaking to me
  #balance = 0.65;
  #interpreted = true;

  constructor(context = new AudioContext({ latencyHint: "interactive" })) {
    this.context = context;
    this.output = context.createGain();
    this.output.connect(context.destination);
    this.gains = { interpreter: context.createGain(), original: context.createGain() };
    this.meters = { interpreter: new Meter(context), original: new Meter(context) };
    for (const gain of Object.values(this.gains)) gain.connect(this.output);
    this.#setGains();
  }

  /** Start the audio, where the user has made a gesture; harmless when it runs. */
  resume() {
    return this.context.resume();
  }

  /** Play `{interpreter, original}`, each a MediaStreamTrack or null. */
  setTracks(tracks) {
    for (const voice of VOICES) this.#attach(voice, tracks[voice]);
  }

  #attach(voice, track) {
    const existing = this.#elements.get(voice);
    if (existing?.srcObject?.getAudioTracks()[0] === track) return;
    this.#sources.get(voice)?.disconnect();
    this.#sources.delete(voice);
    if (existing) existing.srcObject = null;
    if (!track) return;
    const stream = new MediaStream([track]);
    const element = existing ?? new Audio();
    element.muted = true; // Chromium decodes a remote track for WebAudio only while an element plays it
    element.srcObject = stream;
    element.play().catch(() => {}); // interrupted by the next srcObject: that one plays
    this.#elements.set(voice, element);
    const source = this.context.createMediaStreamSource(stream);
    source.connect(this.gains[voice]);
    source.connect(this.meters[voice].node); // before the gain: independent of the balance
    this.#sources.set(voice, source);
  }

  /** Return the level at which a voice is played, in dBFS. */
  playedDb(voice) {
    return this.meters[voice].db() + 20 * Math.log10(this.gains[voice].gain.value + 1e-5);
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

  async close() {
    this.setTracks({ interpreter: null, original: null });
    await this.context.close();
  }

  #setGains() {
    const original = this.#interpreted ? Math.min(1, 2 * (1 - this.#balance)) : 1;
    const interpreter = this.#interpreted ? Math.min(1, 2 * this.#balance) : 1;
    const ducked = this.ducking ? DUCKED : 1;
    const now = this.context.currentTime;
    this.gains.original.gain.setTargetAtTime(original * ducked, now, this.ducking ? DUCK_S : RELEASE_S);
    this.gains.interpreter.gain.setTargetAtTime(interpreter, now, DUCK_S);
  }
}
