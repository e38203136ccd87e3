// One participant of a call: the steps of the protocol in their order.

import { setTimeout } from 'node:timers/promises';
import { Api } from './api.js';
import { Media } from './media.js';
import { Microphone } from './microphone.js';
import { Signaling } from './signaling.js';

const REPORT_EVERY_MS = 5000;
const TAIL_MS = 120; // capture and encoder are behind the finger that lets go

export class Participant {
  /** What is heard goes to files in `folder`; `tell(event, fields)` gets all that happens. */
  constructor(server, folder, tell) {
    this.api = new Api(server);
    this.folder = folder;
    this.tell = tell;
    this.microphone = new Microphone();
    this.entry = {}; // sessionId, participantId, wsUrl, sessionCode?
    this.language = '';
    this.resumeToken = '';
    this.negotiation = 0;
    this.lastSeq = 0;
    this.tracks = [];
    this.media = null;
  }

  // --- Coming in ---

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

  /** Open the socket and join; done again, it takes over from the socket before. */
  async connect(token = this.resumeToken || this.api.token) {
    this.signaling = new Signaling(this.entry.wsUrl, {
      message: (message) => this.#told(message),
      close: (code) => this.tell('closed', { code }),
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

  /** A participant whose process was ended comes back by what it had kept. */
  restore({ entry, language, resumeToken, negotiation, lastSeq }) {
    Object.assign(this, { entry, language, resumeToken, negotiation, lastSeq });
  }

  #told(message) {
    this.tell('socket', { message });
    if (message.type === 'tracks') this.tracks = message.tracks;
  }

  // --- Media ---

  /** Offer a new connection; once it is up, it replaces the one before. The answer. */
  async offer(lines = 2) {
    const negotiation = ++this.negotiation;
    // Credentials of a relay expire: each offer asks anew, with the token that does not.
    const { iceServers } = await this.api.iceServers(this.resumeToken);
    const early = [];
    let trickle = (candidate) => early.push(candidate);
    const media = new Media(iceServers, this.microphone.track, lines, {
      candidate: (candidate) => trickle(candidate),
      message: (message) => this.read(message, negotiation),
      state: (state) => this.tell('state', { state, negotiation }),
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

  /** During a change of connection both channels may bring the same message: its number tells. */
  read(message, negotiation) {
    const seen = message.seq <= this.lastSeq;
    if (!seen) this.lastSeq = message.seq;
    this.tell('channel', { message, negotiation, seen });
  }

  // --- In the call ---

  say(text, clientId) {
    this.media.send('say', { text, clientId });
  }

  /** Push-to-talk: pressed, the microphone is heard; released, the utterance ends now. */
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

  /** What the server can't know of how it was heard; every 5 s. */
  async report() {
    const { lines, pair } = await this.stats();
    const heard = Object.values(lines).filter(Boolean);
    const sum = (field) => heard.reduce((total, one) => total + (one[field] ?? 0), 0);
    const fields = {
      rttMs: 1000 * (pair?.currentRoundTripTime ?? 0),
      jitterMs: 1000 * Math.max(0, ...heard.map((one) => one.jitter ?? 0)),
      packetsLost: sum('packetsLost'),
      // Nothing is sent between talkspurts: the silence filled in there is no concealment anyone could hear.
      concealedMs: (sum('concealedSamples') - sum('silentConcealedSamples')) / 48,
      playoutDelayMs: 1000 * (sum('jitterBufferDelay') / (sum('jitterBufferEmittedCount') || 1)),
    };
    this.media.send('client_stats', fields);
    return fields;
  }

  // --- Going ---

  leave() {
    this.signaling.send('leave_session');
  }

  /** Everything here is let go; the server is told nothing. */
  close() {
    clearInterval(this.reports);
    this.media?.close();
    this.microphone.stop();
    this.signaling?.close();
  }
}
