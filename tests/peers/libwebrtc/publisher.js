// An encoder: publishes a microphone into a session by WHIP (RFC 9725), with nothing of the protocol but that.

import wrtc from '@roamhq/wrtc';
import { Refused } from './api.js';
import { Microphone } from './microphone.js';

const CONNECT_TIMEOUT_MS = 15000;

export class Publisher {
  constructor(server) {
    this.server = server.replace(/\/$/, '');
    this.microphone = new Microphone();
    this.connection = new wrtc.RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.location = null;
  }

  /** Publish. Resolves when media is up, to what the server answered. `token`: the participant's resume token. */
  async publish(sessionId, token) {
    const { connection } = this;
    this.token = token;
    connection.addTransceiver(this.microphone.track, { direction: 'sendonly' });
    await connection.setLocalDescription(await connection.createOffer());
    await this.#becomes('iceGatheringState', 'icegatheringstatechange', 'complete'); // the server takes no PATCH
    const response = await this.#ask('POST', `${this.server}/api/v1/sessions/${sessionId}/whip`, {
      headers: { 'Content-Type': 'application/sdp' },
      body: connection.localDescription.sdp,
    });
    this.location = new URL(response.headers.get('Location'), response.url).href;
    const sdp = await response.text();
    await connection.setRemoteDescription({ type: 'answer', sdp });
    await this.#becomes('connectionState', 'connectionstatechange', 'connected');
    return { status: response.status, type: response.headers.get('Content-Type'), location: this.location, sdp };
  }

  /** End the publication where the server said. */
  async end() {
    const { status } = await this.#ask('DELETE', this.location);
    return { status };
  }

  async #ask(method, url, { headers = {}, body } = {}) {
    const response = await fetch(url, { method, headers: { ...headers, Authorization: `Bearer ${this.token}` }, body });
    if (response.ok) return response;
    const { error } = await response.json();
    throw new Refused(response.status, error.code, error.message);
  }

  #becomes(property, event, wanted) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${property} is not ${wanted}`)), CONNECT_TIMEOUT_MS);
      const look = () => {
        if (this.connection[property] !== wanted) return;
        clearTimeout(timer);
        resolve();
      };
      this.connection.addEventListener(event, look);
      look();
    });
  }

  close() {
    this.connection.close();
    this.microphone.stop();
  }
}
