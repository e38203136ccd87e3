// One offer's RTCPeerConnection: microphone up, two voices down, the `subtitles` channel; trickle both its ways.
// No DOM: works wherever `RTCPeerConnection` does. Every offer is a new Peer (PROTOCOL, section 2).

/**
 * Events:
 * - `state`, detail: `RTCPeerConnectionState`
 * - `tracks`, detail: `{interpreter, original}`, each a `MediaStreamTrack` or null
 * - `open`: the `subtitles` channel is open
 * - `subtitle`, detail: a message of the channel
 */
export class Peer extends EventTarget {
  #lines = []; // our transceivers in m-line order
  #channel;
  #closed = false;

  constructor({ negotiation, iceServers, microphone, RTCPeerConnection = globalThis.RTCPeerConnection }) {
    super();
    this.negotiation = negotiation;
    const pc = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.pc = pc;
    this.#lines = [
      pc.addTransceiver(microphone, { direction: "sendrecv" }),
      pc.addTransceiver("audio", { direction: "recvonly" }),
    ];
    this.#channel = pc.createDataChannel("subtitles", { ordered: true });
    this.#channel.onopen = () => this.dispatchEvent(new Event("open"));
    this.#channel.onmessage = ({ data }) => this.#onMessage(data);
    pc.onconnectionstatechange = () => {
      if (!this.#closed) this.dispatchEvent(new CustomEvent("state", { detail: pc.connectionState }));
    };
  }

  /** Sends the offer, then each candidate, by `send(message)`. */
  async offer(send) {
    const { negotiation, pc } = this;
    const early = [];
    let offered = false;
    pc.onicecandidate = ({ candidate }) => {
      const plain = candidate && {
        candidate: candidate.candidate,
        sdpMid: candidate.sdpMid,
        sdpMLineIndex: candidate.sdpMLineIndex,
      };
      const message = { type: "candidate", negotiation, candidate: plain };
      if (offered) send(message);
      else early.push(message);
    };
    await pc.setLocalDescription();
    if (this.#closed) return;
    send({ type: "offer", negotiation, sdp: pc.localDescription.sdp });
    offered = true;
    early.forEach(send);
  }

  /** The `answer` message. */
  async accept({ sdp, tracks }) {
    if (this.#closed) return;
    await this.pc.setRemoteDescription({ type: "answer", sdp });
    this.assign(tracks);
  }

  /** Who stands behind which line: `[{mid, kind, participantId}]`; without it, the order says. */
  assign(tracks) {
    if (this.#closed) return;
    const [first, second] = this.#lines;
    const track = (kind, fallback) => {
      const told = tracks?.find((line) => line.kind === kind);
      const line = tracks?.length ? told && this.#lines.find(({ mid }) => mid === told.mid) : fallback;
      return line?.receiver.track ?? null;
    };
    const detail = { interpreter: track("interpreter", first), original: track("original", second) };
    this.dispatchEvent(new CustomEvent("tracks", { detail }));
  }

  /** → whether the channel took it */
  say(message) {
    if (this.#channel.readyState !== "open") return false;
    this.#channel.send(JSON.stringify(message));
    return true;
  }

  /** Another microphone, without a new offer. */
  replaceMicrophone(track) {
    return this.#lines[0].sender.replaceTrack(track);
  }

  stats() {
    return this.pc.getStats();
  }

  close() {
    this.#closed = true;
    this.pc.onicecandidate = null;
    this.#channel.onopen = this.#channel.onmessage = null;
    this.pc.close();
  }

  #onMessage(data) {
    let detail;
    try {
      detail = JSON.parse(data);
    } catch {
      return;
    }
    this.dispatchEvent(new CustomEvent("subtitle", { detail }));
  }
}
