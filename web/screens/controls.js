// The controls under the conversation: mute or push-to-talk, starting over, typed text, settings, hanging up.

import { ornament } from "../browser/ornament.js";
import { prefer, preferences } from "../browser/preferences.js";
import { t } from "../pure/words.js";
import { $ } from "./dom.js";

// Elements in which the space bar, or the backspace key, has a meaning of its own.
const USES_SPACE = "input:not([type=radio]), select, textarea, button, dialog, [role=button], summary, a[href]";
const USES_BACKSPACE = "input:not([type=radio], [type=checkbox], [type=range]), select, textarea, dialog";

export class Controls {
  constructor({ call, gate, signal, notice }) {
    this.on = (target, type, listener) => target.addEventListener(type, listener, { signal });
    this.#wireMicrophone(gate);
    this.on($("say-form"), "submit", (event) => {
      event.preventDefault();
      const text = $("say").value.trim();
      if (!text) return;
      if (call.say(text)) $("say").value = "";
      else notice(t("say.failed"));
    });
    this.on($("say"), "input", () => call.typing($("say").value.trim() !== ""));
    this.#wireStartOver(call, notice);
    this.on($("hang-up"), "click", () => call.hangUp());
    this.#wirePanel();
  }

  #wireStartOver(call, notice) {
    const button = $("start-over");
    if (!button) return; // a page that is older than this file
    const startOver = () => notice(t(call.startOver() ? "call.startedOver" : "say.failed"));
    this.on(button, "click", startOver);
    this.on(document, "keydown", (event) => {
      const { key, repeat, target, altKey, ctrlKey, metaKey } = event;
      if (repeat || altKey || ctrlKey || metaKey) return;
      if (key !== "Backspace" || button.hidden || target.closest?.(USES_BACKSPACE)) return;
      event.preventDefault();
      startOver();
    });
  }

  #wireMicrophone(gate) {
    const draw = () => {
      label($("mute"), t(gate.muted ? "call.unmute" : "call.mute"), gate.muted ? "muted" : "microphone");
      $("mute").setAttribute("aria-pressed", String(gate.muted));
      $("mute").hidden = gate.pushToTalk;
      $("talk").hidden = !gate.pushToTalk;
      $("push-hint").hidden = !gate.pushToTalk;
    };
    const hold = (held) => {
      if (held === this.held) return;
      this.held = held;
      if (held) gate.hold();
      else gate.release();
      label($("talk"), t(held ? "call.talking" : "call.hold"), "microphone");
      $("talk").classList.toggle("held", held);
    };
    const setMode = (push) => {
      hold(false);
      gate.pushToTalk = push;
      prefer({ pushToTalk: push });
      draw();
    };
    this.held = null;
    hold(false);
    $("push-to-talk").checked = preferences.pushToTalk;
    $("open-microphone").checked = !preferences.pushToTalk;
    setMode(preferences.pushToTalk);
    this.on($("mute"), "click", () => {
      gate.muted = !gate.muted;
      draw();
    });
    this.on($("push-to-talk"), "change", () => setMode(true));
    this.on($("open-microphone"), "change", () => setMode(false));
    this.on($("talk"), "pointerdown", ({ pointerId }) => {
      // A release elsewhere is an event here, too.
      ornament("Capturing the pointer", () => $("talk").setPointerCapture(pointerId));
      hold(true);
    });
    for (const type of ["pointerup", "pointercancel", "blur"]) this.on($("talk"), type, () => hold(false));
    this.on($("talk"), "contextmenu", (event) => event.preventDefault()); // a long touch opens no menu
    const isTalkKey = ({ key, target }) => {
      if (!gate.pushToTalk) return false;
      if (target === $("talk")) return [" ", "Enter"].includes(key);
      return key === " " && !target.closest?.(USES_SPACE);
    };
    this.on(document, "keydown", (event) => {
      if (!isTalkKey(event)) return;
      event.preventDefault(); // otherwise the space bar scrolls, or presses the button
      if (!event.repeat) hold(true);
    });
    this.on(document, "keyup", (event) => {
      if (!this.held || ![" ", "Enter"].includes(event.key)) return; // wherever the focus is now
      event.preventDefault();
      hold(false);
    });
    this.on(globalThis, "blur", () => hold(false)); // another window gets the key's release
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
  button.querySelector("use").setAttribute("href", `icons.svg#${icon}`);
}
