// The list of microphones, and the check of one before a call: its level, and a recording of three seconds.

import { Meter, share } from "../browser/meter.js";
import { openPreferred } from "../browser/microphone.js";
import { prefer, preferences } from "../browser/preferences.js";
import { t } from "../pure/words.js";
import { $ } from "./dom.js";

const RECORDING_MS = 3000;
const VOICE_SHARE = 0.35; // share of the bar that a voice reaches, and a quiet room does not
const VOICED_LOOKS = 5; // of 60 ms each
const SYSTEM_IDS = new Set(["", "default", "communications"]);

/** Fill a <select> with the microphones. Their labels are known only after the user has allowed one. */
export async function fillMicrophones(select, chosen) {
  const devices = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "audioinput");
  const options = devices.filter(({ deviceId }) => !SYSTEM_IDS.has(deviceId)).map(
    ({ deviceId, label }, index) => new Option(label || t("microphone.other", { number: index + 1 }), deviceId),
  );
  select.replaceChildren(new Option(t("microphone.default"), ""), ...options);
  select.value = options.some(({ value }) => value === chosen) ? chosen : "";
}

export class MicrophoneCheck {
  #stream = null;
  #context = null;
  #meter = null;
  #source = null;
  #timer = null;

  /** `showProblem(error)`: shows an error of the microphone */
  constructor(showProblem) {
    this.showProblem = showProblem;
    $("check-microphone").addEventListener("click", () => this.#try(() => this.#open()));
    $("microphone").addEventListener("change", ({ target }) => {
      prefer({ microphone: target.value });
      this.#try(() => this.#open());
    });
    $("echo").addEventListener("click", () => this.#try(() => this.#recordAndPlay()));
  }

  /** End the check. Return its open stream, or null. */
  handOver() {
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
      this.showProblem(error);
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
    // A later choice replaced this one.
    if (context !== this.#context) return stream.getTracks().forEach((track) => track.stop());
    this.#stream = stream;
    this.#meter = new Meter(context);
    this.#source = context.createMediaStreamSource(stream);
    this.#source.connect(this.#meter.node);
    await fillMicrophones($("microphone"), preferences.microphone);
    const focused = document.activeElement === $("check-microphone");
    $("microphone-check").hidden = false;
    $("check-microphone").hidden = true;
    if (focused) $("microphone").focus();
    $("level-words").textContent = t("microphone.speak");
    let voiced = 0;
    this.#timer = setInterval(() => {
      const level = share(this.#meter.db());
      $("level").value = Math.round(100 * level);
      voiced += level > VOICE_SHARE ? 1 : 0;
      if (voiced === VOICED_LOOKS) $("level-words").textContent = t("microphone.heard");
    }, 60);
  }

  async #recordAndPlay() {
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
      await new Promise((resolve) => setTimeout(resolve, RECORDING_MS));
      if (recorder.state !== "inactive") recorder.stop();
      await stopped;
      if (context !== this.#context) return; // the call has started
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
