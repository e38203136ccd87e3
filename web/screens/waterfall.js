// Latency of the last utterances by stage: the newest as a waterfall, each earlier one as a bar.

import { waterfall } from "../pure/latency.js";
import { seconds, milliseconds, t } from "../pure/words.js";
import { element } from "./dom.js";

const MAX_ROWS = 5;

export class WaterfallView {
  #rows = []; // {name, mine, stages, totalMs, heardMs}

  /** `connection`: `{networkMs, playoutMs}` of this page, set with each statistics report */
  constructor(container, people) {
    Object.assign(this, { container, people, connection: {} });
    container.replaceChildren(element("p", "quiet small", t("delay.none")));
  }

  /** Add an utterance by its `utterance_end` message; one that was not spoken is left out. */
  add(utterance, end) {
    const { mine } = this.people.person(utterance.speaker);
    const { networkMs, playoutMs } = this.connection;
    // Of my utterance this page knows the way to the server; only the partner's page knows the rest.
    const latency = waterfall(end.latency, { networkMs, playoutMs: mine ? null : playoutMs });
    if (!latency) return;
    const heardMs = mine ? null : (this.people.heardMs ?? null);
    this.people.heardMs = null;
    this.#rows = [{ mine, heardMs, ...latency }, ...this.#rows].slice(0, MAX_ROWS);
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
      const values = { name: this.#title(row), total: seconds(row.totalMs), stages };
      track.setAttribute("aria-label", t("delay.row", values));
      for (const { stage, startMs, ms } of row.stages) track.append(bar(stage, startMs - from, ms, span));
      line.append(track, element("b", "", seconds(row.totalMs)));
      list.append(line);
    }
    return list;
  }
}

/** Return the start and the span of a time axis for these rows, both in ms. */
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
