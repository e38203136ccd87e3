// A conversation as a file: WebVTT (W3C), SubRip, plain text, JSON. Pure; line ends are LF, encoding is the caller's.

import { space } from "./languages.js";

const SHORTEST_MS = 1000;

/**
 * Order the utterances of a Conversation by time. `nameOf(participantId)` → a name.
 * → `[{startMs, endMs, speaker, participantId, language, text, translations: [{language, text}]}]`
 */
export function lines(utterances, nameOf) {
  let previousEndMs = 0; // stands in for the time of typed text, and of text whose times were lost
  const found = utterances.filter(({ text }) => text.trim()).map((one) => {
    const startMs = Math.max(0, one.startMs ?? previousEndMs);
    const endMs = Math.max(one.endMs ?? 0, startMs + SHORTEST_MS);
    previousEndMs = endMs;
    const translations = new Map();
    for (const segments of one.targets.values()) {
      const { language } = segments[0];
      const text = segments.map(read).filter(Boolean).join(space(language));
      if (text) translations.set(language, text);
    }
    return {
      startMs, endMs, speaker: nameOf(one.speaker), participantId: one.speaker, language: one.language,
      text: one.text.trim(), translations: [...translations].map(([language, text]) => ({ language, text })),
    };
  });
  return found.sort((a, b) => a.startMs - b.startMs);
}

/** Return a segment's text; the source that stands for a translation that was held back is in brackets. */
function read({ text, held }) {
  return held && text.trim() ? `[${text.trim()}]` : text.trim();
}

/** Put a text on one line: a blank line would end a cue. No-break spaces (« 3 € ») are text, and stay. */
const flat = (text) => text.replace(/[\t-\r \u0085\u2028\u2029]+/gu, " ").trim();

function stamp(ms, point) {
  const pad = (value, width = 2) => String(value).padStart(width, "0");
  const s = Math.floor(ms / 1000);
  const whole = [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60].map((value) => pad(value)).join(":");
  return `${whole}${point}${pad(Math.floor(ms % 1000), 3)}`;
}

const said = ({ text, translations }) => [text, ...translations.map((one) => one.text)];

/** Write WebVTT: cue text is escaped like HTML, a name is the annotation of `<v>`. */
export function vtt(all) {
  const escape = (text) => flat(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const cues = all.map((line, index) => {
    const [first, ...rest] = said(line).map(escape);
    const body = [`<v ${escape(line.speaker) || "?"}>${first}`, ...rest].join("\n");
    return `${index + 1}\n${stamp(line.startMs, ".")} --> ${stamp(line.endMs, ".")}\n${body}\n`;
  });
  return `WEBVTT\n\n${cues.join("\n")}`;
}

const LOOK_ALIKES = { "<": "‹", ">": "›", "{": "(", "}": ")" };

/** Write SubRip. It has no escapes, and players take <…> and {\…} for markup: look-alikes replace them. */
export function srt(all) {
  const plain = (text) => flat(text).replace(/-->/g, "→").replace(/[<>{}]/g, (sign) => LOOK_ALIKES[sign]);
  return all
    .map((line, index) => {
      const [first, ...rest] = said(line).map(plain);
      const times = `${stamp(line.startMs, ",")} --> ${stamp(line.endMs, ",")}`;
      return `${index + 1}\n${times}\n${[`${plain(line.speaker)}: ${first}`, ...rest].join("\n")}\n`;
    })
    .join("\n");
}

/** Write plain text: one line for each utterance, its translations indented below. */
export function txt(all) {
  return all
    .map((line) => {
      const [first, ...rest] = said(line).map(flat);
      const head = `[${stamp(line.startMs, ".").slice(0, 8)}] ${flat(line.speaker)}: ${first}`;
      return [head, ...rest.map((one) => `    ${one}`)];
    })
    .flat()
    .concat("")
    .join("\n");
}

/** Write JSON. `call`: fields of the call, put before the lines. */
export function json(all, call = {}) {
  return `${JSON.stringify({ ...call, lines: all }, null, 2)}\n`;
}

export const FORMATS = {
  vtt: { type: "text/vtt", write: vtt },
  srt: { type: "application/x-subrip", write: srt },
  txt: { type: "text/plain", write: txt },
  json: { type: "application/json", write: json },
};
