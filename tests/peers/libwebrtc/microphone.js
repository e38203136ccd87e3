// A microphone that plays given samples: 10 ms of them every 10 ms, as a sound card does.

import wrtc from '@roamhq/wrtc';

export const RATE = 48000;
const BLOCK = RATE / 100;
const SILENCE = new Int16Array(BLOCK);

export class Microphone {
  constructor() {
    this.source = new wrtc.nonstandard.RTCAudioSource();
    this.track = this.source.createTrack();
    this.clips = [];
    this.sent = 0;
    this.began = performance.now();
    this.timer = setInterval(() => this.#keepUp(), 5);
  }

  /** Play 48 kHz mono samples after all earlier ones. Resolves when the last block has been sent. */
  say(samples) {
    return new Promise((resolve) => this.clips.push({ samples, at: 0, resolve }));
  }

  stop() {
    clearInterval(this.timer);
    this.track.stop();
  }

  #keepUp() {
    const due = Math.floor((performance.now() - this.began) / 10);
    for (; this.sent < due; this.sent += 1) {
      this.source.onData({
        samples: this.#block(),
        sampleRate: RATE,
        bitsPerSample: 16,
        channelCount: 1,
        numberOfFrames: BLOCK,
      });
    }
  }

  #block() {
    const [clip] = this.clips;
    if (!clip) return SILENCE.slice();
    const block = new Int16Array(BLOCK);
    block.set(clip.samples.subarray(clip.at, clip.at + BLOCK));
    clip.at += BLOCK;
    if (clip.at >= clip.samples.length) {
      this.clips.shift();
      clip.resolve();
    }
    return block;
  }
}
