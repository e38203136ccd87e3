// The start screen: language, name, code; what the server can do; and what is in the way, in words.

import { ApiError } from "./api.js";
import { choose, nameOf, usable } from "./languages.js";
import { words } from "./words.js";

const $ = (id) => document.getElementById(id);

/** `offer`: the answer of GET /languages. */
export function fillLanguages(select, offer, chosen) {
  const option = (one) => new Option(words.languageOption(nameOf(one), one), one.tag);
  select.replaceChildren(...usable(offer).map(option));
  select.value = chosen;
}

/** What is missing before anything was tried: a code for `words.problem`, or null. */
export function obstacle() {
  if (!globalThis.isSecureContext) return "InsecureOrigin";
  if (!globalThis.RTCPeerConnection) return "noWebRtc";
  return null;
}

export class StartScreen {
  #offer = null;

  /** `begin({code, language, name})` with `code` null for a new call; what it throws is shown here. */
  constructor({ begin, resume }) {
    this.begin = begin;
    $("create-button").addEventListener("click", () => this.#try(null));
    $("join-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#join();
    });
    $("code").addEventListener("input", () => {
      // "123 456" and a whole pasted link are codes too
      const { value } = $("code");
      $("code").value = /#(\d{6})$/.exec(value.trim())?.[1] ?? value.replace(/\D/g, "").slice(0, 6);
    });
    $("return-button").addEventListener("click", () => this.#run(resume));
    addEventListener("hashchange", () => this.#prefill());
    this.#prefill();
  }

  /** The answer of GET /languages. */
  set offer(offer) {
    this.#offer = offer;
    fillLanguages($("language"), offer, choose(usable(offer), navigator.languages ?? []));
    this.#enable(true);
  }

  set returnable(on) {
    $("return").hidden = !on;
  }

  status(text) {
    $("start-status").textContent = text;
  }

  /** `error`: an ApiError, a DOMException of the microphone, or a code of `words.problem`. */
  problem(error) {
    const code = typeof error === "string" ? error : error instanceof ApiError ? error.code : error.name;
    $("start-problem").textContent = words.problem(code, error.retryAfterS ?? null);
    $("start-problem").hidden = false;
    $("start-problem").dataset.code = code;
    $("start-problem").scrollIntoView({ block: "nearest" });
  }

  #prefill() {
    const code = /^#(\d{6})$/.exec(location.hash)?.[1];
    if (code) $("code").value = code;
  }

  #join() {
    const code = $("code").value.trim();
    if (/^\d{6}$/.test(code)) return this.#try(code);
    this.problem("badCode");
    $("code").focus();
  }

  #try(code) {
    const choice = { code, language: $("language").value, name: $("name").value.trim() };
    return this.#run(() => this.begin(choice));
  }

  async #run(action) {
    const focused = document.activeElement; // which being disabled takes the focus from
    $("start-problem").hidden = true;
    this.#enable(false);
    this.status(words.starting);
    try {
      await action();
    } catch (error) {
      this.problem(error);
    } finally {
      this.#enable(true);
      this.status("");
      if (!$("start").hidden) focused?.focus();
    }
  }

  #enable(on) {
    const ready = on && this.#offer !== null;
    for (const id of ["create-button", "join-button", "return-button", "language"]) $(id).disabled = !ready;
  }
}
