// One participant's call: its state, its events, and the requests of a participant.
// Built on Signaling and MediaConnection.
// No DOM: works wherever WebRTC and WebSocket do.
//
//   const signaling = new Signaling({ language });
//   const call = new Call({ signaling, microphone });
//   signaling.use({ wsUrl, sessionId, token }); // from the response to /sessions/join
//   call.addEventListener("tracks", ({ detail }) => play(detail.interpreter, detail.original));
//   call.addEventListener("subtitle", ({ detail }) => show(detail));
//   call.start();

import { MediaConnection } from "./media-connection.js";
import { Typing } from "./typing.js";

const HANG_UP_TIMEOUT_MS = 1500;
const NO_HISTORY = Object.freeze({ on: false, consents: [], reason: null });

// Insecure pages and older browsers have no randomUUID.
const identifier = () => globalThis.crypto?.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;

/**
 * `state` (a plain object, replaced on each change):
 * `socket`: "connecting" | "waiting" (to be let in) | "joined" | "lost" ·
 * `media`: "connecting" | "connected" | "lost" ·
 * `me`: participantId · `language` · `partner`: `{participantId, displayName, language, connected}` or null ·
 * `startedAt`: epoch ms or null · `level`: "ok" | "busy" | "degraded" · `lagMs` ·
 * `reasons`: why this client is deaf or mute, as `status` says (docs/protocol.md, section 4) ·
 * `history`: `{on, consents: [participantId], reason}`, `reason` null where nothing hinders it ·
 * `viewers`: how many read the subtitles without taking part ·
 * `typing`: true while the partner types a text · `info`: the newest `session_info`, null before `askInfo` ·
 * `ended`: null or
 * `{reason, message?, metrics?}`, where `reason` is that of `session_ended` or the code of a refusal.
 *
 * Events: `state`, detail: the new state · `tracks`, detail: `{interpreter, original}` ·
 * `subtitle`, detail: each message of the `subtitles` channel, once · `problem`, detail: `{code, message}` ·
 * `detected`, detail: `{language}`, my language from now on ·
 * `knock`, detail: `{participantId, displayName}` of somebody who asks to be let in ·
 * `stats`, detail: as that of `Reports`.
 */
export class Call extends EventTarget {
  #signaling;
  #media;
  #typing;
  #previousLanguage = null; // restored when the server refuses the new one

