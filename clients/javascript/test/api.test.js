// Api: requests as the protocol has them, and refusals by their code.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { AccountsApi, Api, ApiError } from "../index.js";

let server;
let origin;
const asked = [];
const answers = {
  "POST /api/v1/auth/guest": [201, { userId: "u", token: "t", expiresIn: 900 }],
  "POST /api/v1/sessions/join": [429, { error: { code: "rate_limited", message: "slow down", details: {} } }, { "Retry-After": "7" }],
  "GET /api/v1/languages": [502, "no JSON"],
};

before(async () => {
  server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    asked.push({ ...request.headers, method: request.method, url: request.url, body: Buffer.concat(parts).toString() });
    const [status, content, headers] = answers[`${request.method} ${request.url}`] ?? [404, {}];
    response.writeHead(status, headers).end(JSON.stringify(content));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${server.address().port}`;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

test("a guest's token comes back, and a name goes as JSON", async () => {
  assert.equal((await new Api({ origin }).guest("Ana")).token, "t");
  const { body, authorization, "content-type": type } = asked.at(-1);
  assert.deepEqual(JSON.parse(body), { displayName: "Ana" });
  assert.equal(type, "application/json");
  assert.equal(authorization, undefined);
});

test("a refusal has its code, its status and when to come again", async () => {
  const refused = await new Api({ origin }).join("secret", "123456", "es").catch((error) => error);
  assert.ok(refused instanceof ApiError);
  assert.deepEqual([refused.code, refused.status, refused.retryAfterS], ["rate_limited", 429, 7]);
  assert.equal(asked.at(-1).authorization, "Bearer secret");
  assert.ok(!asked.at(-1).url.includes("secret"));
});

test("an answer that is not of the protocol is internal, and none at all is unreachable", async () => {
  assert.equal((await new Api({ origin }).languages().catch((error) => error)).code, "internal");
  assert.equal((await new Api({ origin: "http://127.0.0.1:1" }).languages().catch((error) => error)).code, "unreachable");
});

test("all viewers are taken back, or one", async () => {
  const api = new Api({ origin });
  for (const [id, path] of [[undefined, ""], ["v/1", "/v%2F1"]]) {
    await api.removeViewers("s", "t", id).catch(() => {});
    assert.equal(`${asked.at(-1).method} ${asked.at(-1).url}`, `DELETE /api/v1/sessions/s/viewers${path}`);
  }
});

test("what a path is made of is escaped", async () => {
  const accounts = new AccountsApi(new Api({ origin }));
  await accounts.history("t", "../users/me", { limit: 5, offset: 0 }).catch(() => {});
  assert.equal(asked.at(-1).url, "/api/v1/sessions/..%2Fusers%2Fme/history?limit=5&offset=0");
});
