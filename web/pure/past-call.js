// A kept history as rows of a table: one for each utterance, with what was said and its translations. Pure.

import { primary, space } from "./languages.js";

/**
 * `translations`: those of GET /sessions/{id}/history, in the order of speech ·
 * `mine`: the language of the reader, whose column comes first.
 * → `{languages: [tag], rows: [{id, startMs, speaker, said, texts: Map(primary subtag → {tag, text, held, unsure})}]}`;
 * `speaker`: participantId · `said`: primary subtag of what was spoken
 */
export function table(translations, mine) {
  const rows = new Map();
  const columns = new Map(); // primary subtag → the first tag of it
  for (const one of translations) {
    const row = rows.get(one.utteranceId) ?? {
      id: one.utteranceId, startMs: one.startMs, speaker: one.sourceUserId, said: primary(one.sourceLanguage),
      texts: new Map(), seen: new Set(),
    };
    rows.set(one.utteranceId, row);
    row.startMs = Math.min(row.startMs, one.startMs);
    append(row, `source ${one.segment}`, one.sourceLanguage, { text: one.originalText });
    if (one.held || primary(one.targetLanguage) !== row.said) {
      append(row, `${one.targetLanguage} ${one.segment}`, one.targetLanguage, {
        text: one.translatedText, held: Boolean(one.held), unsure: one.unsure ?? [],
      });
    }
    for (const tag of [one.sourceLanguage, one.targetLanguage]) {
      if (!columns.has(primary(tag))) columns.set(primary(tag), tag);
    }
  }
  const first = (tag) => (primary(tag) === primary(mine ?? "") ? 0 : 1);
  const languages = [...columns.values()].sort((a, b) => first(a) - first(b));
  return { languages, rows: [...rows.values()].sort((a, b) => a.startMs - b.startMs) };
}

/** Add a segment's text to the column of its language, once. */
function append(row, key, tag, { text, held = false, unsure = [] }) {
  if (row.seen.has(key)) return;
  row.seen.add(key);
  const cell = row.texts.get(primary(tag)) ?? { tag, text: "", held: false, unsure: [] };
  const said = text.trim();
  cell.text = [cell.text, said].filter(Boolean).join(space(tag));
  cell.held ||= held;
  cell.unsure = [...new Set([...cell.unsure, ...unsure])];
  row.texts.set(primary(tag), cell);
}

/** Return the other people of a call, as one text; "" where nobody has a name. `participants`: of a past call. */
export const others = (participants, me) =>
  participants.filter(({ participantId }) => participantId !== me).map(({ displayName }) => displayName).filter(Boolean).join(", ");
