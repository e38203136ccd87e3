// A network that breaks WebSockets: when a stream takes their place, and how it is one. Time is moved by hand.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Signaling } from "../index.js";

const sockets = [];
const requests = [];

class Played {
  static OPEN = 1;
  readyState = 0;

  constructor() {
    sockets.push(this);
  }

  send() {}

  close() {
    this.readyState = 3;
  }

  ends(code) {
    this.onclose({ code, reason: "" });
  }

  joins() {
    this.readyState = 1;
    this.onopen();
    this.onmessage({ data: '{"type":"session_joined","resumeToken":"resume","iceServers":[]}' });
  }
}

/** A request whose answer the test gives. */
function fetch(url, { method = "GET", headers, body, signal }) {
  return new Promise((resolve, reject) => {
    const request = { url, method, token: headers.Authorization, body: body && JSON.parse(body), reject };
    request.answers = (status, content = null) => resolve(new Response(content, { status }));
    request.streams = () => {
      const stream = new ReadableStream({ start: (controller) => (request.controller = controller) });
      resolve(new Response(stream, { status: 200 }));
    };
    request.tells = (text) => request.controller.enqueue(new TextEncoder().encode(text));
    signal.addEventListener("abort", () => {
      request.aborted = true;
      reject(new Error("aborted"));
      request.controller?.error(new Error("aborted"));
    });
    requests.push(request);
  });
}

const soon = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const message = (content) => `data: ${JSON.stringify(content)}\n\n`;
const JOINED = message({ type: "session_joined", resumeToken: "resume", iceServers: [] });
const posts = () => requests.filter(({ method }) => method === "POST");
const gets = () => requests.filter(({ method }) => method === "GET");
let signaling;
let told;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  sockets.length = requests.length = 0;
  told = [];
  signaling = new Signaling({ language: "en", WebSocket: Played, fetch });
  signaling.use({ wsUrl: "wss://call.example/below/ws", sessionId: "s_1", token: "access" });
  for (const name of ["joined", "lost", "closed"]) {
    signaling.addEventListener(name, ({ detail }) => told.push(detail?.code ?? name));
  }
  signaling.open();
});

afterEach(async () => {
  signaling.close();
  mock.timers.tick(2000);
  await soon();
  mock.timers.reset();
});

/** The first WebSocket fails, and the stream behind it joins. */
async function streaming() {
  sockets[0].ends(1006);
  await soon();
  const [stream] = gets();
  stream.streams();
  await soon();
  stream.tells(': open\n\nevent: opened\ndata: {"stream": "m_1"}\n\n: ping\n\n');
  await soon();
  posts()[0].answers(202);
  await soon();
  posts()[1].answers(202); // the heartbeat
  stream.tells(JOINED);
  await soon();
  return stream;
}

test("a WebSocket that can't be opened is followed at once by a stream below the same address", async () => {
  const stream = await streaming();
  assert.deepEqual([stream.url, stream.token], ["https://call.example/below/api/v1/sessions/s_1/messages", "Bearer access"]);
  const [join, heartbeat] = posts();
  assert.equal(join.url, `${stream.url}?stream=m_1`);
  assert.deepEqual([join.body.type, join.body.token, heartbeat.body.type], ["join_session", "access", "heartbeat"]);
  assert.equal(posts().length, 2, "the ping came behind a message of ours");
  assert.deepEqual(told, ["joined"]);
  assert.equal(signaling.send({ type: "set_voice", voice: "v" }), true);
  await soon();
  assert.deepEqual([posts()[2].body.voice, posts()[2].token], ["v", "Bearer resume"]);
});

test("one of several nodes is left to whoever is in front of them", async () => {
  signaling.use({ wsUrl: "wss://call.example/below/ws/two", sessionId: "s_1", token: "access" });
  sockets[0].ends(1006);
  await soon();
  assert.equal(gets()[0].url, "https://call.example/below/api/v1/sessions/s_1/messages");
});

test("a WebSocket that opens and brings nothing is given up in five seconds", async () => {
  mock.timers.tick(2400);
  sockets[0].readyState = 1;
  sockets[0].onopen();
  assert.equal(requests.length, 0);
  mock.timers.tick(2500);
  await soon();
  assert.equal(gets().length, 1);
});

test("a WebSocket that does not open is given up in two and a half", async () => {
  mock.timers.tick(2500);
  await soon();
  assert.equal(gets().length, 1);
  assert.equal(sockets[0].readyState, 3);
});

test("a server that closes by a code has been reached, and no stream is tried", async () => {
  sockets[0].ends(1012);
  mock.timers.tick(130);
  await soon();
  assert.deepEqual([sockets.length, requests.length], [2, 0]);
});

