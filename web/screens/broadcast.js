// A streamer's part of the panel: a link to the captions page of the call, and how an encoder sends sound by WHIP.

import { copyText } from "../browser/clipboard.js";
import { captionsAddress, whipAddress } from "../pure/addresses.js";
import { problem, t } from "../pure/words.js";
import { $ } from "./dom.js";

const COPIED = { "copy-captions": "captions-link", "copy-whip": "whip-address", "copy-whip-token": "whip-token" };
const SECRET = ["captions-link", "whip-token"]; // the screen of a streamer is seen by many

export class Broadcast {
  /** `place`: `{sessionId, token}`, whose token may change · `api`: an Api · `signal`: ends with the call */
  constructor({ api, call, place, signal }) {
    Object.assign(this, { api, call, place, signal });
    const on = (id, type, listener) => $(id).addEventListener(type, listener, { signal });
    on("make-captions", "click", () => this.#ask("make-captions", () => this.#makeLink()));
    on("revoke-captions", "click", () => this.#ask("revoke-captions", () => this.#revokeLinks()));
    on("whip", "toggle", () => this.#showPlace());
    call.addEventListener("state", () => this.#draw(), { signal });
    for (const [button, field] of Object.entries(COPIED)) on(button, "click", () => this.#copy($(field)));
    for (const field of SECRET) on(field, "blur", hide);
    for (const part of ["captions", "whip"]) on(part, "toggle", hide);
    signal.addEventListener("abort", () => this.#clear());
    this.#clear();
    this.#draw();
  }

  #draw() {
    $("revoke-captions").hidden = !this.call.state.viewers; // also after a reload, which has forgotten the links
    this.#showPlace();
  }

  /** Forget what was shown: nothing of one call stays for the next. */
  #clear() {
    for (const id of Object.values(COPIED)) $(id).value = "";
    hide();
    for (const id of ["captions-made", "revoke-captions"]) $(id).hidden = true;
    $("broadcast-state").textContent = "";
    for (const id of ["captions", "whip"]) $(id).open = false;
  }

  /** Do what a button asks of the server, once at a time. A refusal is told. */
  async #ask(button, act) {
    $(button).disabled = true;
    try {
      await act();
    } catch (error) {
      this.#tell(problem(error.code ?? error.name));
    } finally {
      $(button).disabled = false;
    }
  }

  async #makeLink() {
    const { sessionId, token } = this.place;
    const viewer = await this.api.addViewer(sessionId, token);
    if (this.signal.aborted) return;
    $("captions-link").value = captionsAddress(location.href, sessionId, viewer.token);
    $("captions-made").hidden = false;
    $("captions-link").focus();
    await this.#copy($("captions-link"));
  }

  /** Take back all links that I made. Those of my partner go on. */
  async #revokeLinks() {
    const { sessionId, token } = this.place;
    await this.api.removeViewers(sessionId, token);
    if (this.signal.aborted) return;
    $("captions-link").value = "";
    $("captions-made").hidden = true;
    $("make-captions").focus(); // the button goes where nobody reads any more
    this.#tell(t("broadcast.revoked"));
  }

  /** Fill in what an encoder needs, once joined: until then the token is an access token, perhaps an account's. */
  #showPlace() {
    const joined = this.call.state.me !== null;
    for (const button of ["copy-whip", "copy-whip-token"]) $(button).disabled = !joined;
    if (!joined || !$("whip").open || this.signal.aborted) return;
    $("whip-address").value = whipAddress(location.href, this.place.sessionId);
    $("whip-token").value = this.place.token;
  }

  async #copy(field) {
    if (field.id === "whip-token") field.value = this.place.token;
    const copied = await copyText(field.value);
    if (this.signal.aborted) return;
    this.#tell(t(copied ? "invite.copied" : "copy.failed"));
    if (copied) return;
    field.type = "text"; // nothing can be copied out of a password's field
    field.focus(); // until it is left
    field.select();
  }

  #tell(text) {
    $("broadcast-state").textContent = text;
  }
}

function hide() {
  for (const field of SECRET) $(field).type = "password";
}
