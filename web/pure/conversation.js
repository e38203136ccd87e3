// A conversation built from the messages of the `subtitles` channel: utterances and their translations. Pure.

import { space } from "./languages.js";

/** @typedef {{segment: number, revision: number, text: string, language: string, final: boolean,
 *             speech: null | "start" | "end" | "skipped", held: string | null, unsure: string[]}} Segment
 *
 * `held`: why there is no translation; `text` is the source then. `unsure`: what to doubt in it. */

/** One utterance. `stable`: length of the prefix of `text` that will not change. `targets`: segments in order. */
export class Utterance {
  constructor(id, speaker) {
    this.id = id;
    this.speaker = speaker; // participantId
    this.text = "";
    this.stable = 0; // UTF-16 code units
    this.language = "";
    this.continues = null; // the id of the utterance whose last sentence it goes on
    this.final = false;
    this.revision = -1;
    this.startMs = null; // the speaker's media time since the start of the call
    this.endMs = null;
    this.confidence = null; // 0 to 1
    this.firstAudioMs = null;
    this.latencies = new Map(); // targetUserId → `latency` of `utterance_end`
    this.outcomes = new Map(); // targetUserId → outcome of `utterance_end`; "start_over" where its speaker took it back
    this.unsaid = false; // true if its speaker said nothing: noise, another's voice (an echo), or all was taken back
    this.targets = new Map(); // targetUserId → Segment[]
  }

  /** Return the Segment with this number for a target; a new one is added. */
  segment(target, number) {
    if (!this.targets.has(target)) this.targets.set(target, []);
    const segments = this.targets.get(target);
    let found = segments.find(({ segment }) => segment === number);
    if (!found) {
      found = { segment: number, revision: -1, text: "", language: "", final: false, speech: null, held: null, unsure: [] };
      segments.push(found);
      segments.sort((a, b) => a.segment - b.segment);
    }
    return found;
  }
}

export class Conversation {
  constructor() {
    this.utterances = []; // in the order of their first messages
  }

  find(id) {
    return this.utterances.find((utterance) => utterance.id === id);
  }

  /** Return the utterances of one sentence, in order: this one, those that it goes on, and those that go on with it. */
  sentence(utterance) {
    const before = new Set();
    let first = utterance;
    for (let one = utterance; one && !before.has(one); one = this.find(one.continues)) before.add((first = one));
    const ids = new Set([first.id]);
    for (const { id, continues } of this.utterances) if (ids.has(continues)) ids.add(id);
    return this.utterances.filter(({ id }) => ids.has(id));
  }

  /** Apply one message of the channel. Return the Utterance that it changed, or null. */
  apply(message) {
    switch (message.type) {
      case "transcription":
        return this.#applyTranscription(message);
      case "translation":
        return this.#applyTranslation(message);
      case "speech_audio":
        return this.#applySpeech(message);
      case "utterance_end":
        return this.#applyEnd(message);
      default:
        return null;
    }
  }

  #findOrAdd({ utteranceId, sourceUserId }) {
    let utterance = this.find(utteranceId);
    if (!utterance) {
      utterance = new Utterance(utteranceId, sourceUserId);
      this.utterances.push(utterance);
    }
    return utterance;
  }

  #applyTranscription(message) {
    const utterance = this.#findOrAdd(message);
    if (message.revision < utterance.revision) return null;
    utterance.revision = message.revision;
    utterance.text = message.text;
    utterance.stable = message.final ? message.text.length : message.stableLength;
    utterance.final = message.final;
    utterance.language = message.language;
    utterance.continues = message.continues ?? null;
    utterance.startMs = message.startMs ?? utterance.startMs;
    utterance.endMs = message.endMs ?? utterance.endMs;
    utterance.confidence = message.confidence ?? null;
    return utterance;
  }

  #applyTranslation(message) {
    const utterance = this.#findOrAdd(message);
    const segment = utterance.segment(message.targetUserId, message.segment);
    if (message.revision < segment.revision) return null;
    segment.revision = message.revision;
    segment.text = message.translatedText;
    segment.language = message.targetLanguage;
    segment.final = message.final;
    segment.held = message.held ?? null;
    segment.unsure = message.unsure ?? [];
    if (!utterance.text) {
      // The transcription was lost in a gap: the translation repeats its part of it.
      utterance.text = message.originalText;
      utterance.language = message.sourceLanguage;
      if (message.segment === 0) utterance.continues = message.continues ?? null;
    }
    return utterance;
  }

  #applySpeech({ utteranceId, targetUserId, segment, state }) {
    const utterance = this.find(utteranceId);
    if (!utterance) return null;
    utterance.segment(targetUserId, segment).speech = state;
    return utterance;
  }

  #applyEnd({ utteranceId, targetUserId, outcome, reason, latency }) {
    const utterance = this.find(utteranceId);
    if (!utterance) return null;
    const takenBack = outcome === "refused" && reason === "start_over";
    utterance.outcomes.set(targetUserId, takenBack ? reason : outcome);
    if (latency) utterance.latencies.set(targetUserId, latency);
    utterance.final = true;
    utterance.stable = utterance.text.length;
    utterance.firstAudioMs = latency?.firstAudioMs ?? utterance.firstAudioMs;
    const echo = outcome === "refused" && reason === "echo";
    utterance.unsaid = outcome === "nothing_said" || echo || (takenBack && !utterance.text);
    if (utterance.unsaid) this.utterances = this.utterances.filter((one) => one !== utterance);
    return utterance;
  }
}

/** Return the utterances of one sentence, in order, as one Utterance to be shown. */
export function asOne(parts) {
  if (parts.length === 1) return parts[0];
  const [first] = parts;
  const whole = new Utterance(first.id, first.speaker);
  const { language, startMs, firstAudioMs } = first;
  const { final, endMs } = parts.at(-1);
  Object.assign(whole, { language, startMs, firstAudioMs, final, endMs });
  whole.confidence = parts.map((one) => one.confidence).reduce((a, b) => (a === null || b === null ? null : Math.min(a, b)));
  for (const part of parts) {
    if (whole.text && part.text) whole.text += space(language);
    whole.stable = whole.text.length + part.stable;
    whole.text += part.text;
    for (const [target, segments] of part.targets) {
      whole.targets.set(target, [...(whole.targets.get(target) ?? []), ...segments]);
    }
    for (const [target, outcome] of part.outcomes) whole.outcomes.set(`${part.id} ${target}`, outcome);
  }
  return whole;
}
