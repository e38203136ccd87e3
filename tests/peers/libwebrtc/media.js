// One RTCPeerConnection as the protocol requires it (section 3). Each offer is a new Media.

import wrtc from '@roamhq/wrtc';
import { Recorder } from './recorder.js';

const CONNECT_TIMEOUT_MS = 15000;

export class Media {
  /**
   * `track`: the microphone's. `mLines`: number of audio m-lines to offer. `on.candidate(candidate | null)`: each
   * local candidate. `on.message(message)`: each message of the `subtitles` channel. `on.state(connectionState)`.
   */
  constructor(iceServers, track, mLines, on) {
    this.connection = new wrtc.RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' });
    // The first audio m-line: our microphone up, the interpreter's voice down.
    this.connection.addTransceiver(track, { direction: 'sendrecv' });
    // The second: the partner's own voice.
    for (let more = 1; more < mLines; more += 1) this.connection.addTransceiver('audio', { direction: 'recvonly' });
    this.channel = this.connection.createDataChannel('subtitles', { ordered: true });
    this.channel.onmessage = ({ data }) => on.message(JSON.parse(data));
    this.connection.onicecandidate = ({ candidate }) => on.candidate(candidate && {
      candidate: candidate.candidate,
      sdpMid: candidate.sdpMid,
      sdpMLineIndex: candidate.sdpMLineIndex,
    });
    this.recorders = {};
    this.ready = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no media')), CONNECT_TIMEOUT_MS);
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
    this.ready.catch(() => {}); // nobody has to wait for it
  }

  /** Return the SDP to send; candidates follow. */
  async offer() {
    await this.connection.setLocalDescription(await this.connection.createOffer());
    return this.connection.localDescription.sdp;
  }

  /** Apply the server's answer and record each voice. Resolves when media and channel are up. */
  async accept({ sdp, tracks }, path) {
    await this.connection.setRemoteDescription({ type: 'answer', sdp });
    for (const { mid, kind } of tracks) {
      const { receiver } = this.connection.getTransceivers().find((one) => one.mid === mid);
      this.recorders[kind] = new Recorder(receiver.track, `${path}-${kind}.pcm`);
    }
    await this.ready;
  }

  send(type, fields = {}) {
    this.channel.send(JSON.stringify({ type, ...fields }));
  }

  /** Return the engine's statistics of each voice by its kind, and of the candidate pair in use. */
  async stats(tracks) {
    const all = [...(await this.connection.getStats()).values()];
    const voices = {};
    for (const { mid, kind } of tracks) {
      voices[kind] = all.find((one) => one.type === 'inbound-rtp' && one.mid === mid) ?? null;
    }
    const pair = all.find((one) => one.type === 'candidate-pair' && one.nominated) ?? null;
    return { voices, pair };
  }

  close() {
    for (const recorder of Object.values(this.recorders)) recorder.stop();
    this.connection.close();
  }
}
