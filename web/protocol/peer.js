// One offer's RTCPeerConnection: microphone up, two voices down, the `subtitles` channel, trickle ICE.
// No DOM: works wherever `RTCPeerConnection` does. Each offer is a new Peer (docs/protocol.md, section 2).

/**
 * Events:
 * - `state`, detail: `RTCPeerConnectionState`
 * - `tracks`, detail: `{interpreter, original}`, each a `MediaStreamTrack` or null
 * - `open`: the `subtitles` channel is open
 * - `message`, detail: a message of the channel
 */
export class Peer extends EventTarget {
  #transceivers = []; // in m-line order
  #channel;
  #closed = false;

  constructor({ negotiation, iceServers, microphone, RTCPeerConnection = globalThis.RTCPeerConnection }) {
    super();
    this.negotiation = negotiation;
    const pc = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.pc = pc;
    this.#transceivers = [
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

  /** Send the offer, then each candidate, by `send(message)`. */
  async offer(send) {
    const { negotiation, pc } = this;
    const early = [];
    let offered = false;
    pc.onicecandidate = ({ candidate }) => {
      const fields = candidate && {
        candidate: candidate.candidate,
        sdpMid: candidate.sdpMid,
        sdpMLineIndex: candidate.sdpMLineIndex,
      };
      const message = { type: "candidate", negotiation, candidate: fields };
      if (offered) send(message);
      else early.push(message);
    };
    const description = await pc.createOffer(); // engines outside of browsers make none by themselves
    if (this.#closed) return;
    await pc.setLocalDescription(description);
    if (this.#closed) return;
    send({ type: "offer", negotiation, sdp: pc.localDescription.sdp });
    offered = true;
    early.forEach(send);
  }

  /** Apply an `answer` message. */
  async accept({ sdp, tracks }) {
    if (this.#closed) return;
    await this.pc.setRemoteDescription({ type: "answer", sdp });
    this.assign(tracks);
  }

  /**
   * Assign the received tracks to the two voices by `[{mid, kind, participantId}]`. Without it the order decides: the
   * interpreter first.
   */
  assign(tracks) {
    if (this.#closed) return;
    const [first, second] = this.#transceivers;
    const track = (kind, fallback) => {
      const mapping = tracks?.find((one) => one.kind === kind);
      const mapped = mapping && this.#transceivers.find(({ mid }) => mid === mapping.mid);
      return (tracks?.length ? mapped : fallback)?.receiver.track ?? null;
    };
    const detail = { interpreter: track("interpreter", first), original: track("original", second) };
    this.dispatchEvent(new CustomEvent("tracks", { detail }));
  }

  /** Send a message on the channel. Return false when it could not be sent. */
  send(message) {
    if (this.#channel.readyState !== "open") return false;
    try {
      this.#channel.send(JSON.stringify(message));
      return true;
    } catch {
      return false; // closing, full, or longer than the server takes
    }
  }

  /** Replace the microphone without a new offer. */
  async replaceMicrophone(track) {
    return this.#transceivers[0].sender.replaceTrack(track);
  }

  async stats() {
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
    this.dispatchEvent(new CustomEvent("message", { detail }));
  }
}
