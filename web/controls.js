// The buttons under the conversation: mute or push-to-talk, typed words, settings, hanging up.

import { $ } from "./dom.js";
import { prefer, preferences } from "./preferences.js";
import { t } from "./words.js";

// Where the space bar means something else already.
const USES_SPACE = "input:not([type=radio]), select, textarea, button, dialog, [role=button], summary, a[href]";

export class Controls {
  constructor({ call, mixer, talk, signal, notice }) {
    this.on = (target, type, listener) => target.addEventListener(type, listener, { signal });
    this.#wireTalk(talk);
    this.on($("say-form"), "submit", (event) => {
      event.preventDefault();
      const text = $("say").value.trim();
      if (!text) return;
      if (call.say(text)) $("say").value = "";
      else notice(t("say.failed"));
    });
    this.on($("hang-up"), "click", () => call.hangUp());
    this.#wirePanel();
    // Browsers that kept the sound off despite the click that began the call ask for one more.
    const sound = () => ($("sound").hidden = mixer.context.state !== "suspended");
    this.on(mixer.context, "statechange", sound);
    this.on($("sound"), "click", () => mixer.resume());
    mixer.resume().then(sound);
    setTimeout(sound, 1000);
  }

  #wireTalk(talk) {
    const draw = () => {
      label($("mute"), t(talk.muted ? "call.unmute" : "call.mute"), talk.muted ? "muted" : "microphone");
      $("mute").setAttribute("aria-pressed", String(talk.muted));
      $("mute").hidden = talk.pushToTalk;
      $("talk").hidden = !talk.pushToTalk;
      $("push-hint").hidden = !talk.pushToTalk;
    };
    const hold = (held) => {
      if (held === this.held) return;
      this.held = held;
      if (held) talk.hold();
      else talk.release();
      label($("talk"), t(held ? "call.talking" : "call.hold"), "microphone");
      $("talk").classList.toggle("held", held);
    };
    const mode = (push) => {
      hold(false);
      talk.pushToTalk = push;
      prefer({ pushToTalk: push });
      draw();
    };
    this.held = null;
    hold(false);
    $("push-to-talk").checked = preferences.pushToTalk;
    $("open-microphone").checked = !preferences.pushToTalk;
    mode(preferences.pushToTalk);
    this.on($("mute"), "click", () => {
      talk.muted = !talk.muted;
      draw();
    });
    this.on($("push-to-talk"), "change", () => mode(true));
    this.on($("open-microphone"), "change", () => mode(false));
    this.on($("talk"), "pointerdown", ({ pointerId }) => {
      $("talk").setPointerCapture(pointerId); // so that letting go elsewhere is seen here
      hold(true);
    });
    for (const type of ["pointerup", "pointercancel", "blur"]) this.on($("talk"), type, () => hold(false));
    this.on($("talk"), "contextmenu", (event) => event.preventDefault()); // a long touch is no menu
    const mine = ({ key, target }) => {
      if (!talk.pushToTalk) return false;
      if (target === $("talk")) return [" ", "Enter"].includes(key);
      return key === " " && !target.closest?.(USES_SPACE);
    };
    this.on(document, "keydown", (event) => {
      if (!mine(event)) return;
      event.preventDefault(); // the space bar would scroll, or press the button
      if (!event.repeat) hold(true);
    });
    this.on(document, "keyup", (event) => {
      if (!this.held || ![" ", "Enter"].includes(event.key)) return; // wherever the focus went meanwhile
      event.preventDefault();
      hold(false);
    });
    this.on(globalThis, "blur", () => hold(false)); // the key is let go in another window, and never told
  }

  #wirePanel() {
    const open = (on) => {
      $("call").classList.toggle("with-panel", on);
      $("panel-button").setAttribute("aria-expanded", String(on));
      if (on) $("panel").focus();
    };
    open(false);
    this.on($("panel-button"), "click", () => open($("panel-button").getAttribute("aria-expanded") === "false"));
    this.on($("panel"), "keydown", ({ key }) => {
      if (key !== "Escape" || $("panel-button").getAttribute("aria-expanded") === "false") return;
      open(false);
      $("panel-button").focus();
    });
  }
}

function label(button, text, icon) {
  button.querySelector("span").textContent = text;
  button.querySelector("use").setAttribute("href", `/icons.svg#${icon}`);
}
