// A level meter: the loudness at a Web Audio node, in dBFS and as a share of a bar. An ornament: it never throws.

import { ornament } from "./ornament.js";

export const SILENT_DB = -100;
const QUIETEST_DB = -60;
const LOUDEST_DB = -12;

export class Meter {
  #analyser;
  #samples = new Float32Array(2048); // 43 ms at 48 kHz

  constructor(context) {
    this.#analyser = ornament("The meter", () => analyserOf(context, this.#samples.length), null);
  }

  /** Measure this node, too. Return false where nothing can be measured. */
  measure(node) {
    const connect = () => (node.connect(this.#analyser), true);
    return this.#analyser !== null && ornament("The meter", connect, false);
  }

  /** Return the loudness of the last 43 ms in dBFS; −100 for silence, and where nothing can be measured. */
  db() {
    return this.#analyser === null ? SILENT_DB : ornament("The meter", () => this.#loudness(), SILENT_DB);
  }

  #loudness() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    return Math.max(SILENT_DB, 10 * Math.log10(sum / this.#samples.length + 1e-10));
  }
}

function analyserOf(context, fftSize) {
  const analyser = context.createAnalyser();
  analyser.fftSize = fftSize;
  return analyser;
}

/** Map dBFS to a bar, 0 to 1: even steps in decibels are even steps to the ear. */
export const share = (db) => Math.min(1, Math.max(0, (db - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB)));