  /**
   * `signaling`: a `Signaling` not yet opened · `microphone`: an audio `MediaStreamTrack` ·
   * `fetchIceServers`: `async (resumeToken) => [RTCIceServer]`, optional.
   */
  constructor({ signaling, microphone, fetchIceServers = null, RTCPeerConnection }) {
    super();
    this.#signaling = signaling;
    this.#media = new MediaConnection({ signaling, microphone, fetchIceServers, RTCPeerConnection });
    this.state = Object.freeze({
      socket: "connecting", media: "connecting", me: null, language: signaling.language, partner: null,
      startedAt: null, level: "ok", lagMs: 0, reasons: [], history: NO_HISTORY, viewers: 0,
      typing: false, info: null, ended: null,
    });
    this.#typing = new Typing(
      (message) => this.#media.send(message),
      (typing) => typing !== this.state.typing && this.#set({ typing }),
    );
    const on = (target, type, listener) => target.addEventListener(type, ({ detail }) => listener(detail));
    on(this.#media, "state", (media) => {
      if (media === "lost") this.#typing.theirs(false);
      this.#set({ media });
    });
    on(this.#media, "tracks", (tracks) => this.#emit("tracks", tracks));
    on(this.#media, "stats", (stats) => this.#emit("stats", stats));
    on(this.#media, "message", (message) => this.#onChannelMessage(message));
    on(this.#media, "problem", ({ code, message }) => this.#problem(code, message));
    on(signaling, "waiting", () => this.#set({ socket: "waiting" }));
    on(signaling, "joined", (message) => this.#onJoined(message));
    on(signaling, "message", (message) => this.#onMessage(message));
    on(signaling, "lost", () => this.#set({ socket: "lost" }));
    on(signaling, "closed", ({ code, message }) => this.#end({ reason: code === "ended" ? "left" : code, message }));
  }

  /** Open the socket. Throws where the browser can open none. */
  start() {
    this.#signaling.open();
  }

  /** Send typed text, spoken to the partner in their language. Return false when no channel is open. */
  say(text) {
    const sent = this.#media.send({ type: "say", text, clientId: identifier() });
    if (sent) this.#typing.sent();
    return sent;
  }

  /** Show my partner that I type (`on`), or have deleted it all. Call it on each change: it is told every 3 s. */
  typing(on) {
    this.#typing.mine(on);
  }

  /** Drop what I am saying, or have just said and nobody has heard yet. Return false when no channel is open. */
  startOver() {
    return this.#media.send({ type: "start_over" });
  }

  /** End the utterance: push-to-talk was released. Return false when no channel is open. */
  endUtterance() {
    return this.#media.send({ type: "end_utterance" });
  }

  /** Set my language from my next utterance on. A `problem` with code `unsupported_language` restores the previous. */
  setLanguage(language) {
    this.#previousLanguage = this.state.language;
    this.#set({ language });
    return this.#signaling.setLanguage(language);
  }

  /** Switch language detection; each change that it makes is a `detected` event. */
  setDetection(on) {
    return this.#signaling.setLanguage(this.state.language, on);
  }

  /** Set the voice of my partner's interpretation from their next sentence on; "" is the server's choice. */
  setVoice = (voice) => this.#signaling.send({ type: "set_voice", voice });

  /** Answer a `knock`. Return false when the socket is not joined. */
  admit = (participantId, accept) => this.#signaling.send({ type: "admit", participantId, accept });

  /** Give or withdraw my consent to this call's history. Return false when the socket is not joined. */
  setHistory = (on) => this.#signaling.send({ type: "set_history", on });

  /** Ask what holds in this session: `state.info`, from now until this socket is lost. Ask again then. */
  askInfo = () => this.#signaling.send({ type: "session_info" });

  /** Check both connections now: the page slept, or the network changed. */
  wake() {
    if (this.state.ended) return;
    this.#signaling.check();
    this.#media.check();
  }

  /** Report the latency that the listener measured, in ms: from the end of the partner's voice to the interpreter's. */
  reportHeardLatency(latencyMs) {
    this.#media.reportHeardLatency(latencyMs);
  }

  setMicrophone(track) {
    return this.#media.setMicrophone(track);
  }

  /** Leave. The server's summary becomes `state.ended`; after 1.5 s without one, the call ends without it. */
  hangUp() {
    if (!this.#signaling.send({ type: "leave_session" })) this.#end({ reason: "left" });
    else setTimeout(() => this.#end({ reason: "left" }), HANG_UP_TIMEOUT_MS);
  }

  #set(change) {
    if (this.state.ended) return;
    this.state = Object.freeze({ ...this.state, ...change });
    this.#emit("state", this.state);
  }

  #setPartner(participantId, change) {
    const { partner } = this.state;
    if (partner && (!participantId || partner.participantId === participantId)) {
      this.#set({ partner: { ...partner, ...change } });
    }
  }

  #onJoined(message) {
    const { participantId: me, partner = null, startedAt = this.state.startedAt } = message;
    this.#typing.theirs(false);
    // A server that knows of any consent tells of it after this message; mine it has not forgotten.
    const history = this.state.history.consents.includes(me) ? this.state.history : NO_HISTORY;
    // And it tells anew of what still holds: one that was started anew knows of nothing that it could take back.
    this.#set({ socket: "joined", me, partner, startedAt, history, reasons: [], level: "ok", lagMs: 0, viewers: 0 });
    this.#media.restart(message.iceServers);
  }

  #onMessage(message) {
    switch (message.type) {
      case "answer":
        this.#media.accept(message);
        break;
      case "tracks":
        this.#media.assign(message.tracks);
        break;
      case "session_paired":
        this.#set({ partner: message.partner, startedAt: message.startedAt });
        break;
      case "partner_connected":
        this.#setPartner(message.participantId, { connected: true });
        break;
      case "partner_disconnected":
        this.#typing.theirs(false);
        this.#setPartner(message.participantId, { connected: false });
        break;
      case "partner_language":
        this.#setPartner(message.participantId, { language: message.language });
        break;
      case "language_detected":
        this.#signaling.language = message.language;
        this.#set({ language: message.language });
        this.#emit("detected", message);
        break;
      case "session_ended":
        this.#end({ reason: message.reason, metrics: message.metrics });
        break;
      case "status": // where the subtitles channel is not open
        this.#setStatus(message);
        break;
      case "history":
        this.#set({ history: { on: message.on, consents: message.consents, reason: message.reason ?? null } });
        break;
      case "viewers":
        this.#set({ viewers: message.count });
        break;
      case "session_info":
        this.#set({ info: message });
        break;
      case "join_request":
        this.#emit("knock", message);
        break;
      case "error":
        this.#problem(message.code, message.message);
        break;
    }
  }

  #setStatus({ level, lagMs, reason }) {
    if (!reason) {
      this.#set({ level, lagMs });
      return;
    }
    const others = this.state.reasons.filter((one) => one !== reason);
    this.#set({ reasons: level === "ok" ? others : [...others, reason] });
  }

  #onChannelMessage(message) {
    if (message.type === "status") this.#setStatus(message);
    if (message.type === "error") this.#problem(message.code, message.message);
    if (message.type === "typing") this.#typing.theirs(message.on);
    this.#emit("subtitle", message);
  }

  #problem(code, message) {
    if (code === "unsupported_language" && this.#previousLanguage) {
      this.#signaling.language = this.#previousLanguage;
      this.#set({ language: this.#previousLanguage });
      this.#previousLanguage = null;
    }
    this.#emit("problem", { code, message });
  }

  #end(ended) {
    if (this.state.ended) return;
    this.#typing.close();
    this.#set({ ended });
    this.#media.close();
    this.#signaling.close();
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
