// The start screen: language, name and code, the server's abilities, and any problem in words.

import { ornament } from "../browser/ornament.js";
import { prefer, preferences } from "../browser/preferences.js";
import { ApiError } from "../protocol/api.js";
import { readFragment } from "../pure/address-fragment.js";
import { choose, nameOf, roughly, same, usable } from "../pure/languages.js";
import { LOCALES, problem, t } from "../pure/words.js";
import { $, set } from "./dom.js";
import { fillLanguages } from "./language-list.js";
import { useLocale } from "./locale.js";
import { MicrophoneCheck } from "./microphone-check.js";

/** Return the problem of a browser that cannot make calls, as a code for `problem`, or null. */
export function obstacle() {
  if (!globalThis.isSecureContext) return "InsecureOrigin";
  if (!globalThis.RTCPeerConnection) return "noWebRtc";
  return null;
}

export class StartScreen {
  #offer = null;
  #problem = null; // {code, retryAfterS} of the problem that is shown
  #status = null;
  #person = null;

  /** `begin({code, language, name, admit})`: starts a call, `code` null for a new one; its errors are shown here. */
  constructor({ begin, resume, localeChanged }) {
    Object.assign(this, { begin, resume, localeChanged });
    this.microphone = new MicrophoneCheck((error) => this.showProblem(error));
    $("locale").replaceChildren(...Object.entries(LOCALES).map(([tag, name]) => new Option(name, tag)));
    $("locale").value = document.documentElement.lang;
    $("locale").addEventListener("change", ({ target }) => this.#changeLocale(target.value));
    $("name").value = preferences.name;
    $("language").addEventListener("change", ({ target }) => {
      prefer({ language: target.value });
      this.#drawAbilities();
    });
    $("create-button").addEventListener("click", () => this.#try(null));
    $("join-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#join();
    });
    $("code").addEventListener("input", () => {
      // "123 456" and a pasted link are codes too
      const { value } = $("code");
      $("code").value = /#(\d{6,10})$/.exec(value.trim())?.[1] ?? value.replace(/\D/g, "").slice(0, 10);
    });
    $("return-button").addEventListener("click", () => this.returnToCall());
    addEventListener("hashchange", () => this.#prefill());
    this.#prefill();
  }

  /** Set the response to GET /languages. */
  set offer(offer) {
    this.#offer = offer;
    const wanted = [preferences.language, this.#person?.language, ...(navigator.languages ?? []), "en"].filter(Boolean);
    fillLanguages($("language"), offer, choose(usable(offer), wanted));
    this.#drawAbilities();
    this.#enable(true);
  }

  /** Set who is signed in, `{name, language}`: their account has both. Null is a guest. */
  set person(person) {
    for (const id of ["name-label", "name"]) $(id).hidden = person !== null;
    if (person && this.#offer && !preferences.language) $("language").value = choose(usable(this.#offer), [person.language]);
    this.#person = person;
    this.#drawAbilities();
  }

  set returnable(on) {
    $("return").hidden = !on;
  }

  /** Return to the call that this tab was in; its errors are shown here. */
  returnToCall() {
    return this.#run(this.resume);
  }

  /** Show the sentence `key` of the dictionary, or nothing for null. */
  showStatus(key) {
    this.#status = key;
    set($("start-status"), key ? t(key) : "");
  }

  /** Show a problem: an ApiError, a DOMException of the microphone, or a code of `problem`. */
  showProblem(error) {
    let code = typeof error === "string" ? error : error instanceof ApiError ? error.code : error.name;
    if (code === "unreachable" && navigator.onLine === false) code = "offline";
    this.#problem = { code, retryAfterS: error.retryAfterS ?? null };
    set($("start-problem"), problem(code, this.#problem.retryAfterS));
    if (!$("start-problem").hidden && $("start-problem").dataset.code === code) return;
    $("start-problem").hidden = false;
    $("start-problem").dataset.code = code;
    ornament("Scrolling", () => $("start-problem").scrollIntoView({ block: "nearest" }));
  }

  hideProblem() {
    $("start-problem").hidden = true;
    this.#problem = null;
  }

  async #changeLocale(locale) {
    prefer({ locale });
    await useLocale(locale);
    await this.localeChanged();
    if (this.#offer) fillLanguages($("language"), this.#offer, $("language").value);
    this.#drawAbilities();
    if (this.#problem) $("start-problem").textContent = problem(this.#problem.code, this.#problem.retryAfterS);
    this.showStatus(this.#status);
  }

  #drawAbilities() {
    const mine = this.#offer?.languages.find(({ tag }) => tag === $("language").value);
    if (!mine) return set($("abilities"), "");
    const able = mine.hear && mine.speak ? "you.both" : mine.hear ? "you.hearOnly" : "you.speakOnly";
    const others = new Set();
    for (const [from, to] of this.#offer.pairs) {
      if (same(from, mine.tag)) others.add(to);
      if (same(to, mine.tag)) others.add(from);
    }
    const sentence = (key, tags) => {
      const names = tags.map((tag) => nameOf(this.#offer.languages.find((one) => same(one.tag, tag)) ?? { tag }));
      return names.length ? ` ${t(key, { languages: names.join(", ") })}` : "";
    };
    const rough = [...others].filter((tag) => roughly(this.#offer, mine.tag, tag));
    set($("abilities"), t(able) + sentence("you.pairs", [...others]) + sentence("you.gist", rough));
  }

  #prefill() {
    const code = readFragment(location.hash)?.code;
    if (code) $("code").value = code;
    $("start").classList.toggle("invited", Boolean(code));
  }

  #join() {
    const code = $("code").value.trim();
    if (/^\d{6,10}$/.test(code)) return this.#try(code);
    this.showProblem("badCode");
    $("code").focus();
  }

  #try(code) {
    const name = $("name").value.trim();
    prefer({ name });
    return this.#run(() => this.begin({ code, name, language: $("language").value, admit: $("admit").checked }));
  }

  async #run(action) {
    const focused = document.activeElement; // loses the focus when disabled
    this.hideProblem();
    this.#enable(false);
    this.showStatus("start.starting");
    try {
      await action();
    } catch (error) {
      this.showProblem(error);
    } finally {
      this.#enable(true);
      this.showStatus(null);
      if (!$("start").hidden) focused?.focus();
    }
  }

  #enable(on) {
    const ready = on && this.#offer !== null;
    for (const id of ["create-button", "join-button", "return-button", "language"]) $(id).disabled = !ready;
  }
}
