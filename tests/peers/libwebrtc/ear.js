// What one line lets us hear, written down as it is played: 48 kHz mono, 16 bit, without a header.

import { closeSync, openSync, writeSync } from 'node:fs';
import wrtc from '@roamhq/wrtc';
import { RATE } from './microphone.js';

export class Ear {
  /** The file begins at `began` (ms since 1970) and goes on without a hole until `stop`. */
  constructor(track, path) {
    this.path = path;
    this.began = 0;
    this.file = openSync(path, 'w');
    this.sink = new wrtc.nonstandard.RTCAudioSink(track);
    this.sink.ondata = (data) => this.#hear(data);
  }

  stop() {
    this.sink.stop();
    this.sink.ondata = null;
    if (this.file !== null) closeSync(this.file);
    this.file = null;
  }

  #hear({ samples, sampleRate, channelCount }) {
    if (this.file === null) return;
    this.began ||= Date.now();
    const length = RATE / 100;
    const frames = samples.length / channelCount;
    const mono = new Int16Array(length);
    // The engine plays silence at whatever rate until the first packet; speech comes at 48 kHz.
    for (let at = 0; at < length; at += 1) mono[at] = samples[Math.floor((at * frames) / length) * channelCount];
    if (sampleRate !== RATE && mono.some((sample) => sample !== 0)) throw new Error(`speech at ${sampleRate} Hz`);
    writeSync(this.file, mono);
  }
}
