// The invitation: the code of the call, its link and QR code, and the question whether to let somebody in.

import { copyText } from "../browser/clipboard.js";
import { ornament } from "../browser/ornament.js";
import { invitation } from "../pure/addresses.js";
import { qrCode } from "../pure/qr.js";
import { t } from "../pure/words.js";
import { $, closeDialog, drawModules, openDialog } from "./dom.js";

export class Invitation {
  #waiting = []; // {participantId, displayName} in the order of their requests
  #answered = new Set();

  constructor({ call, signal }) {
    this.call = call;
    this.on = (target, type, listener) => target.addEventListener(type, listener, { signal });
    this.show(null);
    this.on($("copy"), "click", () => this.#copy());
    this.on($("share"), "click", () => this.#share());
    this.on(call, "knock", ({ detail }) => this.#onKnock(detail));
    this.on($("let-in"), "click", () => this.#answer(true));
    this.on($("turn-away"), "click", () => this.#answer(false));
    this.on($("knock"), "cancel", (event) => event.preventDefault()); // only an answer closes it: somebody waits
    signal.addEventListener("abort", () => closeDialog($("knock")));
  }

  /** Show the code of the call; null for a participant who joined. */
  show(code) {
    this.link = code ? invitation(location.href, code) : "";
    $("session-code").textContent = code ?? "";
    $("link").value = this.link;
    $("copied").textContent = "";
    $("share").hidden = !navigator.share;
    if (!code) return;
    const draw = () => (drawModules($("qr"), qrCode(this.link)), true);
    $("qr").closest("figure").hidden = !ornament("The QR code", draw, false); // a long address fits in none
  }

  async #copy() {
    $("link").select();
    const copied = await copyText(this.link);
    $("copied").textContent = t(copied ? "invite.copied" : "copy.failed");
    if (!copied) $("link").select();
  }

  async #share() {
    try {
      await navigator.share({ title: "Dragoman", url: this.link });
    } catch (error) {
      if (error.name !== "AbortError") await this.#copy(); // AbortError: the person chose not to
    }
  }

  #onKnock({ participantId, displayName }) {
    const known = this.#waiting.some((request) => request.participantId === participantId);
    if (known || this.#answered.has(participantId)) return;
    this.#waiting.push({ participantId, displayName });
    this.#showNext();
  }

  #showNext() {
    const [first] = this.#waiting;
    if (!first) return closeDialog($("knock"));
    $("knock-title").textContent = t("knock.title", { name: first.displayName || t("knock.nameless") });
    openDialog($("knock"));
  }

  #answer(accept) {
    const { participantId } = this.#waiting[0];
    if (!this.call.admit(participantId, accept)) return; // not connected: the server repeats the request when we are
    this.#waiting.shift();
    this.#answered.add(participantId);
    this.#showNext();
  }
}
