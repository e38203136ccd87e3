// One participant's WebSocket: joins, notices a dead line, and comes back by itself with the resume token.
// No DOM: works wherever `WebSocket` and `EventTarget` do.

const BACKOFF_MS = [100, 300, 700, 1500, 2000]; // the last one repeats
// A lost SYN is sent again after 1, 3 and 7 s: a new socket is quicker than waiting for the third.
const CONNECT_TIMEOUT_MS = [2500, 2500, 4000, 8000];
const HEARTBEAT_MS = 2000;
const PATIENCE_MS = 2500; // how long an answer to a heartbeat may take
const PATIENCE_AFTER_WAKING_MS = 1200;
const GIVE_UP_AFTER_MS = 120_000; // far beyond the server's grace: the session is over by then

// After these closes, or errors marked fatal, trying again could only bring the same answer.
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
 * - `waiting`: the server is there, and whoever made the call has not let us in yet
 * - `joined`, detail: the `session_joined` message; again after each reconnection
 * - `lost`: the line is down, reconnecting
 * - `closed`, detail `{code, message}`: over for good; `code` is a protocol code, `ended`, or `unreachable`
 */
export class Signaling extends EventTarget {
  #socket = null;
  #timers = new Set();
  #heartbeat = null;
  #attempt = 0;
  #downSince = null;
  #heardAt = 0;
  #refusal = null; // the last fatal error, which explains the close that follows it
  #wasEverJoined = false;
  #closed = false;
  #onOnline = () => this.#retryNow();

  /**
   * `token`: an access token, or a resume token from an earlier `session_joined` · `detect`: whether the language
   * follows what is spoken
   */
  constructor({ wsUrl, sessionId, token, language, detect = false, WebSocket = globalThis.WebSocket }) {
    super();
    Object.assign(this, { wsUrl, sessionId, token, language, detect, WebSocket });
    this.joined = false;
  }

  open() {
    globalThis.addEventListener?.("online", this.#onOnline);
    this.#downSince = Date.now();
    this.#connect();
  }

  /** → whether it was handed to an open, joined socket. What fails is not queued: state is told anew on joining. */
  send(message) {
    if (!this.joined || this.#socket?.readyState !== this.WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Remembered, so that a reconnection while it is under way tells it too. */
  setLanguage(language, detect = this.detect) {
    Object.assign(this, { language, detect });
    return this.send({ type: "set_language", language, detect });
  }

  close() {
    this.#finish("ended", "");
  }

  #connect() {
    if (this.#closed) return;
    const socket = new this.WebSocket(this.wsUrl);
    this.#socket = socket;
    this.#refusal = null;
    const patience = CONNECT_TIMEOUT_MS[Math.min(this.#attempt, CONNECT_TIMEOUT_MS.length - 1)];
    const tooLong = this.#after(patience, () => this.#drop(socket, 1006, "no answer"));
    let waiting = false;
    socket.onopen = () => {
      this.#cancel(tooLong);
      const { sessionId, token, language, detect } = this;
      socket.send(JSON.stringify({ type: "join_session", sessionId, token, language, detect, protocol: 1 }));
      // `session_joined` may be a human's answer away: the heartbeat tells whether the server lives.
      this.#beat(socket, PATIENCE_MS);
      clearInterval(this.#heartbeat);
      this.#heartbeat = setInterval(() => this.#beat(socket, PATIENCE_MS), HEARTBEAT_MS);
    };
    socket.onmessage = ({ data }) => {
      this.#heardAt = performance.now();
      let message;
      try {
        message = JSON.parse(data);
      } catch {
        return;
      }
      if (message.type === "heartbeat" && !this.joined && !waiting) {
        waiting = true;
        this.dispatchEvent(new Event("waiting"));
      }
      this.#receive(message);
    };
    socket.onclose = ({ code, reason }) => {
      this.#cancel(tooLong);
      this.#drop(socket, code, reason);
    };
  }

  #receive(message) {
    if (message.type === "session_joined") {
      this.token = message.resumeToken ?? this.token;
      this.joined = this.#wasEverJoined = true;
      this.#downSince = null;
      this.dispatchEvent(new CustomEvent("joined", { detail: message }));
    }
    if (message.type === "error" && message.fatal) this.#refusal = message;
    this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  /** After a sleep, or when the network may be another one: is the line still there? */
  check() {
    if (this.#socket?.readyState === this.WebSocket.OPEN) this.#beat(this.#socket, PATIENCE_AFTER_WAKING_MS);
    else this.#retryNow();
  }

  // A page cannot see the server's pings, and a dead network closes no socket: ask, and expect an answer.
  #beat(socket, patienceMs) {
    const askedAt = performance.now();
    socket.send('{"type":"heartbeat"}');
    this.#after(patienceMs, () => {
      if (socket !== this.#socket) return;
      if (this.#heardAt >= askedAt) return (this.#attempt = 0); // a line that lived for a while may be tried at once
      // A timer that comes far too late was asleep with the page, and the answer may be right behind it.
      if (performance.now() - askedAt > 2 * patienceMs) this.#beat(socket, patienceMs);
      else this.#drop(socket, 1006, "heartbeat unanswered");
    });
  }

  #drop(socket, closeCode, reason) {
    if (socket !== this.#socket || this.#closed) return;
    socket.onopen = socket.onmessage = socket.onclose = null; // closing a dead socket takes long: let it go
    socket.close();
    this.#socket = null;
    const wasJoined = this.joined;
    this.joined = false;
    clearInterval(this.#heartbeat);
    const refusal = this.#refusal;
    if (refusal && this.#isFinal(refusal.code)) return this.#finish(refusal.code, refusal.message);
    if (!refusal && FINAL_CLOSES.has(closeCode)) return this.#finish(FINAL_CLOSES.get(closeCode), reason);
    this.#downSince ??= Date.now();
    if (Date.now() - this.#downSince > GIVE_UP_AFTER_MS) return this.#finish("unreachable", reason);
    if (wasJoined) this.dispatchEvent(new Event("lost"));
    const wait = BACKOFF_MS[Math.min(this.#attempt, BACKOFF_MS.length - 1)];
    this.#attempt += 1;
    this.#after(wait * (0.8 + 0.4 * Math.random()), () => this.#socket || this.#connect());
  }

  // A server that was just restarted may not have its engines yet: what it could do before is worth waiting for.
  #isFinal(code) {
    return FINAL_ERRORS.has(code) && !(this.#wasEverJoined && code.startsWith("unsupported_"));
  }

  #retryNow() {
    if (this.#closed || this.#socket?.readyState === this.WebSocket.OPEN) return;
    if (this.#socket) this.#drop(this.#socket, 1006, "tried anew"); // on its way into a network that is gone
    if (!this.#socket) this.#connect();
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
