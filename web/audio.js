// The microphone in, and the two voices out: balance between them, and the original ducked while the interpreter
// speaks. Needs a browser: getUserMedia, WebAudio, and a media element for each remote track.

import { Meter } from "./meter.js";

const VOICES = ["interpreter", "original"];
const DUCKED = 0.2; // −14 dB: still there, no longer in the way
const DUCK_S = 0.06; // time constants: down at once,
const RELEASE_S = 0.3; // up gently, also covering what is still in the jitter buffer when `end` arrives

/** → an audio MediaStream. Throws the DOMException of getUserMedia, or one named `InsecureOrigin`. */
export async function openMicrophone(deviceId) {
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("", "InsecureOrigin");
  return navigator.mediaDevices.getUserMedia({
    audio: {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      channelCount: 1,
      ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
    },
  });
}

/** Plays `interpreter` and `original`. Make it in a click, or the browser may keep it silent until one. */
export class Mixer {
  #elements = new Map(); // voice → <audio>, muted
  #sources = new Map(); // voice → MediaStreamAudioSourceNode
  #speaking = new Set(); // "utterance/segment" that the interpreter is speaking to me
  #balance = 0.65;
  #interpreted = true;

  constructor(context = new AudioContext({ latencyHint: "interactive" })) {
    this.context = context;
    this.output = context.createGain();
    this.output.connect(context.destination);
    this.gains = { interpreter: context.createGain(), original: context.createGain() };
    this.meters = { interpreter: new Meter(context), original: new Meter(context) };
    for (const gain of Object.values(this.gains)) gain.connect(this.output);
    this.#level();
  }

  /** Only after a gesture; harmless when it already runs. */
  resume() {
    return this.context.resume();
  }

  /** Each a MediaStreamTrack or null. */
  setTracks(tracks) {
    for (const voice of VOICES) this.#attach(voice, tracks[voice]);
  }

  #attach(voice, track) {
    const before = this.#elements.get(voice);
    if (before?.srcObject?.getAudioTracks()[0] === track) return;
    this.#sources.get(voice)?.disconnect();
    this.#sources.delete(voice);
    if (before) before.srcObject = null;
    if (!track) return;
    const stream = new MediaStream([track]);
    const element = before ?? new Audio();
    element.muted = true; // Chromium decodes a remote track for WebAudio only while an element plays it
    element.srcObject = stream;
    element.play().catch(() => {}); // interrupted by the next srcObject: that one plays
    this.#elements.set(voice, element);
    const source = this.context.createMediaStreamSource(stream);
    source.connect(this.gains[voice]);
    source.connect(this.meters[voice].node); // before the gain: as it was said, whatever the balance
    this.#sources.set(voice, source);
  }

  /** What of a voice reaches the loudspeaker, in dBFS. */
  played(voice) {
    return this.meters[voice].db() + 20 * Math.log10(this.gains[voice].gain.value + 1e-5);
  }

  /** 0: the original only · 0.5: both in full · 1: the interpreter only */
  set balance(value) {
    this.#balance = value;
    this.#level();
  }

  get balance() {
    return this.#balance;
  }

  /** False where nothing is translated: then the original is the call, whatever the balance. */
  set interpreted(value) {
    this.#interpreted = value;
    this.#level();
  }

  get ducking() {
    return this.#speaking.size > 0;
  }

  /** A `speech_audio` or `utterance_end` message that is meant for me. */
  follow({ type, utteranceId, segment, state }) {
    if (type === "speech_audio" && state === "start") {
      this.#speaking.add(`${utteranceId}/${segment}`);
    } else if (type === "speech_audio") {
      this.#speaking.delete(`${utteranceId}/${segment}`);
    } else if (type === "utterance_end") {
      for (const key of this.#speaking) if (key.startsWith(`${utteranceId}/`)) this.#speaking.delete(key);
    }
    this.#level();
  }

  /** The line is gone, and with it the `end` that would have come. */
  release() {
    this.#speaking.clear();
    this.#level();
  }

  async close() {
    this.setTracks({ interpreter: null, original: null });
    await this.context.close();
  }

  #level() {
    const original = this.#interpreted ? Math.min(1, 2 * (1 - this.#balance)) : 1;
    const interpreter = this.#interpreted ? Math.min(1, 2 * this.#balance) : 1;
    const ducked = this.ducking ? DUCKED : 1;
    const now = this.context.currentTime;
    this.gains.original.gain.setTargetAtTime(original * ducked, now, this.ducking ? DUCK_S : RELEASE_S);
    this.gains.interpreter.gain.setTargetAtTime(interpreter, now, DUCK_S);
  }
}