test("where a WebSocket has worked, the third failure in a row is one of WebSockets", async () => {
  sockets[0].joins();
  for (let failure = 0; failure < 4; failure += 1) {
    assert.equal(requests.length, 0);
    sockets.at(-1).ends(1006);
    await soon();
    mock.timers.tick(failure < 3 ? 700 : 0);
  }
  assert.deepEqual([sockets.length, gets().length, gets()[0].token], [4, 1, "Bearer resume"]);
});

test("messages arrive in their order: each waits for the answer to the one before", async () => {
  await streaming();
  for (const voice of ["a", "b", "c"]) signaling.send({ type: "set_voice", voice });
  for (const [number, voice] of ["a", "b", "c"].entries()) {
    await soon();
    assert.equal(posts().length, 3 + number);
    assert.equal(posts().at(-1).body.voice, voice);
    posts().at(-1).answers(202);
  }
});

test("a ping is answered by who has said nothing since the one before", async () => {
  const stream = await streaming();
  const before = posts().length;
  for (let ping = 0; ping < 3; ping += 1) {
    stream.tells(": ping\n\n");
    await soon();
    posts().at(-1).answers(202);
    await soon();
  }
  assert.deepEqual(posts().slice(before).map(({ body }) => body.type), ["heartbeat", "heartbeat", "heartbeat"]);
});

test("events may come in any pieces", async () => {
  const stream = await streaming();
  const heard = [];
  signaling.addEventListener("message", ({ detail }) => heard.push(detail));
  for (const char of `${message({ type: "status", message: "a: b" })}${message({ type: "heartbeat" })}`) stream.tells(char);
  await soon();
  assert.deepEqual(heard, [{ type: "status", message: "a: b" }, { type: "heartbeat" }]);
});

for (const [code, reason] of [[1000, "ended"], [4001, "taken_over"]]) {
  test(`after a close by ${code} it is over: ${reason}`, async () => {
    const stream = await streaming();
    stream.tells(`event: close\ndata: {"code": ${code}}\n\n`);
    await soon();
    assert.deepEqual(told, ["joined", reason]);
  });
}

test("a lost stream is followed by a WebSocket, which is given a second, and by a stream", async () => {
  const stream = await streaming();
  stream.controller.close();
  await soon();
  mock.timers.tick(130);
  assert.equal(sockets.length, 2);
  mock.timers.tick(1000);
  await soon();
  assert.equal(gets().length, 2);
  assert.deepEqual([gets()[1].token, told], ["Bearer resume", ["joined", "lost"]]);
});

test("a WebSocket that works again is used again", async () => {
  const stream = await streaming();
  stream.controller.close();
  await soon();
  mock.timers.tick(130);
  sockets[1].joins();
  assert.deepEqual(told, ["joined", "lost", "joined"]);
  sockets[1].ends(1006);
  mock.timers.tick(400);
  await soon();
  assert.deepEqual([sockets.length, gets().length], [3, 1]);
});

test("a refusal is final as on a WebSocket, and one that passes is tried again", async () => {
  sockets[0].ends(1006);
  await soon();
  gets()[0].answers(503, '{"error": {"code": "at_capacity", "message": "full"}}');
  await soon();
  mock.timers.tick(130);
  assert.equal(sockets.length, 2);
  sockets[1].ends(1006);
  await soon();
  gets()[1].answers(403, '{"error": {"code": "forbidden", "message": "no"}}');
  await soon();
  assert.deepEqual(told, ["forbidden"]);
});

for (const [name, status, content] of [
  ["an older server", 404, '{"error": {"code": "not_found", "message": "nothing here"}}'],
  ["a proxy's own page", 403, "<html>"],
]) {
  test(`the answer of ${name} ends no call`, async () => {
    sockets[0].ends(1006);
    await soon();
    gets()[0].answers(status, content);
    await soon();
    mock.timers.tick(130);
    assert.deepEqual([sockets.length, told], [2, []]);
  });
}

test("a message that is refused loses the stream, unless that says why", async () => {
  await streaming();
  signaling.send({ type: "set_voice", voice: "v" });
  await soon();
  posts().at(-1).answers(404, "{}");
  await soon();
  assert.deepEqual(told, ["joined"]);
  mock.timers.tick(1000);
  assert.deepEqual(told, ["joined", "lost"]);
});

test("what was said before the end is still sent", async () => {
  const stream = await streaming();
  signaling.send({ type: "set_voice", voice: "v" });
  signaling.send({ type: "leave_session" });
  signaling.close();
  await soon();
  assert.ok(!stream.aborted);
  posts()[2].answers(202);
  await soon();
  assert.equal(posts()[3].body.type, "leave_session");
  posts()[3].answers(202);
  await soon();
  assert.ok(stream.aborted);
});
