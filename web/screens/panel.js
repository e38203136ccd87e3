// The panel beside the conversation: balance of the voices, language, microphone, subtitles, connection.

import { openMicrophone } from "../browser/microphone.js";
import { ornament } from "../browser/ornament.js";
import { prefer, preferences } from "../browser/preferences.js";
import { grade } from "../pure/quality.js";
import { milliseconds, percent, problem, seconds, t } from "../pure/words.js";
import { $, element, terms } from "./dom.js";
import { fillLanguages } from "./language-list.js";
import { fillMicrophones } from "./microphone-check.js";
import { VoiceChoice } from "./voice-choice.js";

export class Panel {
  #stats = null;

  /** `useMicrophone(track)`: replaces the microphone of the call · `notice(text)`: shows a remark */
  constructor({ call, mixer, offer, signal, notice, useMicrophone }) {
    this.on = (target, type, listener) => target.addEventListener(type, listener, { signal });
    this.#wireVoices(mixer);
    this.voice = new VoiceChoice({ call, signal });
    this.#wireSubtitles();
    fillLanguages($("call-language"), offer, call.state.language);
    this.on($("call-language"), "change", ({ target }) => call.setLanguage(target.value));
    $("detect").checked = preferences.detect;
    this.on($("detect"), "change", ({ target }) => {
      prefer({ detect: target.checked });
      call.setDetection(target.checked);
    });
    const fill = () => fillMicrophones($("call-microphone"), preferences.microphone);
    fill();
    // Older browsers tell of no device that comes or goes.
    ornament("The event devicechange", () => this.on(navigator.mediaDevices, "devicechange", fill));
    this.on($("call-microphone"), "change", async ({ target }) => {
      try {
        const [track] = (await openMicrophone(target.value)).getAudioTracks();
        prefer({ microphone: target.value });
        await useMicrophone(track);
      } catch (error) {
        notice(problem(error.name));
        target.value = preferences.microphone;
      }
    });
    this.draw(call.state);
    this.showStats(null);
  }

  draw(state) {
    const { language, level, lagMs } = state;
    this.voice.draw(state);
    if ($("call-language").value !== language) $("call-language").value = language;
    if (this.level === level && this.lagMs === lagMs) return;
    Object.assign(this, { level, lagMs });
    this.showStats(this.#stats);
  }

  /** Draw the connection's figures. `stats`: the detail of a Call's `stats` event, or null before the first */
  showStats(stats) {
    this.#stats = stats;
    const word = grade(stats);
    $("quality").dataset.grade = word;
    $("quality").setAttribute("aria-label", t(`connection.${word}`));
    $("quality").title = t(`connection.${word}`);
    const late = { time: seconds(this.lagMs ?? 0) };
    const server = this.level === "ok" ? t("connection.serverOk") : t("connection.serverBusy", late);
    $("connection").replaceChildren(...terms([
      [t("connection.quality"), t(`connection.${word}`)],
      ...(stats ? [
        [t("connection.rtt"), milliseconds(stats.rttMs)],
        [t("connection.jitter"), milliseconds(stats.jitterMs)],
        [t("connection.lost"), percent(stats.lossPercent / 100)],
        [t("connection.playout"), milliseconds(stats.playoutDelayMs)],
        ...(stats.path ? [[t("connection.path"), t(`connection.${stats.path}`)]] : []),
      ] : []),
      [t("connection.server"), server],
    ]));
  }

  #wireVoices(mixer) {
    const apply = () => (mixer.balance = Number($("balance").value) / 100);
    $("balance").value = String(preferences.balance);
    apply();
    this.on($("balance"), "input", () => {
      apply();
      prefer({ balance: Number($("balance").value) });
    });
  }

  #wireSubtitles() {
    const boxes = { original: $("show-original"), translation: $("show-translation") };
    const single = $("single") ?? element("input"); // a page may be older than this file
    const lists = document.querySelectorAll(".subtitles"); // that of the overlay may be in a window of its own later
    const apply = () => {
      for (const list of lists) {
        for (const [what, box] of Object.entries(boxes)) list.classList.toggle(`no-${what}`, !box.checked);
        list.style.setProperty("--size", `${$("size").value / 100}rem`);
      }
      $("subtitles").classList.toggle("single", single.checked);
      const { original, translation } = boxes;
      prefer({
        original: original.checked, translation: translation.checked, single: single.checked,
        size: Number($("size").value),
      });
    };
    boxes.original.checked = preferences.original;
    boxes.translation.checked = preferences.translation;
    single.checked = preferences.single;
    $("size").value = String(preferences.size);
    apply();
    // One of the two is always shown: hiding one shows the other.
    this.on(boxes.original, "change", () => {
      if (!boxes.original.checked) boxes.translation.checked = true;
      apply();
    });
    this.on(boxes.translation, "change", () => {
      if (!boxes.translation.checked) boxes.original.checked = true;
      apply();
    });
    this.on(single, "change", apply);
    this.on($("size"), "input", apply);
  }
}
