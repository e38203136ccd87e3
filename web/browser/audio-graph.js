// One AudioContext with what is played and measured in it: two voices with their gains, and three meters.

import { Meter } from "./meter.js";
import { ornament } from "./ornament.js";

/** Make an AudioContext. Throws what the browser throws where it gives none. */
export function makeContext() {
  const Context = globalThis.AudioContext ?? globalThis.webkitAudioContext;
  return new Context({ latencyHint: "interactive" });
}

export class AudioGraph {
  #sources = new Map(); // "interpreter" | "original" | "microphone" → its MediaStreamAudioSourceNode

  /** Throws where the browser gives no AudioContext. */
  constructor(context = makeContext()) {
    this.context = context;
    try {
      this.gains = { interpreter: context.createGain(), original: context.createGain() };
      for (const gain of Object.values(this.gains)) gain.connect(context.destination);
    } catch (error) {
      this.close();
      throw error;
    }
    this.meters = { interpreter: new Meter(context), original: new Meter(context), microphone: new Meter(context) };
  }

  /** Play a voice, or only measure the microphone; a null stream ends it. Return false where the browser refuses. */
  attach(name, stream) {
    ornament("Web Audio", () => this.#sources.get(name)?.disconnect());
    this.#sources.delete(name);
    if (stream === null) return true;
    const connect = () => {
      // Firefox refuses a microphone of another rate than its loudspeaker's, as many headsets have.
      const source = this.context.createMediaStreamSource(stream);
      if (name in this.gains) source.connect(this.gains[name]);
      this.#sources.set(name, source);
      this.meters[name].measure(source); // before the gain: independent of the balance
      return true;
    };
    return ornament(`Web Audio of the ${name}`, connect, false);
  }

  /** Let a voice's gain approach `value` with a time constant of `seconds`. */
  setGain(voice, value, seconds) {
    const { gain } = this.gains[voice];
    const approach = () => (gain.setTargetAtTime(value, this.context.currentTime, seconds), true);
    if (!ornament("Gentle gains", approach, false)) ornament("Gains", () => (gain.value = value));
  }

  gainOf(voice) {
    return this.gains[voice].gain.value;
  }

  close() {
    for (const name of [...this.#sources.keys()]) this.attach(name, null);
    ornament("The end of Web Audio", () => this.context.state === "closed" || this.context.close());
  }
}
