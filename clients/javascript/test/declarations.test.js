// index.d.ts declares what index.js exports, and of each class the members that it has.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as exported from "../index.js";

const declared = readFileSync(new URL("../index.d.ts", import.meta.url), "utf8");
const body = (name) => declared.match(new RegExp(`^export class ${name}\\b[^{]*\\{\\n([^]*?)^\\}`, "m"))?.[1];
const members = (text) => [...text.matchAll(/^ {2}(?:readonly )?(\w+)[(?:]/gm)].map(([, name]) => name);
const SOURCES = { Call: "call", Signaling: "signaling", Api: "api", AccountsApi: "accounts-api", Peer: "peer" };

test("every export is declared, and nothing else", () => {
  const names = [...declared.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(names.toSorted(), Object.keys(exported).toSorted());
});

test("every method is declared", () => {
  for (const [name, value] of Object.entries(exported)) {
    if (!String(value).startsWith("class")) continue;
    const methods = Object.getOwnPropertyNames(value.prototype);
    const missing = methods.filter((method) => !["constructor", ...members(body(name))].includes(method));
    assert.deepEqual(missing, [], name);
  }
});

test("every declared member is in the source", () => {
  for (const [name, file] of Object.entries(SOURCES)) {
    const source = readFileSync(new URL(`../protocol/${file}.js`, import.meta.url), "utf8");
    for (const member of members(body(name))) assert.match(source, new RegExp(`\\b${member}\\b`), `${name}.${member}`);
  }
});

test("every type that is imported is generated", () => {
  const messages = readFileSync(new URL("../messages.d.ts", import.meta.url), "utf8");
  const [, names] = declared.match(/^import type \{([^}]+)\}/m);
  for (const name of names.split(",").map((one) => one.trim().split(" as ")[0]).filter(Boolean)) {
    assert.match(messages, new RegExp(`^export (interface|type) ${name}\\b`, "m"));
  }
});
