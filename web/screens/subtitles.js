// A Conversation as a list of subtitles; a screen reader gets only what is final. Texts are never parsed as markup.

import { asOne } from "../pure/conversation.js";
import { space } from "../pure/languages.js";
import { clock, has, percent, seconds, t } from "../pure/words.js";
import { element } from "./dom.js";

const UNSURE_CONFIDENCE = 0.6; // a lower confidence has a note of its own
const NOTED_OUTCOMES = new Set(["refused", "start_over", "failed", "subtitles_only"]);
const NEAR_THE_END_PX = 80;
const ANNOUNCEMENTS_KEPT = 8;

export class SubtitleView {
  #rows = new Map(); // utterance id → <li>, the one whose text changed last at the end
  #announced = new Set();

  /**
   * `list`: an <ol> · `announcer`: a polite live region, or null after the call ·
   * `people`: `(participantId) => {name, mine}`
   */
  constructor(list, announcer, people) {
    Object.assign(this, { list, announcer, people });
  }

  clear() {
    this.#rows.clear();
    this.#announced.clear();
    this.list.replaceChildren();
  }

  /**
   * Draw one utterance anew in its place, which is that of the first of its `sentence` (by Conversation). An utterance
   * in which its speaker said nothing is removed. The row whose text changed last is the `latest`.
   */
  show(utterance, sentence) {
    const scroller = this.list.parentElement;
    const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_THE_END_PX;
    const [first] = sentence;
    if (utterance !== first) {
      this.#rows.get(utterance.id)?.remove();
      this.#rows.delete(utterance.id);
    }
    if (!first) {
      this.#markLatest();
      return;
    }
    let row = this.#rows.get(first.id);
    if (!row) {
      row = element("li", "utterance");
      row.dataset.utterance = first.id;
      this.#rows.set(first.id, row);
      this.list.append(row);
    }
    const before = words(row);
    this.#fill(row, asOne(sentence));
    if (words(row) !== before) {
      this.#rows.delete(first.id);
      this.#rows.set(first.id, row);
    }
    this.#markLatest();
    if (atEnd) scroller.scrollTop = scroller.scrollHeight;
    if (!utterance.unsaid) this.#announce(utterance);
  }

  #markLatest() {
    const latest = [...this.#rows.values()].at(-1);
    if (latest?.classList.contains("latest")) return;
    this.list.querySelector(":scope > .latest")?.classList.remove("latest");
    latest?.classList.add("latest");
  }

  #fill(row, utterance) {
    const { name, mine } = this.people(utterance.speaker);
    row.classList.toggle("mine", mine);
    const original = text("p", "original", utterance.language);
    original.append(text("span", "firm", "", utterance.text.slice(0, utterance.stable)));
    const tail = utterance.text.slice(utterance.stable);
    if (tail) original.append(text("span", "provisional", "", tail));
    const translations = this.#visible(utterance).map((segments) => {
      const line = text("p", "translation", segments[0].language);
      for (const { text: content, language, final, speech, held, unsure } of segments) {
        const part = text("span", final ? "firm" : "provisional", held ? utterance.language : "", content);
        if (held) part.classList.add("held");
        if (speech === "start" && this.announcer) part.classList.add("speaking");
        if (speech === "skipped" && !held) part.classList.add("skipped");
        line.append(part, ...mark(unsure), space(language));
      }
      return line;
    });
    const note = this.#note(utterance);
    row.classList.toggle("untranslated", translations.length === 0);
    const head = text("p", "head", "");
    head.append(text("bdi", "speaker", "", name));
    if (utterance.startMs !== null) head.append(text("time", "quiet", "", clock(utterance.startMs)));
    row.replaceChildren(head, original, ...translations, ...note);
  }

  /** Return the translations to show: of a partner's utterance mine, of my utterance all. */
  #visible(utterance) {
    const { mine } = this.people(utterance.speaker);
    const targets = [...utterance.targets].filter(([target]) => mine || this.people(target).mine);
    return targets.map(([, segments]) => segments).filter((segments) => segments.some((one) => one.text));
  }

  #note(utterance) {
    const notes = [...new Set(utterance.outcomes.values())].filter((outcome) => NOTED_OUTCOMES.has(outcome));
    const texts = notes.map((outcome) => t(`note.${outcome}`));
    const segments = this.#visible(utterance).flat();
    if (segments.some(({ speech, held }) => speech === "skipped" && !held)) texts.push(t("note.skipped"));
    if (segments.some(({ held }) => held)) texts.push(t("note.held"));
    for (const doubt of new Set(segments.flatMap(({ unsure }) => doubts(unsure)))) texts.push(t(`doubt.${doubt}`));
    if (this.announcer && segments.some(({ speech }) => speech === "start")) texts.push(t("note.speaking"));
    if (utterance.firstAudioMs !== null) {
      texts.push(t("note.heardAfter", { time: seconds(Math.max(0, utterance.firstAudioMs)) }));
    }
    const { confidence, final } = utterance;
    if (final && confidence !== null && confidence < 1) {
      const share = percent(Math.round(100 * confidence) / 100);
      texts.push(t(confidence < UNSURE_CONFIDENCE ? "note.unsure" : "note.sure", { share }));
    }
    return texts.length ? [text("p", "note", "", texts.join(" · "))] : [];
  }

  // A live region speaks all that is added: only a partner's final text, once each, or it would drown the call.
  #announce(utterance) {
    const { name, mine } = this.people(utterance.speaker);
    if (mine || !this.announcer) return;
    const segments = this.#visible(utterance).flat();
    const untranslated = !segments.length && [...utterance.outcomes.values()].includes("not_needed");
    const finals = untranslated
      ? [["", utterance.text, utterance.language]]
      : segments.filter(({ final }) => final).map((one) => [one.segment, spoken(one), one.language]);
    for (const [number, said, language] of finals) {
      const key = `${utterance.id}/${number}`;
      if (this.#announced.has(key)) continue;
      this.#announced.add(key);
      this.announcer.append(text("p", "", language, `${name}: ${said}`));
      if (this.announcer.childElementCount > ANNOUNCEMENTS_KEPT) this.announcer.firstElementChild.remove();
    }
  }
}

/** Return the text of a row as it is read: a note, or that a word is firm now, is no change of it. */
function words(row) {
  return [...row.querySelectorAll(".original, .translation")].map((line) => line.textContent).join("\n").trim();
}

function text(tag, className, language, content = "") {
  const made = element(tag, className);
  if (language) {
    made.lang = language;
    made.dir = "auto";
  }
  made.textContent = content;
  return made;
}

/** Return the doubts that there are words for: a newer server may know more. */
function doubts(unsure) {
  return unsure.filter((doubt) => has(`doubt.${doubt}`));
}

/** Return the mark behind a translation that may be wrong, with the reasons as its tooltip; none where it is sure. */
function mark(unsure) {
  const reasons = doubts(unsure).map((doubt) => t(`doubt.${doubt}`)).join(" · ");
  if (!reasons) return [];
  const made = text("abbr", "unsure", "", "?");
  made.title = reasons;
  return [made];
}

/** Return a segment as a screen reader says it: with its doubts, or that it was not translated. */
function spoken({ text: content, held, unsure }) {
  const remarks = held ? [t("note.held")] : doubts(unsure).map((doubt) => t(`doubt.${doubt}`));
  return remarks.length ? `${content} (${remarks.join(", ")})` : content;
}
