// One RTCPeerConnection, as the protocol wants it (section 3). A new offer is a new one of these.

import wrtc from '@roamhq/wrtc';
import { Ear } from './ear.js';

const PATIENCE_MS = 15000;

export class Media {
  /**
   * `track` is the microphone's. `on.candidate(candidate | null)` trickles, `on.message(message)` is from the
   * `subtitles` channel, `on.state(connectionState)` tells how the connection is.
   */
  constructor(iceServers, track, lines, on) {
    this.connection = new wrtc.RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' });
    // The first audio line: our microphone up, the interpreter's voice down.
    this.connection.addTransceiver(track, { direction: 'sendrecv' });
    // The second: the partner's own voice.
    for (let more = 1; more < lines; more += 1) this.connection.addTransceiver('audio', { direction: 'recvonly' });
    this.channel = this.connection.createDataChannel('subtitles', { ordered: true });
    this.channel.onmessage = ({ data }) => on.message(JSON.parse(data));
    this.connection.onicecandidate = ({ candidate }) => on.candidate(candidate && {
      candidate: candidate.candidate,
      sdpMid: candidate.sdpMid,
      sdpMLineIndex: candidate.sdpMLineIndex,
    });
    this.ears = {};
    this.ready = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no media')), PATIENCE_MS);
      const look = () => {
        if (this.connection.connectionState !== 'connected' || this.channel.readyState !== 'open') return;
        clearTimeout(timer);
        resolve();
      };
      this.channel.onopen = look;
      this.connection.onconnectionstatechange = () => {
        on.state(this.connection.connectionState);
        look();
      };
    });
    this.ready.catch(() => {}); // who waits for it is told; nobody has to
  }

  /** The SDP to send; candidates follow. */
  async offer() {
    await this.connection.setLocalDescription(await this.connection.createOffer());
    return this.connection.localDescription.sdp;
  }

  /** Apply the server's answer and listen to each line; settles when media and channel are up. */
  async accept({ sdp, tracks }, path) {
    await this.connection.setRemoteDescription({ type: 'answer', sdp });
    for (const { mid, kind } of tracks) {
      const { receiver } = this.connection.getTransceivers().find((one) => one.mid === mid);
      this.ears[kind] = new Ear(receiver.track, `${path}-${kind}.pcm`);
    }
    await this.ready;
  }

  send(type, fields = {}) {
    this.channel.send(JSON.stringify({ type, ...fields }));
  }

  /** What the engine measured: each line by its kind, and the way to the server. */
  async stats(tracks) {
    const all = [...(await this.connection.getStats()).values()];
    const lines = {};
    for (const { mid, kind } of tracks) {
      lines[kind] = all.find((one) => one.type === 'inbound-rtp' && one.mid === mid) ?? null;
    }
    const pair = all.find((one) => one.type === 'candidate-pair' && one.nominated) ?? null;
    return { lines, pair };
  }

  close() {
    for (const ear of Object.values(this.ears)) ear.stop();
    this.connection.close();
  }
}
