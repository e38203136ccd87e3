// One participant's call: what is known of it, and the media that heals by itself. Built on Signaling and Peer.
// No DOM: works wherever WebRTC and WebSocket do.
//
//   const signaling = new Signaling({ wsUrl, sessionId, token, language }); // as /sessions/join answered
//   const call = new Call({ signaling, microphone });
//   call.addEventListener("tracks", ({ detail }) => play(detail.interpreter, detail.original));
//   call.addEventListener("subtitle", ({ detail }) => show(detail));
//   call.start();

import { Peer } from "./peer.js";
import { Relays } from "./relays.js";
import { Reports } from "./reports.js";

const DISCONNECTED_MS = 1000; // then offer anew, long before ICE says `failed`
const FAILED_MS = 300; // doubled with each offer that failed
const CONNECT_MS = [4000, 6000, 10_000]; // how long each offer may take before the next; the last repeats
const HANG_UP_MS = 1500;

/**
 * `state` (a plain object, replaced on each change):
 * `socket`: "connecting" | "waiting" (to be let in) | "joined" | "lost" ·
 * `media`: "connecting" | "connected" | "lost" ·
 * `me`: participantId · `language` · `partner`: `{participantId, displayName, language, connected}` or null ·
 * `startedAt`: epoch ms or null · `level`: "ok" | "busy" | "degraded" · `lagMs` · `ended`: null or
 * `{reason, message?, metrics?}`, where `reason` is that of `session_ended` or the code of a refusal.
 *
 * Events: `state`, detail: the new state · `tracks`, detail: `{interpreter, original}` ·
 * `subtitle`, detail: each message of the `subtitles` channel, once · `problem`, detail: `{code, message}` ·
 * `detected`, detail: `{language}`, which I speak now ·
 * `knock`, detail: `{participantId, displayName}`, who asks to be let in · `stats`, detail: as `summarise` tells.
 */
export class Call extends EventTarget {
  #signaling;
  #microphone;
  #peerOptions;
  #peer = null; // the one that carries the call
  #next = null; // its successor, until it is connected
  // Rises with each offer, also over a reload of the page, which starts from nothing else than the clock.
  #negotiation = Math.floor(Date.now() / 1000);
  #relays;
  #lastSeq = 0;
  #failures = 0;
  #retry = null;
  #reports;
  #languageBefore = null;

