// One participant's WebSocket: joins, notices a dead connection, and comes back by itself with the resume token.
// Where the network breaks WebSockets, an event stream and requests carry the same messages.
// No DOM: works wherever `WebSocket`, `EventTarget` and `fetch` do.

import { MessageStream } from "./message-stream.js";

// A server that is restarted is back in some seconds: twice a second for the first five. The last one repeats.
const BACKOFF_MS = [100, 300, ...Array(10).fill(500), 1000, 1000, 1000, 1000, 2000];
// A lost SYN is sent again after 1, 3 and 7 s: a new socket is quicker than waiting for the third.
const CONNECT_TIMEOUT_MS = [2500, 2500, 4000, 8000];
// A WebSocket that ends without a close code before its first message has failed. One failure is enough to try a stream
// at once where none has worked in this call; where one has, the third in a row, since networks come and go. The next
// reconnection begins with a WebSocket again; once a stream has been needed, with little patience.
const FAILURES_OF_NEW = 1;
const FAILURES_OF_PROVEN = 3;
const DOUBTED_TIMEOUT_MS = 1000;
const HEARTBEAT_MS = 2000;
const HEARTBEAT_TIMEOUT_MS = 2500;
const WAKING_TIMEOUT_MS = 1200;
const GIVE_UP_AFTER_MS = 120_000; // far beyond the server's grace period: the session is over by then

const LOST = 1006; // RFC 6455, 7.1.5: no close code came
const RETRIED = 0; // given up by ourselves, and no failure

// After one of these closes or fatal errors a new attempt would only end in the same way.
const FINAL_CLOSES = new Map([
  [1000, "ended"],
  [4001, "taken_over"],
  [4400, "bad_request"],
  [4401, "unauthorized"],
]);
const FINAL_ERRORS = new Set([
  "bad_request", "forbidden", "not_admitted", "not_found", "own_session", "session_ended", "session_full",
  "session_not_found", "taken_over", "unauthorized", "unsupported_language", "unsupported_pair",
]);

/**
 * Events:
 * - `message`, detail: any message of the server
 * - `waiting`: the server answers, but whoever started the call has not let us in yet
 * - `joined`, detail: the `session_joined` message; again after each reconnection
 * - `lost`: the connection is down, and a new one is on its way
 * - `closed`, detail `{code, message}`: no further attempt; `code` is a protocol code, `ended` or `unreachable`
 */
export class Signaling extends EventTarget {
  #socket = null;
  #timers = new Set();
  #heartbeat = null;
  #attempt = 0;
  #downSince = null;
  #receivedAt = 0; // performance.now() of the last message
  #refusal = null; // the last fatal error, which explains the close that follows it
  #wasEverJoined = false;
  #closed = false;
  #heard = false; // anything by the present socket
  #failures = 0; // of WebSockets, in a row
  #failuresAllowed = FAILURES_OF_NEW;
  #doubted = false; // a stream has joined where WebSockets failed
  #onOnline = () => this.#reconnectNow();

  /** `detect`: true if the language follows what is spoken. `fetch`: of streams; the runtime's where it is left out. */
  constructor({ language, detect = false, WebSocket = globalThis.WebSocket, fetch }) {
    super();
    Object.assign(this, { language, detect, WebSocket, fetch });
    this.joined = false;
  }

  /** Set the place to join. `token`: an access token, or the resume token of an earlier `session_joined`. */
  use({ wsUrl, sessionId, token }) {
    Object.assign(this, { wsUrl, sessionId, token });
  }

