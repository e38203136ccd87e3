// The ICE servers of a call. TURN credentials are time-limited: an offer that comes later asks for fresh ones.

const AGE_MS = 10 * 60_000;

export class Relays {
  #servers = [];
  #since = 0;
  #fetch;

  /** `fetch`: `async (resumeToken) => [RTCIceServer]`, or null */
  constructor(fetch) {
    this.#fetch = fetch;
  }

  /** What came with `session_joined`. */
  take(servers) {
    this.#servers = servers ?? [];
    this.#since = Date.now();
  }

  async fresh(resumeToken) {
    if (this.#fetch && Date.now() - this.#since > AGE_MS) {
      try {
        this.take(await this.#fetch(resumeToken));
      } catch {
        // The old ones may still do, and a connection without TURN is worth a try.
      }
    }
    return this.#servers;
  }
}