  /**
   * `signaling`: a `Signaling` not yet opened · `microphone`: an audio `MediaStreamTrack` ·
   * `fetchIceServers`: `async (resumeToken) => [RTCIceServer]`, optional.
   */
  constructor({ signaling, microphone, fetchIceServers = null, RTCPeerConnection }) {
    super();
    this.#signaling = signaling;
    this.#microphone = microphone;
    this.#relays = new Relays(fetchIceServers);
    this.#peerOptions = RTCPeerConnection ? { RTCPeerConnection } : {};
    this.state = Object.freeze({
      socket: "connecting", media: "connecting", me: null, language: signaling.language, partner: null,
      startedAt: null, level: "ok", lagMs: 0, ended: null,
    });
    this.#reports = new Reports((message) => this.#send(message));
    this.#reports.addEventListener("stats", ({ detail }) => {
      this.dispatchEvent(new CustomEvent("stats", { detail }));
    });
    signaling.addEventListener("waiting", () => this.#set({ socket: "waiting" }));
    signaling.addEventListener("joined", ({ detail }) => this.#onJoined(detail));
    signaling.addEventListener("message", ({ detail }) => this.#onMessage(detail));
    signaling.addEventListener("lost", () => this.#set({ socket: "lost" }));
    signaling.addEventListener("closed", ({ detail }) => {
      this.#end({ reason: detail.code === "ended" ? "left" : detail.code, message: detail.message });
    });
  }

  start() {
    this.#signaling.open();
  }

  /** Typed text, spoken to the partner in their language. → false when there is no line to send it on */
  say(text) {
    return this.#send({ type: "say", text, clientId: crypto.randomUUID() });
  }

  /** Push-to-talk was released. */
  endUtterance() {
    return this.#send({ type: "end_utterance" });
  }

  /** What I speak and hear, from my next utterance on; `problem` `unsupported_language` takes it back. */
  setLanguage(language) {
    this.#languageBefore = this.state.language;
    this.#set({ language });
    return this.#signaling.setLanguage(language);
  }

  /** Whether the language follows what I speak: then `detected` tells each change. */
  setDetection(on) {
    return this.#signaling.setLanguage(this.state.language, on);
  }

  /** The voice in which my partner's words reach me, from their next sentence on; "" is the server's choice. */
  setVoice = (voice) => this.#signaling.send({ type: "set_voice", voice });

  /** The answer to a `knock`. */
  admit = (participantId, accept) => this.#signaling.send({ type: "admit", participantId, accept });

  /** The page slept, or the network changed: what may have died unseen is looked at now. */
  wake() {
    if (this.state.ended) return;
    this.#signaling.check();
    if (!this.#next && this.#peer && this.#peer.pc.connectionState !== "connected") this.#offer();
  }

  /** What the listener measured: from the end of the partner's voice to the interpreter's. Goes with the statistics. */
  heard(latencyMs) {
    this.#reports.heardLatencyMs = latencyMs;
  }

  async setMicrophone(track) {
    this.#microphone = track;
    await Promise.all([this.#peer, this.#next].map((peer) => peer?.replaceMicrophone(track)));
  }

  /** Leaves; the server's summary arrives as `state.ended`, at the latest after 1.5 s without one. */
  hangUp() {
    if (!this.#signaling.send({ type: "leave_session" })) this.#end({ reason: "left" });
    else setTimeout(() => this.#end({ reason: "left" }), HANG_UP_MS);
  }

  #send(message) {
    return this.#peer?.say(message) ?? false;
  }

  #set(change) {
    if (this.state.ended) return;
    this.state = Object.freeze({ ...this.state, ...change });
    this.dispatchEvent(new CustomEvent("state", { detail: this.state }));
  }

  #setPartner(participantId, change) {
    const { partner } = this.state;
    if (partner && (!participantId || partner.participantId === participantId)) {
      this.#set({ partner: { ...partner, ...change } });
    }
  }

  #onJoined(message) {
    this.#relays.take(message.iceServers);
    this.#failures = 0;
    const { participantId: me, partner = null, startedAt = this.state.startedAt } = message;
    this.#set({ socket: "joined", me, partner, startedAt });
    this.#offer(); // also when media still flows: the server behind the socket may be a new one
  }

  #onMessage(message) {
    switch (message.type) {
      case "answer":
        if (message.negotiation === this.#next?.negotiation) {
          this.#next.accept(message).catch((error) => this.#problem("bad_sdp", String(error)));
        }
        break;
      case "tracks":
        (this.#next ?? this.#peer)?.assign(message.tracks);
        break;
      case "session_paired":
        this.#set({ partner: message.partner, startedAt: message.startedAt });
        break;
      case "partner_connected":
        this.#setPartner(message.participantId, { connected: true });
        break;
      case "partner_disconnected":
        this.#setPartner(message.participantId, { connected: false });
        break;
      case "partner_language":
        this.#setPartner(message.participantId, { language: message.language });
        break;
      case "language_detected":
        this.#signaling.language = message.language;
        this.#set({ language: message.language });
        this.dispatchEvent(new CustomEvent("detected", { detail: message }));
        break;
      case "session_ended":
        this.#end({ reason: message.reason, metrics: message.metrics });
        break;
      case "join_request":
        this.dispatchEvent(new CustomEvent("knock", { detail: message }));
        break;
      case "error":
        this.#problem(message.code, message.message);
        break;
    }
  }

  async #offer() {
    clearTimeout(this.#retry);
    if (this.state.ended || !this.#signaling.joined) return; // joining offers
    const negotiation = ++this.#negotiation;
    const iceServers = await this.#relays.fresh(this.#signaling.token);
    if (negotiation !== this.#negotiation || this.state.ended) return; // another offer came in between
    this.#next?.close();
    const peer = new Peer({ negotiation, iceServers, microphone: this.#microphone, ...this.#peerOptions });
    this.#next = peer;
    peer.addEventListener("state", ({ detail }) => this.#onPeerState(peer, detail));
    peer.addEventListener("open", () => {
      this.#adopt(peer);
      peer.say({ type: "resume", lastSeq: this.#lastSeq });
    });
    peer.addEventListener("subtitle", ({ detail }) => this.#onSubtitle(peer, detail));
    peer.addEventListener("tracks", ({ detail }) => {
      peer.tracks = detail;
      if (peer === this.#peer) this.#tellTracks();
    });
    this.#limit(peer);
    try {
      await peer.offer((message) => this.#signaling.send(message));
    } catch (error) {
      this.#problem("bad_sdp", String(error));
    }
  }

  /** How long an offer may take before it is given up for another. */
  #limit(peer) {
    const ms = CONNECT_MS[Math.min(this.#failures, CONNECT_MS.length - 1)];
    this.#retry = setTimeout(() => this.#fail(peer), ms);
  }

  #onPeerState(peer, connection) {
    if (peer !== this.#peer && peer !== this.#next) return;
    const isNext = peer === this.#next;
    if (connection === "connected") {
      this.#adopt(peer);
      this.#set({ media: "connected" });
    }
    if (this.#next && !isNext) return; // its successor is under way, with the timer
    clearTimeout(this.#retry);
    if (connection === "connected") {
      this.#failures = 0;
    } else if (connection === "failed") {
      this.#retry = setTimeout(() => this.#fail(peer), FAILED_MS * 2 ** Math.min(this.#failures, 5));
    } else if (connection === "disconnected" && !isNext) {
      this.#retry = setTimeout(() => this.#fail(peer), DISCONNECTED_MS);
    } else {
      this.#limit(peer);
    }
  }

  /** The successor is up: it carries the call from here on. */
  #adopt(peer) {
    if (peer !== this.#next) return;
    this.#peer?.close();
    this.#peer = peer;
    this.#next = null;
    this.#reports.follow(peer);
    if (peer.tracks) this.#tellTracks();
  }

  #fail(peer) {
    if (peer !== this.#peer && peer !== this.#next) return;
    if (this.#peer?.pc.connectionState !== "connected") this.#set({ media: "lost" });
    if (peer === this.#next) this.#failures += 1;
    this.#offer();
  }

  #tellTracks() {
    this.dispatchEvent(new CustomEvent("tracks", { detail: this.#peer.tracks }));
  }

  #onSubtitle(peer, message) {
    if (peer !== this.#peer) return;
    if (typeof message.seq === "number") {
      if (message.seq <= this.#lastSeq) return; // resent, and already here
      this.#lastSeq = message.seq;
    }
    if (message.type === "status") this.#set({ level: message.level, lagMs: message.lagMs });
    if (message.type === "error") this.#problem(message.code, message.message);
    this.dispatchEvent(new CustomEvent("subtitle", { detail: message }));
  }

  #problem(code, message) {
    if (code === "unsupported_language" && this.#languageBefore) {
      this.#signaling.language = this.#languageBefore;
      this.#set({ language: this.#languageBefore });
      this.#languageBefore = null;
    }
    this.dispatchEvent(new CustomEvent("problem", { detail: { code, message } }));
  }

  #end(ended) {
    if (this.state.ended) return;
    this.#set({ ended });
    clearTimeout(this.#retry);
    this.#reports.stop();
    this.#next?.close();
    this.#peer?.close();
    this.#signaling.close();
  }
}
