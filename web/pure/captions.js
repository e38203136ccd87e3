// Decides which sentence a captions page shows, from the messages of a viewer: one at a time, the newest. Pure.

import { same, space } from "./languages.js";

const READING_MS = 70; // time for each character
const LEAST_MS = 4000;
const PASSED = 64; // parts that are remembered, so that a late revision does not bring one back

/** Return the time for which a text that changes no more stays. */
export const stays = (text) => Math.max(LEAST_MS, READING_MS * text.length);

/** Return the sentences of a text, as far as the runtime knows those of its language. */
export function sentences(text, language) {
  if (!Intl.Segmenter) return [text];
  const found = [...new Intl.Segmenter(language, { granularity: "sentence" }).segment(text)];
  return found.map(({ segment }) => segment.trim()).filter(Boolean);
}

export class Captions {
  #language;
  #line = null; // {speaker, language, held, parts: [{key, id, utterance, text, final}]}
  #passed = [];

  /** `language`: what is said in it, or translated into it, is shown; null: all translations */
  constructor(language = null) {
    this.#language = language;
  }

  /**
   * → `{text, language, held, newest: {id, text, final}}` of the sentence that is shown, or null; `held`: its
   * translation was held back; `newest`: the part of it that came last
   */
  get shown() {
    if (!this.#line) return null;
    const { language, held, parts } = this.#line;
    const text = parts.map((part) => part.text).filter(Boolean).join(space(language));
    const { id, text: newest, final } = parts.at(-1);
    return text ? { text, language, held, newest: { id, text: newest, final } } : null;
  }

  /** Take a message. → true if it may have changed what is shown */
  take(message) {
    if (message.type === "transcription") return this.#said(message);
    if (message.type === "translation") return this.#meant(message);
    if (message.type === "utterance_end") return this.#ended(message);
    return false;
  }

  #said({ utteranceId, sourceUserId, text, language, final }) {
    if (!this.#language || !same(language, this.#language)) return false;
    const all = sentences(text, language);
    const id = `${utteranceId} ${all.length}`; // each sentence of an utterance is another one
    const part = { key: utteranceId, id, utterance: utteranceId, text: all.at(-1) ?? "", final };
    return this.#show(part, { speaker: sourceUserId, language, held: false });
  }

  #meant({ utteranceId, segment, sourceUserId, translatedText, sourceLanguage, targetLanguage, held, ...more }) {
    if (this.#language && !same(targetLanguage, this.#language)) return false;
    const key = `${utteranceId} ${segment}`;
    const part = { key, id: key, utterance: utteranceId, text: translatedText, final: more.final };
    const line = { speaker: sourceUserId, language: held ? sourceLanguage : targetLanguage, held: Boolean(held) };
    return this.#show(part, line, more.continues);
  }

  /** `continues`: the utterance whose last part this one goes on */
  #show(part, line, continues) {
    const parts = this.#line?.parts ?? [];
    const at = parts.findIndex(({ key }) => key === part.key);
    if (at >= 0) {
      Object.assign(this.#line, line);
      parts[at] = part;
    } else if (this.#passed.includes(part.key)) {
      return false;
    } else if (continues && parts.at(-1)?.utterance === continues && this.#line.speaker === line.speaker) {
      parts.push(part);
    } else if (part.text) {
      this.#pass();
      this.#line = { ...line, parts: [part] };
    } else {
      return false;
    }
    return true;
  }

  /** Take back what nobody said: noise, or the interpreter's own voice. */
  #ended({ utteranceId, outcome, reason }) {
    const unsaid = outcome === "nothing_said" || (outcome === "refused" && reason === "echo");
    if (!unsaid || !this.#line?.parts.some(({ utterance }) => utterance === utteranceId)) return false;
    this.#pass();
    this.#line = null;
    return true;
  }

  #pass() {
    this.#passed.push(...(this.#line?.parts ?? []).map(({ key }) => key));
    this.#passed.splice(0, Math.max(0, this.#passed.length - PASSED));
  }
}
