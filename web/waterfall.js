// Draws where the time of the last utterances went: the newest as a waterfall, those before as one bar each.

import { element } from "./dom.js";
import { waterfall } from "./latency.js";
import { seconds, milliseconds, t } from "./words.js";

const KEPT = 5;

export class WaterfallView {
  #rows = []; // {name, mine, stages, totalMs, heardMs}

  /** `line`, set from the statistics: `{networkMs, playoutMs}` of this page's connection. */
  constructor(container, people) {
    Object.assign(this, { container, people, line: {} });
    container.replaceChildren(element("p", "quiet small", t("delay.none")));
  }

  /** `end`: the `utterance_end` of the utterance. What was not spoken has no place here. */
  add(utterance, end) {
    const { mine } = this.people.person(utterance.speaker);
    const { networkMs, playoutMs } = this.line;
    // Of my own words this page knows their way to the server; the rest of their way is the partner's.
    const told = waterfall(end.latency, { networkMs, playoutMs: mine ? null : playoutMs });
    if (!told) return;
    const heardMs = mine ? null : (this.people.heardMs ?? null);
    this.people.heardMs = null;
    this.#rows = [{ mine, heardMs, ...told }, ...this.#rows].slice(0, KEPT);
    this.#draw();
  }

  #draw() {
    const [newest, ...earlier] = this.#rows;
    const parts = [this.#newest(newest, ...scale([newest]))];
    if (earlier.length) {
      parts.push(element("p", "quiet small", t("delay.earlier")), this.#earlier(earlier, ...scale(earlier)));
    }
    this.container.replaceChildren(...parts);
  }

  #title({ mine }) {
    return t(mine ? "delay.toPartner" : "delay.toMe", { name: this.people.partnerName });
  }

  #newest(row, from, span) {
    const box = element("div", "newest");
    const head = element("p", "total");
    head.append(element("span", "", this.#title(row)), element("b", "", seconds(row.totalMs)));
    const list = element("ul", "stages");
    for (const { stage, startMs, ms } of row.stages) {
      const line = element("li", `stage ${stage}`);
      const track = element("i", "track");
      track.append(bar(stage, startMs - from, ms, span));
      line.append(element("span", "what", t(`stage.${stage}`)), track, element("span", "ms", milliseconds(ms)));
      list.append(line);
    }
    box.append(head, list);
    if (row.heardMs !== null) box.append(element("p", "quiet small", t("delay.heard", { time: seconds(row.heardMs) })));
    return box;
  }

  #earlier(rows, from, span) {
    const list = element("ul", "earlier");
    for (const row of rows) {
      const line = element("li");
      const track = element("span", "track");
      track.setAttribute("role", "img");
      const stages = row.stages
        .map(({ stage, ms }) => t("delay.stage", { stage: t(`stage.${stage}`), time: milliseconds(ms) }))
        .join(", ");
      const told = { name: this.#title(row), total: seconds(row.totalMs), stages };
      track.setAttribute("aria-label", t("delay.row", told));
      for (const { stage, startMs, ms } of row.stages) track.append(bar(stage, startMs - from, ms, span));
      line.append(track, element("b", "", seconds(row.totalMs)));
      list.append(line);
    }
    return list;
  }
}

/** → where the axis begins, and how much it spans, in ms */
function scale(rows) {
  const from = Math.min(0, ...rows.flatMap(({ stages }) => stages.map(({ startMs }) => startMs)));
  return [from, Math.max(100, ...rows.map(({ totalMs }) => totalMs)) - from];
}

function bar(stage, offsetMs, ms, span) {
  const made = element("i", `piece ${stage}`);
  made.style.setProperty("inset-inline-start", `${(100 * offsetMs) / span}%`);
  made.style.setProperty("inline-size", `${(100 * ms) / span}%`);
  return made;
}
