// The ICE servers of a call. TURN credentials are time-limited: an offer that comes later asks for fresh ones.

const MAX_AGE_MS = 10 * 60_000;

export class IceServers {
  #servers = [];
  #receivedAt = 0; // epoch ms
  #fetch;

  /** `fetch`: `async (resumeToken) => [RTCIceServer]`, or null */
  constructor(fetch) {
    this.#fetch = fetch;
  }

  /** Replace the servers, as with each `session_joined`. */
  set(servers) {
    this.#servers = servers ?? [];
    this.#receivedAt = Date.now();
  }

  /** Return the servers, fetched again when older than ten minutes. */
  async fresh(resumeToken) {
    if (this.#fetch && Date.now() - this.#receivedAt > MAX_AGE_MS) {
      try {
        this.set(await this.#fetch(resumeToken));
      } catch {
        // The old servers may still work, and a connection without TURN is worth a try.
      }
    }
    return this.#servers;
  }
}
