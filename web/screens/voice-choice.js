// The choice of the interpreter's voice for me, among the server's voices for my language.

import { prefer, preferences } from "../browser/preferences.js";
import { Api } from "../protocol/api.js";
import { primary } from "../pure/languages.js";
import { t } from "../pure/words.js";
import { $ } from "./dom.js";

export class VoiceChoice {
  #call;
  #language = null;
  #socket = null; // the socket state when drawn last: a new socket gets the choice again

  constructor({ call, signal, api = new Api() }) {
    this.#call = call;
    this.api = api;
    $("call-voice").addEventListener("change", ({ target }) => this.#choose(target.value), { signal });
    this.draw(call.state);
  }

  draw({ language, socket }) {
    if (primary(language) !== this.#language) {
      this.#language = primary(language);
      this.#load(this.#language);
    } else if (socket === "joined" && this.#socket !== "joined") {
      this.#send();
    }
    this.#socket = socket;
  }

  /** Load the voices of a language. One voice is no choice, and a failed request is not repeated. */
  async #load(language) {
    const { voices } = await this.api.voices(language).catch(() => ({ voices: [] }));
    if (language !== this.#language) return;
    const options = [new Option(t("voices.usual"), ""), ...voices.map(({ id, name }) => new Option(name, id))];
    $("call-voice").replaceChildren(...options);
    for (const one of document.querySelectorAll(".voice-choice")) one.hidden = voices.length < 2;
    const wanted = preferences.voices[language] ?? "";
    $("call-voice").value = voices.some(({ id }) => id === wanted) ? wanted : "";
    this.#send();
  }

  #choose(id) {
    prefer({ voices: { ...preferences.voices, [this.#language]: id } });
    this.#call.setVoice(id);
  }

  /** Send the choice, where the user has made one. */
  #send() {
    const id = $("call-voice").value;
    if (id) this.#call.setVoice(id);
  }
}
