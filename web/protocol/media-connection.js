// The media of one call, offered anew whenever it is lost: one Peer carries it, a successor replaces a failed one.
// No DOM: works wherever WebRTC does.

import { IceServers } from "./ice-servers.js";
import { Peer } from "./peer.js";
import { Reports } from "./reports.js";

const DISCONNECTED_MS = 1000; // before a new offer: long before ICE says `failed`
const FAILED_MS = 300; // before a new offer; doubled with each offer that failed
const CONNECT_TIMEOUT_MS = [4000, 6000, 10_000]; // of each offer in turn; the last repeats

/**
 * Events:
 * - `state`, detail: "connected" | "lost"
 * - `tracks`, detail: `{interpreter, original}`
 * - `message`, detail: each message of the `subtitles` channel, once
 * - `problem`, detail: `{code, message}`
 * - `stats`, detail: as that of `Reports`
 */
export class MediaConnection extends EventTarget {
  #signaling;
  #microphone;
  #peerOptions;
  #iceServers;
  #reports;
  #current = null; // the Peer that carries the call
  #next = null; // its successor, until it is connected
  // Rises with each offer. A reloaded page knows no earlier number: the clock keeps its first one higher.
  #negotiation = Math.floor(Date.now() / 1000);
  #lastSeq = 0;
  #failures = 0;
  #retry = null;
  #closed = false;

  /**
   * `signaling`: sends offers and candidates · `microphone`: an audio `MediaStreamTrack` ·
   * `fetchIceServers`: `async (resumeToken) => [RTCIceServer]`, or null.
   */
  constructor({ signaling, microphone, fetchIceServers, RTCPeerConnection }) {
    super();
    this.#signaling = signaling;
    this.#microphone = microphone;
    this.#iceServers = new IceServers(fetchIceServers);
    this.#peerOptions = RTCPeerConnection ? { RTCPeerConnection } : {};
    this.#reports = new Reports((message) => this.send(message));
    this.#reports.addEventListener("stats", ({ detail }) => this.#emit("stats", detail));
  }

  /** Offer anew after joining, even while media flows: the server behind the socket may be a new one. */
  restart(iceServers) {
    this.#iceServers.set(iceServers);
    this.#failures = 0;
    this.#offer();
  }

  /** Offer anew where the connection is not up and no offer is under way. */
  check() {
    if (!this.#next && this.#current && this.#current.pc.connectionState !== "connected") this.#offer();
  }

  /** Apply an `answer` message; one to an earlier offer is ignored. */
  accept(message) {
    if (message.negotiation !== this.#next?.negotiation) return;
    this.#next.accept(message).catch((error) => this.#problem(error));
  }

  /** Apply the track mapping of a `tracks` message. */
  assign(tracks) {
    (this.#next ?? this.#current)?.assign(tracks);
  }

  /** Send a message on the `subtitles` channel. Return false when no channel is open. */
  send(message) {
    return this.#current?.send(message) ?? false;
  }

  /** Put a measured latency, in ms, into the next statistics report. */
  reportHeardLatency(latencyMs) {
    this.#reports.heardLatencyMs = latencyMs;
  }

  /** Replace the microphone; where a browser refuses, a new offer takes it along. */
  async setMicrophone(track) {
    this.#microphone = track;
    const replaced = [this.#current, this.#next].map((peer) => peer?.replaceMicrophone(track));
    const refused = (await Promise.allSettled(replaced)).some(({ status }) => status === "rejected");
    if (refused && track === this.#microphone) this.#offer();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#reports.stop();
    this.#next?.close();
    this.#current?.close();
  }

  async #offer() {
    clearTimeout(this.#retry);
    if (this.#closed || !this.#signaling.joined) return; // joining offers
    const negotiation = ++this.#negotiation;
    const iceServers = await this.#iceServers.fresh(this.#signaling.token);
    if (negotiation !== this.#negotiation || this.#closed) return; // a later offer replaced this one
    this.#next?.close();
    const peer = (this.#next = this.#makePeer(negotiation, iceServers));
    if (!peer) return;
    peer.addEventListener("state", ({ detail }) => this.#onPeerState(peer, detail));
    peer.addEventListener("open", () => {
      this.#adopt(peer);
      peer.send({ type: "resume", lastSeq: this.#lastSeq });
    });
    peer.addEventListener("message", ({ detail }) => this.#onMessage(peer, detail));
    peer.addEventListener("tracks", ({ detail }) => {
      peer.tracks = detail;
      if (peer === this.#current) this.#emit("tracks", detail);
    });
    this.#startTimeout(peer);
    try {
      await peer.offer((message) => this.#signaling.send(message));
    } catch (error) {
      this.#problem(error);
    }
  }

  /** Return a Peer, or null where the browser makes none now: another attempt comes later. */
  #makePeer(negotiation, iceServers) {
    const options = { negotiation, microphone: this.#microphone, ...this.#peerOptions };
    try {
      return new Peer({ ...options, iceServers });
    } catch {
      // It may be an address of a server that this browser refuses: most calls do without any.
    }
    try {
      return new Peer({ ...options, iceServers: [] });
    } catch (error) {
      this.#problem(error);
      this.#failures += 1;
      this.#retry = setTimeout(() => this.#offer(), FAILED_MS * 2 ** Math.min(this.#failures, 5));
      return null;
    }
  }

  /** Limit the time that an offer may take before the next one. */
  #startTimeout(peer) {
    const ms = CONNECT_TIMEOUT_MS[Math.min(this.#failures, CONNECT_TIMEOUT_MS.length - 1)];
    this.#retry = setTimeout(() => this.#replace(peer), ms);
  }

  #onPeerState(peer, connection) {
    if (peer !== this.#current && peer !== this.#next) return;
    const isNext = peer === this.#next;
    if (connection === "connected") {
      this.#adopt(peer);
      this.#emit("state", "connected");
    }
    if (this.#next && !isNext) return; // its successor is under way, with the timer
    clearTimeout(this.#retry);
    if (connection === "connected") {
      this.#failures = 0;
    } else if (connection === "failed") {
      this.#retry = setTimeout(() => this.#replace(peer), FAILED_MS * 2 ** Math.min(this.#failures, 5));
    } else if (connection === "disconnected" && !isNext) {
      this.#retry = setTimeout(() => this.#replace(peer), DISCONNECTED_MS);
    } else {
      this.#startTimeout(peer);
    }
  }

  /** Let the successor carry the call. */
  #adopt(peer) {
    if (peer !== this.#next) return;
    this.#current?.close();
    this.#current = peer;
    this.#next = null;
    this.#reports.follow(peer);
    if (peer.tracks) this.#emit("tracks", peer.tracks);
  }

  /** Give a Peer up, and offer anew. */
  #replace(peer) {
    if (peer !== this.#current && peer !== this.#next) return;
    if (this.#current?.pc.connectionState !== "connected") this.#emit("state", "lost");
    if (peer === this.#next) this.#failures += 1;
    this.#offer();
  }

  #onMessage(peer, message) {
    if (peer !== this.#current) return;
    if (typeof message.seq === "number") {
      if (message.seq <= this.#lastSeq) return; // resent, and received before
      this.#lastSeq = message.seq;
    }
    this.#emit("message", message);
  }

  #problem(error) {
    this.#emit("problem", { code: "bad_sdp", message: String(error) });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
