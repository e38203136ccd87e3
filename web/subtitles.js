// Shows a Conversation as a list; tells a screen reader only what is final. Texts are set, never parsed as markup.

import { element } from "./dom.js";
import { space } from "./languages.js";
import { clock, percent, seconds, t } from "./words.js";

const UNSURE = 0.6; // confidence below which it is said in other words

const NOTED = new Set(["refused", "failed", "subtitles_only"]); // the other outcomes speak for themselves
const NEAR_THE_END_PX = 80;
const KEPT_FOR_READERS = 8;

export class SubtitleView {
  #rows = new Map(); // utterance id → <li>
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

  /** Draws one utterance anew, where it stands; one in which nothing was said disappears. */
  show(utterance) {
    const scroller = this.list.parentElement;
    const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_THE_END_PX;
    let row = this.#rows.get(utterance.id);
    if ([...utterance.outcomes.values()].includes("nothing_said")) {
      row?.remove();
      this.#rows.delete(utterance.id);
      return;
    }
    if (!row) {
      row = element("li", "utterance");
      row.dataset.utterance = utterance.id;
      this.#rows.set(utterance.id, row);
      this.list.append(row);
    }
    this.#fill(row, utterance);
    if (atEnd) scroller.scrollTop = scroller.scrollHeight;
    this.#announce(utterance);
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
      for (const { text: words_, language, final, speech } of segments) {
        const part = text("span", final ? "firm" : "provisional", "", words_);
        if (speech === "start" && this.announcer) part.classList.add("speaking");
        if (speech === "skipped") part.classList.add("skipped");
        line.append(part, space(language));
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

  /** Of a partner's words, what was made for me; of mine, what was made for each other. */
  #visible(utterance) {
    const { mine } = this.people(utterance.speaker);
    const targets = [...utterance.targets].filter(([target]) => mine || this.people(target).mine);
    return targets.map(([, segments]) => segments).filter((segments) => segments.some((one) => one.text));
  }

  #note(utterance) {
    const notes = [...new Set(utterance.outcomes.values())].filter((outcome) => NOTED.has(outcome));
    const told = notes.map((outcome) => t(`note.${outcome}`));
    const spoken = this.#visible(utterance).flat();
    if (spoken.some(({ speech }) => speech === "skipped")) told.push(t("note.skipped"));
    if (this.announcer && spoken.some(({ speech }) => speech === "start")) told.push(t("note.speaking"));
    if (utterance.firstAudioMs !== null) {
      told.push(t("note.heardAfter", { time: seconds(Math.max(0, utterance.firstAudioMs)) }));
    }
    const { confidence, final } = utterance;
    if (final && confidence !== null && confidence < 1) {
      const share = percent(Math.round(100 * confidence) / 100);
      told.push(t(confidence < UNSURE ? "note.unsure" : "note.sure", { share }));
    }
    return told.length ? [text("p", "note", "", told.join(" · "))] : [];
  }

  // A live region that spoke every revision would drown the call: only a partner's firm words, once each.
  #announce(utterance) {
    const { name, mine } = this.people(utterance.speaker);
    if (mine || !this.announcer) return;
    const segments = this.#visible(utterance).flat();
    const untranslated = !segments.length && [...utterance.outcomes.values()].includes("not_needed");
    const firm = untranslated
      ? [["", utterance.text, utterance.language]]
      : segments.filter(({ final }) => final).map((one) => [one.segment, one.text, one.language]);
    for (const [number, said, language] of firm) {
      const key = `${utterance.id}/${number}`;
      if (this.#announced.has(key)) continue;
      this.#announced.add(key);
      this.announcer.append(text("p", "", language, `${name}: ${said}`));
      if (this.announcer.childElementCount > KEPT_FOR_READERS) this.announcer.firstElementChild.remove();
    }
  }
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
