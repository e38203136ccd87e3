// A level meter: the loudness at a Web Audio node, in dBFS and as a share of a bar.

const QUIETEST_DB = -60;
const LOUDEST_DB = -12;

export class Meter {
  #samples;

  constructor(context) {
    this.node = new AnalyserNode(context, { fftSize: 2048 }); // 43 ms at 48 kHz
    this.#samples = new Float32Array(2048);
  }

  /** Return the loudness of the last 43 ms in dBFS; −100 for silence. */
  db() {
    this.node.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    return Math.max(-100, 10 * Math.log10(sum / this.#samples.length + 1e-10));
  }
}

/** Map dBFS to a bar, 0 to 1: even steps in decibels are even steps to the ear. */
export const share = (db) => Math.min(1, Math.max(0, (db - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB)));
