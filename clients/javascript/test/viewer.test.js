// Viewer: messages in order however they are cut, the token in a header, and coming again where it left off.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { Api, Viewer } from "../index.js";

let server;
let api;
let asked = [];
let plays = []; // one for each request: (response) => …

before(async () => {
  server = createServer((request, response) => {
    asked.push({ url: request.url, ...request.headers });
    plays.shift()(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  api = new Api({ origin: `http://127.0.0.1:${server.address().port}` });
});

beforeEach(() => {
  asked = [];
});

after(() => {
  server.closeAllConnections();
  server.close();
});

const STREAM = { "Content-Type": "text/event-stream" };
const line = (seq, text) => `id: ${seq}\ndata: ${JSON.stringify({ type: "transcription", seq, text })}\n\n`;
const ENDED = `data: ${JSON.stringify({ type: "ended", reason: "session_ended" })}\n\n`;

/** Answer by a stream of `chunks`; `ends`: it ends, else the connection breaks. */
const streaming = (chunks, { ends = true } = {}) => async (response) => {
  response.writeHead(200, STREAM);
  for (const chunk of chunks) {
    response.write(chunk);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  if (ends) response.end();
  else response.destroy();
};

const refusing = (status, code) => (response) => {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ error: { code, message: "for developers" } }));
};

async function read(...played) {
  plays = played;
  const viewer = new Viewer({ api, sessionId: "s_1/..", token: "secret", pausesMs: [1] });
  const [texts, states] = [[], []];
  viewer.addEventListener("subtitle", ({ detail }) => texts.push(detail.text));
  viewer.addEventListener("state", ({ detail }) => states.push(detail));
  await viewer.start();
  return { texts, states };
}

test("messages come in order, wherever the stream is cut", async () => {
  const whole = Buffer.from(`: open\n\n${line(7, "Où est l'hôtel ?")}: ping\n\n${line(8, "😀")}${ENDED}`);
  for (const size of [1, 5, 1000]) {
    const chunks = [];
    for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size));
    const quickly = (response) => {
      response.writeHead(200, STREAM);
      for (const chunk of chunks) response.write(chunk);
      response.end();
    };
    const { texts, states } = await read(quickly);
    assert.deepEqual(texts, ["Où est l'hôtel ?", "😀"]);
    assert.deepEqual(states, ["reading", "session_ended"]);
  }
});

test("the token goes in a header, and the session is escaped", async () => {
  await read(streaming([ENDED]));
  assert.equal(asked[0].authorization, "Bearer secret");
  assert.equal(asked[0].url, "/api/v1/sessions/s_1%2F../subtitles");
  assert.equal(asked[0]["last-event-id"], undefined);
});

test("it comes again behind the last event, whatever broke", async () => {
  const { texts, states } = await read(
    streaming([line(7, "one")], { ends: false }),
    refusing(503, "at_capacity"),
    (response) => response.destroy(),
    (response) => response.writeHead(502).end("<html>"),
    streaming([line(9, "two")]),
    streaming([ENDED]),
  );
  assert.deepEqual(texts, ["one", "two"]);
  assert.deepEqual(asked.map((one) => one["last-event-id"]), [undefined, "7", "7", "7", "7", "9"]);
  assert.deepEqual(states, ["reading", "lost", "reading", "lost", "reading", "session_ended"]);
});

test("what can't get better ends it", async () => {
  for (const [status, code] of [[401, "unauthorized"], [403, "forbidden"], [404, "session_not_found"], [410, "session_ended"]]) {
    assert.deepEqual((await read(refusing(status, code))).states, [code]);
    assert.equal(asked.length, 1);
    asked = [];
  }
});

test("who closes it reads no more", async () => {
  plays = [(response) => response.writeHead(200, STREAM).write(": open\n\n")];
  const viewer = new Viewer({ api, sessionId: "s", token: "t", pausesMs: [1] });
  const over = viewer.start();
  await new Promise((resolve) => viewer.addEventListener("state", resolve, { once: true }));
  viewer.close();
  await over;
  assert.equal(viewer.state, "reading");
  assert.equal(asked.length, 1);
});
