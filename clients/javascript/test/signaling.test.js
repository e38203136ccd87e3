// Signaling: joins first, and comes back with the resume token; which closes are final. Time is moved by hand.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Signaling } from "../index.js";

const sockets = [];

class Played {
  static OPEN = 1;
  readyState = 0;
  sent = [];

  constructor(url) {
    this.url = url;
    sockets.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 3;
  }

  opens() {
    this.readyState = 1;
    this.onopen();
  }

  tells(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }
}

let signaling;
let told;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  sockets.length = 0;
  told = [];
  signaling = new Signaling({ language: "en", WebSocket: Played });
  signaling.use({ wsUrl: "wss://x/ws", sessionId: "s", token: "access" });
  for (const name of ["waiting", "joined", "lost", "closed"]) {
    signaling.addEventListener(name, ({ detail }) => told.push([name, detail?.code ?? null]));
  }
  signaling.open();
  sockets[0].opens();
});

afterEach(() => {
  signaling.close();
  mock.timers.reset();
});

const joins = () => sockets[0].tells({ type: "session_joined", resumeToken: "resume", iceServers: [] });

test("join_session is the first message, and nothing else goes before session_joined", () => {
  const [first] = sockets[0].sent;
  assert.deepEqual(first, { type: "join_session", sessionId: "s", token: "access", language: "en", detect: false, protocol: 1 });
  assert.equal(signaling.send({ type: "leave_session" }), false);
  joins();
  assert.equal(signaling.send({ type: "leave_session" }), true);
});

test("a lost socket is followed by another, which joins by the resume token", () => {
  joins();
  sockets[0].onclose({ code: 1006, reason: "" });
  mock.timers.tick(130);
  assert.equal(sockets.length, 2);
  sockets[1].opens();
  assert.equal(sockets[1].sent[0].token, "resume");
  assert.deepEqual(told, [["joined", null], ["lost", null]]);
});

for (const [code, reason] of [[1000, "ended"], [4001, "taken_over"], [4400, "bad_request"], [4401, "unauthorized"]]) {
  test(`after a close by ${code} it is over: ${reason}`, () => {
    joins();
    sockets[0].onclose({ code, reason: "" });
    mock.timers.tick(60_000);
    assert.equal(sockets.length, 1);
    assert.deepEqual(told.at(-1), ["closed", reason]);
  });
}

test("a fatal error explains the close behind it", () => {
  sockets[0].tells({ type: "error", code: "session_full", message: "", fatal: true });
  sockets[0].onclose({ code: 4400, reason: "" });
  assert.deepEqual(told, [["closed", "session_full"]]);
});

test("a fatal error that passes is tried again", () => {
  sockets[0].tells({ type: "error", code: "rate_limited", message: "", fatal: true });
  sockets[0].onclose({ code: 4429, reason: "" });
  mock.timers.tick(130);
  assert.equal(sockets.length, 2);
});

test("an answered heartbeat before session_joined means: not let in yet", () => {
  sockets[0].tells({ type: "heartbeat" });
  sockets[0].tells({ type: "heartbeat" });
  assert.deepEqual(told, [["waiting", null]]);
});

test("a socket that is lost after a long wait to be let in is followed by another", (context) => {
  const begun = Date.now();
  sockets[0].tells({ type: "heartbeat" });
  context.mock.method(Date, "now", () => begun + 600_000);
  sockets[0].onclose({ code: 1006, reason: "" });
  mock.timers.tick(130);
  assert.equal(sockets.length, 2);
});

test("a language that is set goes along with the next join", () => {
  joins();
  signaling.setLanguage("pt-BR", true);
  assert.deepEqual(sockets[0].sent.at(-1), { type: "set_language", language: "pt-BR", detect: true });
  sockets[0].onclose({ code: 1012, reason: "restart" });
  mock.timers.tick(130);
  sockets[1].opens();
  assert.deepEqual([sockets[1].sent[0].language, sockets[1].sent[0].detect], ["pt-BR", true]);
});

test("who is moved comes back at the node that has the session now", () => {
  joins();
  sockets[0].tells({ type: "moved", wsUrl: "wss://x/ws/b", fatal: false });
  sockets[0].onclose({ code: 1001, reason: "" });
  mock.timers.tick(130);
  assert.equal(sockets[1].url, "wss://x/ws/b");
});
