// Call between a played socket and a played engine: its state, one message once, and the end.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Call, HeardLatency, summarise } from "../index.js";

class PlayedSignaling extends EventTarget {
  joined = false;
  language = "en";
  token = "resume";
  sent = [];

  open() {
    this.joined = true;
    this.tell("joined", { participantId: "me", iceServers: [], partner: null });
  }

  send(message) {
    this.sent.push(message);
    return true;
  }

  setLanguage(language) {
    this.language = language;
    return true;
  }

  close() {
    this.joined = false;
  }

  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

const peers = [];

class PlayedPeerConnection {
  connectionState = "new";
  lines = [];
  sent = [];

  constructor() {
    peers.push(this);
  }

  addTransceiver(what, { direction }) {
    const mid = String(this.lines.length);
    this.lines.push({ mid, direction, receiver: { track: `track ${mid}` }, sender: {} });
    return this.lines.at(-1);
  }

  createDataChannel(label) {
    this.channel = { label, readyState: "open", send: (text) => this.sent.push(JSON.parse(text)) };
    return this.channel;
  }

  async createOffer() {
    return { type: "offer", sdp: "offer" };
  }

  async setLocalDescription(description) {
    assert.equal(description.type, "offer"); // libwebrtc without a browser makes none by itself
    this.localDescription = description;
  }

  async setRemoteDescription({ sdp }) {
    this.answer = sdp;
  }

  async getStats() {
    return new Map();
  }

  close() {
    this.connectionState = "closed";
  }
}

const soon = () => new Promise((resolve) => setImmediate(resolve));
let signaling;
let call;
let told;

beforeEach(async () => {
  peers.length = 0;
  signaling = new PlayedSignaling();
  call = new Call({ signaling, microphone: "microphone", RTCPeerConnection: PlayedPeerConnection });
  told = { tracks: [], subtitle: [], problem: [] };
  for (const name of Object.keys(told)) call.addEventListener(name, ({ detail }) => told[name].push(detail));
  call.start();
  await soon();
  const { negotiation } = signaling.sent.find(({ type }) => type === "offer");
  const tracks = [{ mid: "1", kind: "original", participantId: "p" }, { mid: "0", kind: "interpreter", participantId: "p" }];
  signaling.tell("message", { type: "answer", negotiation, sdp: "answer", tracks });
  await soon();
  peers[0].connectionState = "connected";
  peers[0].onconnectionstatechange();
  peers[0].channel.onopen();
});

afterEach(() => signaling.tell("message", { type: "session_ended", reason: "left", metrics: {} }));

test("the microphone goes up on the first line, and each voice is known by its mid", () => {
  assert.deepEqual(peers[0].lines.map(({ direction }) => direction), ["sendrecv", "recvonly"]);
  assert.equal(peers[0].channel.label, "subtitles");
  assert.deepEqual(told.tracks.at(-1), { interpreter: "track 0", original: "track 1" });
  assert.deepEqual(peers[0].sent[0], { type: "resume", lastSeq: 0 });
  assert.equal(call.state.media, "connected");
});

test("a message that comes twice is told once", () => {
  const message = { type: "translation", seq: 4, translatedText: "Hola" };
  for (const one of [message, message, { ...message, seq: 3 }, { ...message, seq: 5 }]) {
    peers[0].channel.onmessage({ data: JSON.stringify(one) });
  }
  peers[0].channel.onmessage({ data: "no JSON" });
  assert.deepEqual(told.subtitle.map(({ seq }) => seq), [4, 5]);
});

test("a language that the server refuses is the one before again", () => {
  call.setLanguage("tlh");
  signaling.tell("message", { type: "error", code: "unsupported_language", message: "", fatal: false });
  assert.equal(call.state.language, "en");
  assert.equal(told.problem[0].code, "unsupported_language");
});

test("typed text has an id of its own", () => {
  call.say("Hello");
  call.say("Hello");
  const [, one, two] = peers[0].sent;
  assert.equal(one.text, "Hello");
  assert.notEqual(one.clientId, two.clientId);
});

const typing = () => peers[0].sent.filter(({ type }) => type === "typing").map(({ on }) => on);

test("that I type is told at once and every 3 s, without a word of it", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  for (let second = 0; second < 7; second += 1) {
    call.typing(true);
    context.mock.timers.tick(1000);
  }
  assert.deepEqual(typing(), [true, true, true]);
  call.typing(false);
  call.typing(false);
  assert.deepEqual(typing(), [true, true, true, false]);
  call.typing(true);
  call.say("Hello");
  call.typing(false);
  assert.deepEqual(typing().slice(4), [true], "the text tells that it is over");
  assert.deepEqual(Object.keys(peers[0].sent.find(({ type }) => type === "typing")), ["type", "on"]);
});

test("that my partner types is forgotten: when they say so, after 10 s, and with the connection", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let seq = 0;
  const tell = (on) => peers[0].channel.onmessage({ data: JSON.stringify({ type: "typing", seq: (seq += 1), sourceUserId: "p", on }) });
  tell(true);
  assert.equal(call.state.typing, true);
  tell(false);
  assert.equal(call.state.typing, false);
  tell(true);
  context.mock.timers.tick(6000);
  tell(true);
  context.mock.timers.tick(9000);
  assert.equal(call.state.typing, true);
  context.mock.timers.tick(1000);
  assert.equal(call.state.typing, false);
  tell(true);
  signaling.tell("message", { type: "partner_disconnected", participantId: "p" });
  assert.equal(call.state.typing, false);
  tell(true);
  peers[0].connectionState = "failed";
  peers[0].onconnectionstatechange();
  context.mock.timers.tick(1000); // before it counts as lost
  assert.equal(call.state.typing, false);
  assert.deepEqual(told.subtitle.map(({ type }) => type), Array(6).fill("typing"));
});

test("the end is told once, and releases the engine", () => {
  signaling.tell("message", { type: "session_ended", reason: "partner_left", metrics: { utterances: 2 } });
  signaling.tell("message", { type: "session_ended", reason: "left", metrics: {} });
  assert.equal(call.state.ended.reason, "partner_left");
  assert.equal(peers[0].connectionState, "closed");
});

test("statistics are of the time since the last report", () => {
  const line = { type: "inbound-rtp", kind: "audio", jitter: 0.002, packetsReceived: 90, packetsLost: 10, concealedSamples: 480 };
  const { stats, more, totals } = summarise(new Map([["a", line]]));
  assert.deepEqual([stats.jitterMs, stats.packetsLost, stats.concealedMs, more.lossPercent], [2, 10, 10, 10]);
  assert.equal(summarise(new Map([["a", { ...line, packetsReceived: 190 }]]), totals).more.lossPercent, 0);
});

test("the latency is from the partner's last voice to the interpreter's first sound", () => {
  const heard = new HeardLatency();
  assert.equal(heard.feed(0, -20, -90), null);
  assert.equal(heard.feed(900, -90, -20), 900);
  assert.equal(heard.feed(950, -90, -20), null);
});
