// The one button that gets sound and microphone back, where the system has taken them and a click is needed.

import { t } from "../pure/words.js";
import { $, set } from "./dom.js";

export class RestoreButton {
  #lost = { sound: false, microphone: false };

  /** `sound()`, `microphone()`: get the one and the other back, in the click. */
  constructor({ sound, microphone, signal }) {
    this.#draw();
    $("sound").addEventListener("click", () => {
      const lost = { ...this.#lost };
      if (lost.sound) sound();
      if (lost.microphone) microphone();
    }, { signal });
  }

  /** Set whether `what`, "sound" or "microphone", needs a click. */
  lose(what, lost) {
    this.#lost[what] = lost;
    this.#draw();
  }

  #draw() {
    const { sound, microphone } = this.#lost;
    $("sound").hidden = !sound && !microphone;
    set($("sound"), sound && microphone ? t("call.both") : microphone ? t("call.microphone") : t("call.sound"));
  }
}
