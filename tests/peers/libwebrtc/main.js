// A participant driven by lines of JSON: commands on standard input, results and events on standard output.
// Usage: node main.js SERVER FOLDER
//
//   in   {"id": 1, "do": "create", "with": ["en"]}        the name and the arguments of one of the steps below
//   out  {"id": 1, "value": {...}}  or  {"id": 1, "error": {"code", "message", "status"?}}
//   out  {"event": "socket", "at": 1763700000000, "message": {...}}, and others: see participant.js

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Participant } from './participant.js';
import { Publisher } from './publisher.js';

const [server, folder] = process.argv.slice(2);
const out = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const me = new Participant(server, folder, (event, fields) => out({ event, at: Date.now(), ...fields }));
let publisher = null; // an encoder beside me, or in place of me

const steps = {
  signIn: (name) => me.signIn(name),
  create: (language) => me.create(language),
  join: (code, language) => me.join(code, language),
  session: () => me.api.session(me.entry.sessionId),
  http: (method, path, body, token) => me.api.call(method, path, body, token),
  connect: (token) => me.connect(token),
  restore: (kept) => me.restore(kept),
  kept: () => ({
    entry: me.entry, language: me.language, resumeToken: me.resumeToken,
    negotiation: me.negotiation, lastSeq: me.lastSeq,
  }),
  offer: (mLines) => me.offer(mLines),
  ears: () => Object.fromEntries(
    Object.entries(me.media.recorders).map(([kind, { path, began }]) => [kind, { path, began }]),
  ),
  publish: (sessionId, token) => (publisher = new Publisher(server)).publish(sessionId, token),
  unpublish: () => publisher.end(),
  speak: (path, published) => {
    const bytes = readFileSync(path);
    const { microphone } = published ? publisher : me;
    return microphone.say(new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)));
  },
  say: (text, clientId) => me.say(text, clientId),
  typing: (on) => me.typing(on),
  talk: (on) => me.talk(on),
  setLanguage: (language) => me.setLanguage(language),
  stats: () => me.stats(),
  watch: (everyMs) => {
    setInterval(async () => me.media && out({ event: 'stats', at: Date.now(), ...(await me.stats()) }), everyMs);
  },
  report: () => me.report(),
  onSocket: (type, fields) => me.signaling.send(type, fields),
  onChannel: (type, fields) => me.media.send(type, fields),
  dropSocket: () => me.signaling.close(),
  leave: () => me.leave(),
  delete: () => me.api.delete(me.entry.sessionId, me.resumeToken || undefined),
  close: () => me.close(),
};

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, do: step, with: given = [] } = JSON.parse(line);
  try {
    out({ id, value: (await steps[step](...given)) ?? null });
  } catch ({ code = 'internal', message, status }) {
    out({ id, error: { code, message, status } });
  }
}).on('close', () => {
  me.close();
  publisher?.close();
  setTimeout(() => process.exit(0), 100); // the engine's threads would keep the process
});