  /** Open the socket, after `use`. Throws where the browser can open none. */
  open() {
    this.#downSince = Date.now();
    this.#connect(new this.WebSocket(this.wsUrl));
    globalThis.addEventListener?.("online", this.#onOnline);
  }

  /**
   * Send a message. Return false where no joined socket is open. Nothing is queued: joining again sends the state anew.
   */
  send(message) {
    if (!this.joined || this.#socket?.readyState !== this.WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Set the language, now and with each reconnection. */
  setLanguage(language, detect = this.detect) {
    Object.assign(this, { language, detect });
    return this.send({ type: "set_language", language, detect });
  }

  close() {
    this.#finish("ended", "");
  }

  #reconnect() {
    if (this.#closed) return;
    try {
      this.#connect(new this.WebSocket(this.wsUrl));
    } catch {
      this.#retryLater("no socket");
    }
  }

  #connect(socket) {
    this.#socket = socket;
    this.#refusal = null;
    this.#heard = false;
    const streams = socket instanceof MessageStream;
    const patienceMs = CONNECT_TIMEOUT_MS[Math.min(this.#attempt, CONNECT_TIMEOUT_MS.length - 1)];
    const timeoutMs = this.#doubted && !streams ? DOUBTED_TIMEOUT_MS : patienceMs;
    const timeout = this.#after(timeoutMs, () => this.#disconnect(socket, LOST, "no answer"));
    let waiting = false;
    socket.onopen = () => {
      this.#cancel(timeout);
      const { sessionId, token, language, detect } = this;
      socket.send(JSON.stringify({ type: "join_session", sessionId, token, language, detect, protocol: 1 }));
      // A human may have to answer before `session_joined`: until then the heartbeat shows that the server lives.
      this.#sendHeartbeat(socket, HEARTBEAT_TIMEOUT_MS);
      clearInterval(this.#heartbeat);
      this.#heartbeat = setInterval(() => this.#sendHeartbeat(socket, HEARTBEAT_TIMEOUT_MS), HEARTBEAT_MS);
    };
    socket.onmessage = ({ data }) => {
      this.#receivedAt = performance.now();
      this.#heard = true;
      if (!streams) {
        this.#failures = 0;
        this.#failuresAllowed = FAILURES_OF_PROVEN;
        this.#doubted = false;
      }
      let message;
      try {
        message = JSON.parse(data);
      } catch {
        return;
      }
      if (message.type === "heartbeat" && !this.joined && !waiting) {
        waiting = true;
        this.#downSince = null; // however long it takes: a loss behind it has its whole time
        this.dispatchEvent(new Event("waiting"));
      }
      this.#receive(message);
    };
    socket.onclose = ({ code, reason }) => {
      this.#cancel(timeout);
      this.#disconnect(socket, code, reason);
    };
  }

  #receive(message) {
    if (message.type === "session_joined") {
      this.token = message.resumeToken ?? this.token;
      this.joined = this.#wasEverJoined = true;
      this.#doubted ||= this.#socket instanceof MessageStream;
      this.#downSince = null;
      this.dispatchEvent(new CustomEvent("joined", { detail: message }));
    }
    if (message.type === "moved") this.wsUrl = message.wsUrl; // of the node that has the session now
    if (message.type === "error" && message.fatal) this.#refusal = message;
    this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  /** Check the connection now, after a sleep or where the network may have changed. */
  check() {
    if (this.#socket?.readyState === this.WebSocket.OPEN) this.#sendHeartbeat(this.#socket, WAKING_TIMEOUT_MS);
    else this.#reconnectNow();
  }

  // A page cannot see the server's pings, and a dead network closes no socket: an unanswered heartbeat shows it.
  #sendHeartbeat(socket, timeoutMs) {
    const sentAt = performance.now();
    socket.send('{"type":"heartbeat"}');
    this.#after(timeoutMs, () => {
      if (socket !== this.#socket) return;
      if (this.#receivedAt >= sentAt) return (this.#attempt = 0); // it lived: retry at once
      // A timer that fires far too late slept with the page, and the answer may come right behind it.
      if (performance.now() - sentAt > 2 * timeoutMs) this.#sendHeartbeat(socket, timeoutMs);
      else this.#disconnect(socket, LOST, "heartbeat unanswered");
    });
  }

  #disconnect(socket, closeCode, reason) {
    if (socket !== this.#socket || this.#closed) return;
    socket.onopen = socket.onmessage = socket.onclose = null; // a dead socket may take long to close
    socket.close();
    this.#socket = null;
    const wasJoined = this.joined;
    this.joined = false;
    clearInterval(this.#heartbeat);
    const refusal = this.#refusal;
    if (refusal && this.#isFinal(refusal.code)) return this.#finish(refusal.code, refusal.message);
    if (!refusal && FINAL_CLOSES.has(closeCode)) return this.#finish(FINAL_CLOSES.get(closeCode), reason);
    if (wasJoined) this.dispatchEvent(new Event("lost"));
    const failed = closeCode === LOST && !this.#heard && !(socket instanceof MessageStream);
    if (failed) this.#failures += 1;
    if (failed && this.#failures >= this.#failuresAllowed) this.#connect(this.#newStream());
    else this.#retryLater(reason);
  }

  #newStream() {
    const { wsUrl, sessionId, fetch } = this;
    return new MessageStream({ wsUrl, sessionId, fetch, token: () => this.token });
  }

  #retryLater(reason) {
    this.#downSince ??= Date.now();
    if (Date.now() - this.#downSince > GIVE_UP_AFTER_MS) return this.#finish("unreachable", reason);
    const backoffMs = BACKOFF_MS[Math.min(this.#attempt, BACKOFF_MS.length - 1)];
    this.#attempt += 1;
    this.#after(backoffMs * (0.8 + 0.4 * Math.random()), () => this.#socket || this.#reconnect());
  }

  // A server that was just restarted may not have its engines yet: a language that it had before may come back.
  #isFinal(code) {
    return FINAL_ERRORS.has(code) && !(this.#wasEverJoined && code.startsWith("unsupported_"));
  }

  #reconnectNow() {
    if (this.#closed || this.#socket?.readyState === this.WebSocket.OPEN) return;
    if (this.#socket) this.#disconnect(this.#socket, RETRIED, "tried anew"); // connecting in a network that is gone
    if (!this.#socket) this.#reconnect();
  }

  #finish(code, message) {
    if (this.#closed) return;
    this.#closed = true;
    this.joined = false;
    globalThis.removeEventListener?.("online", this.#onOnline);
    clearInterval(this.#heartbeat);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#socket?.close();
    this.#socket = null;
    this.dispatchEvent(new CustomEvent("closed", { detail: { code, message } }));
  }

  #after(ms, action) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  #cancel(timer) {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }
}
