// A viewer of a session: reads its subtitles by the token of a viewer, as no participant and without a peer connection.
// Comes again by itself, and goes on where it left off. No DOM: works wherever `fetch` and its streams do.

import { fieldsOf, partsOf } from "./event-stream.js";

const PAUSES_MS = [500, 1000, 2000, 5000];
const SILENT_MS = 25_000; // the server sends a ping every 10 s
const FINAL = new Set(["bad_request", "unauthorized", "forbidden", "session_not_found", "session_ended"]);

/**
 * Events: `subtitle`, detail: each message, in order · `state`, detail: "reading", "lost" (it comes again), or at the
 * end the reason: `session_ended`, `revoked`, or the code of a refusal.
 */
export class Viewer extends EventTarget {
  state = "lost";
  #api;
  #path;
  #token;
  #pauses;
  #last = null; // the id of the last event
  #failed = 0; // attempts in a row
  #over = new AbortController();

  /** `api`: an Api of the server. */
  constructor({ api, sessionId, token, pausesMs = PAUSES_MS }) {
    super();
    this.#api = api;
    this.#path = `/sessions/${encodeURIComponent(sessionId)}/subtitles`;
    this.#token = token;
    this.#pauses = pausesMs;
  }

  /** Read until the session ends, the token is refused, or `close`. Resolves then. */
  async start() {
    while (!this.#over.signal.aborted) {
      const reason = await this.#read().catch(() => null);
      if (reason) return this.#become(reason);
      if (this.#over.signal.aborted) return;
      this.#become("lost");
      const pause = this.#pauses[Math.min(this.#failed, this.#pauses.length - 1)];
      this.#failed += 1;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  close() {
    this.#over.abort();
  }

  /** Read one stream. → why there is nothing more to read; null where it was only lost. Throws where it breaks. */
  async #read() {
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    this.#over.signal.addEventListener("abort", stop);
    let silent = setTimeout(stop, SILENT_MS);
    try {
      const response = await this.#api.fetch(this.#api.base + this.#path, {
        headers: { Authorization: `Bearer ${this.#token}`, ...(this.#last && { "Last-Event-ID": this.#last }) },
        cache: "no-store",
        signal: attempt.signal,
      });
      if (!response.ok) {
        const { error } = await response.json();
        return FINAL.has(error?.code) ? error.code : null;
      }
      this.#failed = 0;
      this.#become("reading");
      for await (const part of partsOf(response.body)) {
        clearTimeout(silent);
        silent = setTimeout(stop, SILENT_MS);
        const reason = this.#take(part);
        if (reason) return reason;
      }
      return null;
    } finally {
      clearTimeout(silent);
      attempt.abort();
      this.#over.signal.removeEventListener("abort", stop);
    }
  }

  /** Take an event or a comment. → why there is nothing more to read, or undefined */
  #take(part) {
    const fields = fieldsOf(part);
    if (!fields.data) return undefined;
    const message = JSON.parse(fields.data);
    if (message.type === "ended") return message.reason;
    this.#last = fields.id ?? this.#last;
    this.dispatchEvent(new CustomEvent("subtitle", { detail: message }));
    return undefined;
  }

  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}
