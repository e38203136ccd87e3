// Consent to a call's history: mine to give and withdraw, both sides' state, a mark while the text is kept; who reads.

import { change, standing } from "../pure/consent.js";
import { t } from "../pure/words.js";
import { $, set } from "./dom.js";

const NONE = { on: false, consents: [], reason: null };

export class Consent {
  #before = NONE;
  #me = null;
  #viewers = 0;

  /** `offered`: true if this server can keep histories · `people`: a People · `notice(text)`: shows a remark */
  constructor({ call, people, offered, signal, notice }) {
    Object.assign(this, { call, people, offered, notice });
    $("history").hidden = !offered;
    $("keep").checked = false;
    $("keep").addEventListener("change", () => this.#ask($("keep").checked), { signal });
    signal.addEventListener("abort", () => ($("kept").hidden = true));
    this.draw(call.state);
  }

  /** Draw a Call's state. What has changed is told. */
  draw({ history, viewers, me }) {
    if (viewers !== this.#viewers) {
      this.#viewers = viewers;
      if (viewers) this.notice(t("consent.viewers", { count: viewers }));
    }
    const name = this.people.partnerName;
    const state = standing(history, me);
    set($("keep-state"), t(`history.${state}`, { name }));
    $("kept").hidden = !history.on;
    if (history.consents.length) $("history").hidden = false; // somebody asks: the page may not have known of it
    if (this.#before === history && this.#me === me) return;
    const told = change(this.#before, history, me);
    [this.#before, this.#me] = [history, me];
    $("keep").checked = history.consents.includes(me);
    if (told) this.notice(t(`consent.${told}`, { name }));
  }

  #ask(on) {
    if (this.call.setHistory(on)) return;
    $("keep").checked = !on;
    this.notice(t("consent.failed"));
  }
}
