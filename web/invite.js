// What brings the other person in: the code, the link, its QR code; and the question whether to let them in.

import { $, drawModules } from "./dom.js";
import { qrCode } from "./qr.js";
import { t } from "./words.js";

export class Invitation {
  #asked = []; // {participantId, displayName}, first come first
  #answered = new Set();

  /** `code`: null for the one who joined */
  constructor({ call, signal, code }) {
    this.call = call;
    this.on = (target, type, listener) => target.addEventListener(type, listener, { signal });
    this.#show(code);
    this.on(call, "knock", ({ detail }) => this.#knock(detail));
    this.on($("let-in"), "click", () => this.#answer(true));
    this.on($("turn-away"), "click", () => this.#answer(false));
    this.on($("knock"), "cancel", (event) => event.preventDefault()); // somebody waits: only an answer closes it
    signal.addEventListener("abort", () => $("knock").close());
  }

  #show(code) {
    $("session-code").textContent = code ?? "";
    $("link").value = "";
    $("copied").textContent = "";
    if (!code) return;
    const link = `${location.origin}/#${code}`;
    $("link").value = link;
    drawModules($("qr"), qrCode(link));
    this.on($("copy"), "click", async () => {
      $("link").select();
      await navigator.clipboard.writeText(link);
      $("copied").textContent = t("invite.copied");
    });
    $("share").hidden = !navigator.share;
    this.on($("share"), "click", () => navigator.share({ title: "Dragoman", url: link }).catch(() => {}));
  }

  #knock({ participantId, displayName }) {
    if (this.#answered.has(participantId) || this.#asked.some((one) => one.participantId === participantId)) return;
    this.#asked.push({ participantId, displayName });
    this.#ask();
  }

  #ask() {
    const [first] = this.#asked;
    if (!first) return $("knock").close();
    $("knock-title").textContent = t("knock.title", { name: first.displayName || t("knock.nameless") });
    if (!$("knock").open) $("knock").showModal();
  }

  #answer(accept) {
    const { participantId } = this.#asked[0];
    if (!this.call.admit(participantId, accept)) return; // the line is down: the server asks again on its return
    this.#asked.shift();
    this.#answered.add(participantId);
    this.#ask();
  }
}
