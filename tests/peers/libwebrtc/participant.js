// One participant of a call: the steps of the protocol in their order.

import { setTimeout } from 'node:timers/promises';
import { Api } from './api.js';
import { Media } from './media.js';
import { Microphone } from './microphone.js';
import { Signaling } from './signaling.js';

const REPORT_EVERY_MS = 5000;
const TAIL_MS = 200; // capture and encoder run behind the finger that releases the button

export class Participant {
  /** `folder`: for the recordings. `emit(event, fields)`: receives each event. */
  constructor(server, folder, emit) {
    this.api = new Api(server);
    this.folder = folder;
    this.emit = emit;
    this.microphone = new Microphone();
    this.entry = {}; // sessionId, participantId, wsUrl, sessionCode?
    this.language = '';
    this.resumeToken = '';
    this.negotiation = 0;
    this.lastSeq = 0;
    this.tracks = [];
    this.media = null;
  }

  // --- Joining ---

  signIn(name) {
    return this.api.guest(name);
  }

  async create(language) {
    this.language = language;
    this.entry = await this.api.create(language);
    return this.entry;
  }

  async join(code, language) {
    this.language = language;
    this.entry = await this.api.join(code, language);
    return this.entry;
  }

  /** Open the socket and join. A second socket takes over from the first. */
  async connect(token = this.resumeToken || this.api.token) {
    this.signaling = new Signaling(this.entry.wsUrl, {
      message: (message) => this.#receive(message),
      close: (code) => this.emit('closed', { code }),
    });
    await this.signaling.opened;
    const joined = this.signaling.next((message) => message.type === 'session_joined');
    this.signaling.send('join_session', {
      sessionId: this.entry.sessionId, token, language: this.language, protocol: 1,
    });
    const message = await joined;
    this.resumeToken = message.resumeToken;
    return message;
  }

  /** Restore a participant whose process was ended, from its stored state. */
  restore({ entry, language, resumeToken, negotiation, lastSeq }) {
    Object.assign(this, { entry, language, resumeToken, negotiation, lastSeq });
  }

  #receive(message) {
    this.emit('socket', { message });
    if (message.type === 'tracks') this.tracks = message.tracks;
  }

  // --- Media ---

  /** Offer a new connection, which replaces the previous one when it is up. Return the answer. */
  async offer(mLines = 2) {
    const negotiation = ++this.negotiation;
    // Credentials of a relay expire: each offer requests new ones, with the resume token, which stays valid.
    const { iceServers } = await this.api.iceServers(this.resumeToken);
    const early = [];
    let trickle = (candidate) => early.push(candidate);
    const media = new Media(iceServers, this.microphone.track, mLines, {
      candidate: (candidate) => trickle(candidate),
      message: (message) => this.read(message, negotiation),
      state: (state) => this.emit('state', { state, negotiation }),
    });
    try {
      const sdp = await media.offer();
      const answered = this.signaling.next((m) => m.type === 'answer' && m.negotiation === negotiation);
      this.signaling.send('offer', { negotiation, sdp });
      trickle = (candidate) => this.signaling.send('candidate', { negotiation, candidate });
      early.forEach(trickle);
      const answer = await answered;
      this.tracks = answer.tracks;
      await media.accept(answer, `${this.folder}/${negotiation}`);
      media.send('resume', { lastSeq: this.lastSeq });
      this.media?.close();
      this.media = media;
      this.reports ??= setInterval(() => this.report(), REPORT_EVERY_MS);
      return answer;
    } catch (error) {
      media.close();
      throw error;
    }
  }

  /** Receive a channel message. Its number shows repetitions: during a change both channels may carry it. */
  read(message, negotiation) {
    const seen = message.seq <= this.lastSeq;
    if (!seen) this.lastSeq = message.seq;
    this.emit('channel', { message, negotiation, seen });
  }

  // --- In the call ---

  say(text, clientId) {
    this.media.send('say', { text, clientId });
  }

  /** I type a text that I have not sent, or have deleted it. */
  typing(on) {
    this.media.send('typing', { on });
  }

  /** Push-to-talk: pressing opens the microphone, releasing ends the utterance at once. */
  async talk(pressed) {
    if (!pressed) await setTimeout(TAIL_MS);
    this.microphone.track.enabled = pressed;
    if (!pressed) this.media.send('end_utterance');
  }

  setLanguage(language) {
    this.language = language;
    this.signaling.send('set_language', { language });
  }

  stats() {
    return this.media.stats(this.tracks);
  }

  /** Send `client_stats`, every 5 s: statistics of the receiving side, which the server cannot know. */
  async report() {
    const { voices, pair } = await this.stats();
    const received = Object.values(voices).filter(Boolean);
    const sum = (field) => received.reduce((total, one) => total + (one[field] ?? 0), 0);
    const fields = {
      rttMs: 1000 * (pair?.currentRoundTripTime ?? 0),
      jitterMs: 1000 * Math.max(0, ...received.map((one) => one.jitter ?? 0)),
      packetsLost: sum('packetsLost'),
      // Nothing is sent between talkspurts: nobody can hear a concealment that fills in silence.
      concealedMs: (sum('concealedSamples') - sum('silentConcealedSamples')) / 48,
      playoutDelayMs: 1000 * (sum('jitterBufferDelay') / (sum('jitterBufferEmittedCount') || 1)),
    };
    this.media.send('client_stats', fields);
    return fields;
  }

  // --- Leaving ---

  leave() {
    this.signaling.send('leave_session');
  }

  /** Release everything without a message to the server. */
  close() {
    clearInterval(this.reports);
    this.media?.close();
    this.microphone.stop();
    this.signaling?.close();
  }
}
