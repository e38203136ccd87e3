// The start screen: language, name, code; what the server can do; and what is in the way, in words.

import { ApiError } from "./api.js";
import { $, set } from "./dom.js";
import { choose, nameOf, same, usable } from "./languages.js";
import { MicrophoneCheck } from "./microphones.js";
import { prefer, preferences } from "./preferences.js";
import { LOCALES, problem, t, useLocale } from "./words.js";

/** `offer`: the answer of GET /languages. */
export function fillLanguages(select, offer, chosen) {
  const option = (one) => new Option(optionText(one), one.tag);
  select.replaceChildren(...usable(offer).map(option));
  select.value = chosen;
}

function optionText(one) {
  const name = nameOf(one);
  if (one.hear && one.speak) return name;
  return t(one.hear ? "language.hearOnly" : "language.speakOnly", { name });
}

/** What is missing before anything was tried: a code for `problem`, or null. */
export function obstacle() {
  if (!globalThis.isSecureContext) return "InsecureOrigin";
  if (!globalThis.RTCPeerConnection) return "noWebRtc";
  return null;
}

export class StartScreen {
  #offer = null;
  #shown = null; // the problem's code, and after how long to try again
  #status = null;

  /** `begin({code, language, name, admit})` with `code` null for a new call; what it throws is shown here. */
  constructor({ begin, resume }) {
    this.begin = begin;
    this.microphone = new MicrophoneCheck((error) => this.problem(error));
    $("locale").replaceChildren(...Object.entries(LOCALES).map(([tag, name]) => new Option(name, tag)));
    $("locale").value = document.documentElement.lang;
    $("locale").addEventListener("change", ({ target }) => this.#speak(target.value));
    $("name").value = preferences.name;
    $("language").addEventListener("change", ({ target }) => {
      prefer({ language: target.value });
      this.#tellAbilities();
    });
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
    const wanted = [preferences.language, ...(navigator.languages ?? []), "en"].filter(Boolean);
    fillLanguages($("language"), offer, choose(usable(offer), wanted));
    this.#tellAbilities();
    this.#enable(true);
  }

  set returnable(on) {
    $("return").hidden = !on;
  }

  /** `key`: of the dictionary, or null */
  status(key) {
    this.#status = key;
    set($("start-status"), key ? t(key) : "");
  }

  /** `error`: an ApiError, a DOMException of the microphone, or a code of `problem`. */
  problem(error) {
    let code = typeof error === "string" ? error : error instanceof ApiError ? error.code : error.name;
    if (code === "unreachable" && navigator.onLine === false) code = "offline";
    this.#shown = { code, retryAfterS: error.retryAfterS ?? null };
    set($("start-problem"), problem(code, this.#shown.retryAfterS));
    if (!$("start-problem").hidden && $("start-problem").dataset.code === code) return;
    $("start-problem").hidden = false;
    $("start-problem").dataset.code = code;
    $("start-problem").scrollIntoView({ block: "nearest" });
  }

  noProblem() {
    $("start-problem").hidden = true;
    this.#shown = null;
  }

  async #speak(locale) {
    prefer({ locale });
    await useLocale(locale);
    if (this.#offer) fillLanguages($("language"), this.#offer, $("language").value);
    this.#tellAbilities();
    if (this.#shown) $("start-problem").textContent = problem(this.#shown.code, this.#shown.retryAfterS);
    this.status(this.#status);
  }

  #tellAbilities() {
    const mine = this.#offer?.languages.find(({ tag }) => tag === $("language").value);
    if (!mine) return set($("abilities"), "");
    const able = mine.hear && mine.speak ? "you.both" : mine.hear ? "you.hearOnly" : "you.speakOnly";
    const others = new Set();
    for (const [from, to] of this.#offer.pairs) {
      if (same(from, mine.tag)) others.add(to);
      if (same(to, mine.tag)) others.add(from);
    }
    const names = [...others].map((tag) => nameOf(this.#offer.languages.find((one) => same(one.tag, tag)) ?? { tag }));
    const pairs = names.length ? ` ${t("you.pairs", { languages: names.join(", ") })}` : "";
    set($("abilities"), t(able) + pairs);
  }

  #prefill() {
    const code = /^#(\d{6})$/.exec(location.hash)?.[1];
    if (code) $("code").value = code;
    $("start").classList.toggle("invited", Boolean(code));
  }

  #join() {
    const code = $("code").value.trim();
    if (/^\d{6}$/.test(code)) return this.#try(code);
    this.problem("badCode");
    $("code").focus();
  }

  #try(code) {
    const name = $("name").value.trim();
    prefer({ name });
    return this.#run(() => this.begin({ code, name, language: $("language").value, admit: $("admit").checked }));
  }

  async #run(action) {
    const focused = document.activeElement; // which being disabled takes the focus from
    this.noProblem();
    this.#enable(false);
    this.status("start.starting");
    try {
      await action();
    } catch (error) {
      this.problem(error);
    } finally {
      this.#enable(true);
      this.status(null);
      if (!$("start").hidden) focused?.focus();
    }
  }

  #enable(on) {
    const ready = on && this.#offer !== null;
    for (const id of ["create-button", "join-button", "return-button", "language"]) $(id).disabled = !ready;
  }
}
