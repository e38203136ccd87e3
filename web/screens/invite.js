// The invitation: the code of the call, its link and QR code, and the question whether to let somebody in.

import { qrCode } from "../pure/qr.js";
import { t } from "../pure/words.js";
import { $, drawModules } from "./dom.js";

export class Invitation {
  #waiting = []; // {participantId, displayName} in the order of their requests
  #answered = new Set();

  /** `code`: null for a participant who joined */
  constructor({ call, signal, code }) {
    this.call = call;
    this.on = (target, type, listener) => target.addEventListener(type, listener, { signal });
    this.#show(code);
    this.on(call, "knock", ({ detail }) => this.#onKnock(detail));
    this.on($("let-in"), "click", () => this.#answer(true));
    this.on($("turn-away"), "click", () => this.#answer(false));
    this.on($("knock"), "cancel", (event) => event.preventDefault()); // only an answer closes it: somebody waits
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

  #onKnock({ participantId, displayName }) {
    const known = this.#waiting.some((request) => request.participantId === participantId);
    if (known || this.#answered.has(participantId)) return;
    this.#waiting.push({ participantId, displayName });
    this.#showNext();
  }

  #showNext() {
    const [first] = this.#waiting;
    if (!first) return $("knock").close();
    $("knock-title").textContent = t("knock.title", { name: first.displayName || t("knock.nameless") });
    if (!$("knock").open) $("knock").showModal();
  }

  #answer(accept) {
    const { participantId } = this.#waiting[0];
    if (!this.call.admit(participantId, accept)) return; // not connected: the server repeats the request when we are
    this.#waiting.shift();
    this.#answered.add(participantId);
    this.#showNext();
  }
}
