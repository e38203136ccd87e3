// The choice of microphones, and the check of one before a call: its level, and an echo of three seconds.

import { openMicrophone } from "./audio.js";
import { $ } from "./dom.js";
import { Meter, share } from "./meter.js";
import { prefer, preferences } from "./preferences.js";
import { t } from "./words.js";

const ECHO_MS = 3000;
const HEARD = 0.35; // share of the bar that a voice reaches and a quiet room does not
const SYSTEM = new Set(["", "default", "communications"]);

/** Fills a <select>; the browser tells labels only once a microphone was allowed. */
export async function fillMicrophones(select, chosen) {
  const devices = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "audioinput");
  const options = devices.filter(({ deviceId }) => !SYSTEM.has(deviceId)).map(
    ({ deviceId, label }, index) => new Option(label || t("microphone.other", { number: index + 1 }), deviceId),
  );
  select.replaceChildren(new Option(t("microphone.default"), ""), ...options);
  select.value = options.some(({ value }) => value === chosen) ? chosen : "";
}

/** The one that was chosen, or any where that one is gone. → MediaStream */
export async function openPreferred() {
  try {
    return await openMicrophone(preferences.microphone);
  } catch (error) {
    if (error.name !== "OverconstrainedError") throw error;
    return openMicrophone();
  }
}

export class MicrophoneCheck {
  #stream = null;
  #context = null;
  #meter = null;
  #source = null;
  #timer = null;

  /** `problem(error)` shows what went wrong. */
  constructor(problem) {
    this.problem = problem;
    $("check-microphone").addEventListener("click", () => this.#try(() => this.#open()));
    $("microphone").addEventListener("change", ({ target }) => {
      prefer({ microphone: target.value });
      this.#try(() => this.#open());
    });
    $("echo").addEventListener("click", () => this.#try(() => this.#echo()));
  }

  /** Ends the check and hands over its stream, where one is open; else null. */
  take() {
    const stream = this.#stream;
    this.#stream = null;
    this.#close();
    $("microphone-check").hidden = true;
    $("check-microphone").hidden = false;
    return stream;
  }

  async #try(action) {
    try {
      await action();
    } catch (error) {
      this.#close();
      $("check-microphone").hidden = false;
      $("microphone-check").hidden = true;
      this.problem(error);
    }
  }

  #close() {
    clearInterval(this.#timer);
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#context?.close();
    this.#stream = this.#context = null;
  }

  async #open() {
    this.#close();
    const context = (this.#context = new AudioContext());
    const stream = await openPreferred();
    if (context !== this.#context) return stream.getTracks().forEach((track) => track.stop()); // a later choice
    this.#stream = stream;
    this.#meter = new Meter(context);
    this.#source = context.createMediaStreamSource(stream);
    this.#source.connect(this.#meter.node);
    await fillMicrophones($("microphone"), preferences.microphone);
    const had = document.activeElement === $("check-microphone");
    $("microphone-check").hidden = false;
    $("check-microphone").hidden = true;
    if (had) $("microphone").focus();
    $("level-words").textContent = t("microphone.speak");
    let heard = 0;
    this.#timer = setInterval(() => {
      const level = share(this.#meter.db());
      $("level").value = Math.round(100 * level);
      heard += level > HEARD ? 1 : 0;
      if (heard === 5) $("level-words").textContent = t("microphone.heard");
    }, 60);
  }

  async #echo() {
    const context = this.#context;
    const button = $("echo");
    button.setAttribute("aria-disabled", "true");
    try {
      if (this.recording) return;
      this.recording = true;
      $("level-words").textContent = t("echo.recording");
      const recorder = new MediaRecorder(this.#stream);
      const chunks = [];
      recorder.ondataavailable = ({ data }) => chunks.push(data);
      const stopped = new Promise((resolve) => (recorder.onstop = resolve));
      recorder.start();
      await new Promise((resolve) => setTimeout(resolve, ECHO_MS));
      if (recorder.state !== "inactive") recorder.stop();
      await stopped;
      if (context !== this.#context) return; // the call has begun
      const buffer = await context.decodeAudioData(await new Blob(chunks).arrayBuffer());
      const player = new AudioBufferSourceNode(context, { buffer });
      $("level-words").textContent = t("echo.playing");
      player.connect(context.destination);
      player.start();
      await new Promise((resolve) => (player.onended = resolve));
      $("level-words").textContent = t("microphone.heard");
    } finally {
      this.recording = false;
      button.removeAttribute("aria-disabled");
    }
  }
}
