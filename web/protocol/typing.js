// Typing, both ways: how often the server is told that I type, and how long my partner is shown to type. No DOM.

const TELL_AGAIN_MS = 3000; // the server forgets it after 6 s
const SHOWN_MS = 10_000; // the server tells again every 3 s, where it still can

export class Typing {
  #send;
  #show;
  #told = false; // true while the server believes that I type
  #pause = null; // before the server is told again
  #shown = null; // the time for which my partner is shown to type

  /** `send(message)`: returns false where no channel is open · `show(on)`: shows whether my partner types */
  constructor(send, show) {
    this.#send = send;
    this.#show = show;
  }

  /** My text has changed: `on` while there is one. The text itself is told to nobody. */
  mine(on) {
    if (on ? this.#pause : !this.#told) return;
    this.sent();
    this.#told = this.#send({ type: "typing", on }) && on;
    if (this.#told) this.#pause = setTimeout(() => (this.#pause = null), TELL_AGAIN_MS);
  }

  /** My text was sent, by which the server knows that I type no more. */
  sent() {
    clearTimeout(this.#pause);
    this.#pause = null;
    this.#told = false;
  }

  /** My partner types, or does so no longer. */
  theirs(on) {
    clearTimeout(this.#shown);
    if (on) this.#shown = setTimeout(() => this.#show(false), SHOWN_MS);
    this.#show(on);
  }

  close() {
    this.sent();
    this.theirs(false);
  }
}
