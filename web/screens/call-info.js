// What holds in this call, in the panel: what is interpreted, until when it may last, and how many read along.

import { ornament } from "../browser/ornament.js";
import { count, t, timeOfDay } from "../pure/words.js";
import { $, terms } from "./dom.js";

export class CallInfo {
  #call;
  #socket = null;
  #info = null;

  constructor(call) {
    this.#call = call;
    ornament("What holds in this call", () => { // nothing of one call stays for the next
      $("this-call").hidden = true;
      $("info").replaceChildren();
    });
  }

  /** Ask on each new socket, and show what it tells. `name`: the partner's */
  draw({ socket, info, me }, name) {
    if (socket === "joined" && this.#socket !== "joined") this.#call.askInfo();
    this.#socket = socket;
    if (!info || info === this.#info) return;
    this.#info = info;
    ornament("What holds in this call", () => {
      const whose = ({ speaker }) => t(speaker === me ? "info.fromMe" : "info.toMe", { name });
      const rows = info.interpretation.map((way) => [whose(way), words(way)]);
      rows.push([t("info.until"), timeOfDay(info.expiresAt)]);
      if (info.viewers) rows.push([t("info.viewers"), count(info.viewers)]);
      $("info").replaceChildren(...terms(rows));
      $("this-call").hidden = false;
    });
  }
}

function words({ speech, typed, spoken }) {
  if (!typed) return t("info.none");
  if (!speech) return t("info.typed");
  return t(spoken ? "info.spoken" : "info.written");
}
