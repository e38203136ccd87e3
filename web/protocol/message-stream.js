// A socket without a WebSocket, for networks that break those: messages come by an event stream, and go by requests.
// It has what Signaling uses of a WebSocket. No DOM: works wherever `fetch` and its streams do.

import { fieldsOf, partsOf } from "./event-stream.js";

const FLUSH_MS = 1500; // time for what was sent before `close`
const EXPLAIN_MS = 1000; // time for the stream to say why a request was refused
const KEEPALIVE_BYTES = 1000; // a short message arrives even where the page is closed
const LOST = 1006; // RFC 6455, 7.1.5: it ended without a close code

export class MessageStream {
  readyState = 0;
  onopen = null;
  onmessage = null;
  onclose = null;
  #address;
  #token;
  #fetch;
  #stream = null; // the name by which requests find it
  #sent = Promise.resolve(); // the last request: each waits for the one before, so they arrive in order
  #spoke = true; // since the last ping
  #over = new AbortController();

  /** `wsUrl`: that of the WebSocket in whose place this is · `token`: `() => token`, asked with each request. */
  constructor({ wsUrl, sessionId, token, fetch = globalThis.fetch.bind(globalThis) }) {
    const server = wsUrl.replace(/^ws/, "http").replace(/\/ws(\/[^/]*)?$/, ""); // `/ws/NODE` where there are several
    this.#address = `${server}/api/v1/sessions/${encodeURIComponent(sessionId)}/messages`;
    this.#token = token;
    this.#fetch = fetch;
    this.#listen();
  }

  /** Send a text, behind those before it. */
  send(text) {
    this.#spoke = true;
    this.#sent = this.#sent.then(() => this.#post(text)).catch((error) => this.#end(LOST, String(error)));
  }

  /** Close once everything that was sent is on its way. */
  close() {
    if (this.readyState === 3) return;
    this.readyState = 3;
    const stop = () => this.#over.abort();
    this.#sent.then(stop);
    setTimeout(stop, FLUSH_MS);
  }

  async #listen() {
    try {
      const response = await this.#request(this.#address, {});
      if (!response.ok) await this.#tellRefusal(response);
      else for await (const part of partsOf(response.body)) this.#take(part);
      this.#end(LOST, "the stream has ended");
    } catch (error) {
      this.#end(LOST, String(error));
    }
  }

  #take(part) {
    if (part === ": ping") return this.#answerPing();
    const fields = fieldsOf(part);
    if (fields.event === "opened") {
      this.#stream = JSON.parse(fields.data).stream;
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.onopen?.();
    } else if (fields.event === "close") {
      this.#end(JSON.parse(fields.data).code, "");
    } else if (fields.data) {
      this.onmessage?.({ data: fields.data });
    }
  }

  // No timer: those of a page that nobody looks at may be minutes late.
  #answerPing() {
    if (!this.#spoke) this.send('{"type":"heartbeat"}');
    this.#spoke = false;
  }

  /** Tell a refusal as the WebSocket would. A server that is older than this has nothing at the path. */
  async #tellRefusal(response) {
    const { error } = await response.json().catch(() => ({}));
    if (!error?.code || error.code === "not_found") return;
    this.onmessage?.({ data: JSON.stringify({ type: "error", code: error.code, message: error.message, fatal: true }) });
  }

  async #post(text) {
    if (this.#over.signal.aborted) return;
    const response = await this.#request(`${this.#address}?stream=${this.#stream}`, {
      method: "POST", body: text, keepalive: text.length < KEEPALIVE_BYTES,
    });
    if (!response.ok) setTimeout(() => this.#end(LOST, `a message was refused by ${response.status}`), EXPLAIN_MS);
  }

  #request(address, options) {
    const headers = { Authorization: `Bearer ${this.#token()}` };
    if (options.body) headers["Content-Type"] = "application/json";
    return this.#fetch(address, { ...options, headers, cache: "no-store", signal: this.#over.signal });
  }

  #end(code, reason) {
    if (this.#over.signal.aborted) return;
    this.readyState = 3;
    this.#over.abort();
    this.onclose?.({ code, reason });
  }
}
