// A recording of one received voice as it is played: 48 kHz mono, 16 bit, without a header.

import { closeSync, openSync, writeSync } from 'node:fs';
import wrtc from '@roamhq/wrtc';
import { RATE } from './microphone.js';

export class Recorder {
  /** Record `track` into the file `path`, without a hole from `began` (ms since 1970) until `stop`. */
  constructor(track, path) {
    this.path = path;
    this.began = 0;
    this.file = openSync(path, 'w');
    this.sink = new wrtc.nonstandard.RTCAudioSink(track);
    this.sink.ondata = (data) => this.#record(data);
  }

  stop() {
    this.sink.stop();
    this.sink.ondata = null;
    if (this.file !== null) closeSync(this.file);
    this.file = null;
  }

  #record({ samples, sampleRate, channelCount }) {
    if (this.file === null) return;
    this.began ||= Date.now();
    const length = RATE / 100;
    const frames = samples.length / channelCount;
    const mono = new Int16Array(length);
    // Until the first packet the engine plays silence at any rate. Speech comes at 48 kHz.
    for (let at = 0; at < length; at += 1) mono[at] = samples[Math.floor((at * frames) / length) * channelCount];
    if (sampleRate !== RATE && mono.some((sample) => sample !== 0)) throw new Error(`speech at ${sampleRate} Hz`);
    writeSync(this.file, mono);
  }
}
