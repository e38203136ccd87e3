// The voice in which the interpreter speaks to me: what the server has for my language, and my choice of it.

import { Api } from "./api.js";
import { $ } from "./dom.js";
import { primary } from "./languages.js";
import { prefer, preferences } from "./preferences.js";
import { t } from "./words.js";

export class VoiceChoice {
  #call;
  #language = null;
  #toldOn = null; // the socket state for which the choice was told: a new socket is told anew

  constructor({ call, signal, api = new Api() }) {
    this.#call = call;
    this.api = api;
    $("call-voice").addEventListener("change", ({ target }) => this.#choose(target.value), { signal });
    this.draw(call.state);
  }

  draw({ language, socket }) {
    if (primary(language) !== this.#language) {
      this.#language = primary(language);
      this.#list(this.#language);
    } else if (socket === "joined" && this.#toldOn !== "joined") {
      this.#tell();
    }
    this.#toldOn = socket;
  }

  /** One voice is no choice; a server that tells none is not asked again. */
  async #list(language) {
    const { voices } = await this.api.voices(language).catch(() => ({ voices: [] }));
    if (language !== this.#language) return;
    const options = [new Option(t("voices.usual"), ""), ...voices.map(({ id, name }) => new Option(name, id))];
    $("call-voice").replaceChildren(...options);
    for (const one of document.querySelectorAll(".voice-choice")) one.hidden = voices.length < 2;
    const wanted = preferences.voices[language] ?? "";
    $("call-voice").value = voices.some(({ id }) => id === wanted) ? wanted : "";
    this.#tell();
  }

  #choose(id) {
    prefer({ voices: { ...preferences.voices, [this.#language]: id } });
    this.#call.setVoice(id);
  }

  /** Whoever never chose says nothing. */
  #tell() {
    const id = $("call-voice").value;
    if (id) this.#call.setVoice(id);
  }
}
