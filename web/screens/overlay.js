// The overlay: the newest sentence in a window of its own above all others, or else in a small panel of this page.

import { ornament } from "../browser/ornament.js";
import { prefer, preferences } from "../browser/preferences.js";
import { $ } from "./dom.js";
import { SubtitleView } from "./subtitles.js";

const SIZE = { width: 480, height: 180 };
const GOES_MS = 1000; // a tab that closes takes its window with it, and is gone by then: the choice stays

export class Overlay {
  #window = null; // the browser's own, where it has such a thing

  /** `conversation`: a Conversation · `people`: `(participantId) => {name, mine}` · `signal`: ends with the call */
  constructor({ conversation, people, signal }) {
    this.conversation = conversation;
    this.section = $("overlay"); // it moves between documents, and is not found by its id meanwhile
    this.home = this.section.parentElement;
    this.button = $("overlay-button");
    this.view = new SubtitleView($("overlay-lines"), null, people);
    const on = (target, type, listener) => target.addEventListener(type, listener, { signal });
    on(this.button, "click", () => (this.section.hidden ? this.open() : this.close()));
    on($("overlay-close"), "click", () => this.close());
    on(this.section, "keydown", ({ key }) => key === "Escape" && this.close());
    signal.addEventListener("abort", () => this.#leave());
    this.#leave();
    if (preferences.overlay) this.open(); // mostly in the page: only a click opens a window
  }

  /** Show the newest sentence from now on. */
  async open() {
    prefer({ overlay: true });
    this.#show(true);
    const last = this.conversation.utterances.at(-1);
    if (last) this.show(last);
    const opened = globalThis.documentPictureInPicture?.requestWindow(SIZE);
    const own = opened && (await ornament("A window above all others", () => opened, null));
    if (!own) return;
    if (this.section.hidden) own.close(); // closed meanwhile
    else this.#enter(own);
  }

  close() {
    prefer({ overlay: false });
    this.#putAway();
  }

  #putAway() {
    const had = this.section.contains(this.section.ownerDocument.activeElement);
    this.#leave();
    if (had) this.button.focus();
  }

  /** Draw an utterance that has changed. */
  show(utterance) {
    if (!this.section.hidden) this.view.show(utterance, this.conversation.sentence(utterance));
  }

  #enter(own) {
    this.#window = own;
    const { documentElement: root, head, title } = document;
    Object.assign(own.document.documentElement, { lang: root.lang, dir: root.dir });
    own.document.title = title;
    for (const { href } of head.querySelectorAll("link[rel=stylesheet]")) {
      const link = own.document.createElement("link");
      Object.assign(link, { rel: "stylesheet", href });
      own.document.head.append(link);
    }
    this.section.dataset.place = "window";
    const [main, heading] = ["main", "h1"].map((tag) => own.document.createElement(tag)); // a page needs both
    heading.className = "visually-hidden";
    heading.textContent = this.button.textContent;
    main.append(heading, this.section);
    own.document.body.append(main);
    own.addEventListener("pagehide", () => {
      if (this.#window !== own) return;
      this.#putAway();
      setTimeout(() => this.section.hidden && prefer({ overlay: false }), GOES_MS);
    });
    for (const type of ["keydown", "keyup"]) own.addEventListener(type, passOn);
    own.addEventListener("blur", () => globalThis.dispatchEvent(new Event("blur")));
  }

  #leave() {
    const own = this.#window;
    this.#window = null;
    this.section.dataset.place = "page";
    this.home.append(this.section);
    this.#show(false);
    this.view.clear();
    own?.close();
  }

  #show(on) {
    this.section.hidden = !on;
    this.button.setAttribute("aria-pressed", String(on));
  }
}

/** Let the page have a key of the window: to talk, to start over. Its one button keeps those that press it. */
function passOn(event) {
  const { type, key, code, repeat, altKey, ctrlKey, metaKey, target } = event;
  if (type === "keydown" && [" ", "Enter"].includes(key) && target.closest?.("button")) return;
  const same = new KeyboardEvent(type, { key, code, repeat, altKey, ctrlKey, metaKey, cancelable: true });
  if (!document.dispatchEvent(same)) event.preventDefault();
}
