// Statistics reports: reads a connection's statistics while it carries the call, and sends `client_stats`. No DOM.

import { summarise } from "./stats.js";

const FIRST_MS = 1000;
const INTERVAL_MS = 5000;

/**
 * Event `stats`, detail: `stats` and `more` of `summarise`, and `heardLatencyMs` where it was measured since the
 * previous report.
 */
export class Reports extends EventTarget {
  #timer = null;
  #peer = null;
  #totals = null;

  /** `send(message)`: sends on the `subtitles` channel */
  constructor(send) {
    super();
    this.send = send;
    this.heardLatencyMs = null;
  }

  /** Report the statistics of this Peer from now on. */
  follow(peer) {
    this.stop();
    this.#peer = peer;
    this.#totals = null;
    this.#timer = setTimeout(() => this.#report(peer), FIRST_MS);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#peer = null;
  }

  async #report(peer) {
    const report = peer.pc.connectionState === "connected" ? await peer.stats().catch(() => null) : null;
    if (peer !== this.#peer) return; // replaced or stopped meanwhile
    if (report) {
      const { stats, totals, more } = summarise(report, this.#totals);
      this.#totals = totals;
      const heard = this.heardLatencyMs === null ? {} : { heardLatencyMs: Math.round(this.heardLatencyMs) };
      this.heardLatencyMs = null;
      this.send({ type: "client_stats", ...stats, ...heard });
      this.dispatchEvent(new CustomEvent("stats", { detail: { ...stats, ...more, ...heard } }));
    }
    this.#timer = setTimeout(() => this.#report(peer), INTERVAL_MS);
  }
}
