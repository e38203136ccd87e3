// Looks at a connection's statistics as long as it carries the call, and tells the server of them. No DOM.

import { summarise } from "./stats.js";

const FIRST_MS = 1000;
const STATS_MS = 5000;

/** Event `stats`, detail: as `summarise` tells, and `heardLatencyMs` where it was measured since the last one. */
export class Reports extends EventTarget {
  #timer = null;
  #peer = null;
  #totals = null;

  /** `send(message)`: to the subtitles channel */
  constructor(send) {
    super();
    this.send = send;
    this.heardLatencyMs = null;
  }

  /** From now on it is this Peer that carries the call. */
  follow(peer) {
    this.stop();
    this.#peer = peer;
    this.#totals = null;
    this.#timer = setTimeout(() => this.#look(peer), FIRST_MS);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#peer = null;
  }

  async #look(peer) {
    if (peer.pc.connectionState === "connected") {
      const { stats, totals, more } = summarise(await peer.stats(), this.#totals);
      if (peer !== this.#peer) return; // another one, or none, since
      this.#totals = totals;
      const heard = this.heardLatencyMs === null ? {} : { heardLatencyMs: Math.round(this.heardLatencyMs) };
      this.heardLatencyMs = null;
      this.send({ type: "client_stats", ...stats, ...heard });
      this.dispatchEvent(new CustomEvent("stats", { detail: { ...stats, ...more, ...heard } }));
    }
    if (peer === this.#peer) this.#timer = setTimeout(() => this.#look(peer), STATS_MS);
  }
}
