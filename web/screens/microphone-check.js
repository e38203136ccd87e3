// The list of microphones, and the check of one before a call: its level, and a recording of three seconds.

import { makeContext } from "../browser/audio-graph.js";
import { Meter, share } from "../browser/meter.js";
import { openPreferred } from "../browser/microphone.js";
import { ornament } from "../browser/ornament.js";
import { prefer, preferences } from "../browser/preferences.js";
import { t } from "../pure/words.js";
import { $, set } from "./dom.js";

const LOOK_MS = 60;
const RECORDING_MS = 3000;
const PLAYING_MS = RECORDING_MS + 2000; // a player that does not end by then has lost its sound
const VOICE_SHARE = 0.35; // share of the bar that a voice reaches, and a quiet room does not
const VOICED_LOOKS = 5;
const TAKEN_LOOKS = 50; // 3 s
const SYSTEM_IDS = new Set(["", "default", "communications"]);

/** Fill a <select> with the microphones. Their labels are known only after the user has allowed one. */
export async function fillMicrophones(select, chosen) {
  const found = await ornament("The list of microphones", () => navigator.mediaDevices.enumerateDevices(), []);
  const devices = found.filter(({ kind }) => kind === "audioinput");
  const options = devices.filter(({ deviceId }) => !SYSTEM_IDS.has(deviceId)).map(
    ({ deviceId, label }, index) => new Option(label || t("microphone.other", { number: index + 1 }), deviceId),
  );
  select.replaceChildren(new Option(t("microphone.default"), ""), ...options);
  select.value = options.some(({ value }) => value === chosen) ? chosen : "";
}

export class MicrophoneCheck {
  #stream = null;
  #context = null; // null where the browser gives none
  #turn = null; // of the latest attempt to open a microphone; null when none is checked
  #timer = null;
  #recording = false;

  /** `showProblem(error)`: shows an error of the microphone */
  constructor(showProblem) {
    this.showProblem = showProblem;
    $("check-microphone").addEventListener("click", () => this.#try(() => this.#open()));
    $("microphone").addEventListener("change", ({ target }) => {
      prefer({ microphone: target.value });
      this.#try(() => this.#open());
    });
    $("echo").addEventListener("click", () => this.#recordAndPlay());
  }

  /** End the check. Return its open stream, or null. */
  handOver() {
    const stream = this.#stream;
    const live = stream?.getAudioTracks()[0]?.readyState === "live";
    if (live) this.#stream = null;
    this.#close();
    $("microphone-check").hidden = true;
    $("check-microphone").hidden = false;
    return live ? stream : null;
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
    const context = this.#context;
    ornament("The end of Web Audio", () => context?.close());
    this.#stream = this.#context = this.#turn = null;
  }

  async #open() {
    this.#close();
    const turn = (this.#turn = Symbol("turn"));
    this.#context = ornament("Web Audio", makeContext, null); // in the click
    const stream = await openPreferred();
    // A later choice, or the call, replaced this one.
    if (turn !== this.#turn) return stream.getTracks().forEach((track) => track.stop());
    this.#stream = stream;
    const [track] = stream.getAudioTracks();
    track.addEventListener("ended", () => turn === this.#turn && this.#try(() => this.#open()));
    const meter = ornament("The meter of the microphone", () => this.#meterOf(stream), null);
    await fillMicrophones($("microphone"), preferences.microphone);
    const focused = document.activeElement === $("check-microphone");
    $("microphone-check").hidden = false;
    $("check-microphone").hidden = true;
    if (focused) $("microphone").focus();
    $("level").hidden = meter === null;
    $("echo").hidden = !globalThis.MediaRecorder;
    $("level-words").textContent = t(meter === null ? "microphone.unmeasured" : "microphone.speak");
    if (turn === this.#turn) this.#timer = setInterval(this.#look(track, meter), LOOK_MS);
  }

  /** Return a Meter of the stream, or null where it cannot be measured. */
  #meterOf(stream) {
    const meter = new Meter(this.#context);
    return meter.measure(this.#context.createMediaStreamSource(stream)) ? meter : null;
  }

  #look(track, meter) {
    let voiced = 0;
    let muted = 0;
    return () => {
      muted = track.muted ? muted + 1 : 0;
      if (muted === TAKEN_LOOKS) set($("level-words"), t("microphone.taken"));
      if (meter === null) return;
      const level = share(meter.db());
      $("level").value = Math.round(100 * level);
      voiced += level > VOICE_SHARE ? 1 : 0;
      if (voiced === VOICED_LOOKS) $("level-words").textContent = t("microphone.heard");
    };
  }

  async #recordAndPlay() {
    if (this.#recording) return;
    this.#recording = true;
    const turn = this.#turn;
    $("echo").setAttribute("aria-disabled", "true");
    try {
      $("level-words").textContent = t("echo.recording");
      const recorded = await record(this.#stream);
      if (turn !== this.#turn) return; // the call has started
      $("level-words").textContent = t("echo.playing");
      await Promise.race([play(recorded, this.#context), pause(PLAYING_MS)]);
      $("level-words").textContent = t("microphone.heard");
    } catch (error) {
      console.warn(error);
      $("level-words").textContent = t("echo.failed");
    } finally {
      this.#recording = false;
      $("echo").removeAttribute("aria-disabled");
    }
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Record three seconds of a stream. → Blob */
async function record(stream) {
  const recorder = new MediaRecorder(stream);
  const chunks = [];
  recorder.ondataavailable = ({ data }) => chunks.push(data);
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  await pause(RECORDING_MS);
  if (recorder.state !== "inactive") recorder.stop();
  await stopped;
  return new Blob(chunks, { type: recorder.mimeType });
}

/** Play a recording to its end: by Web Audio, else by an element. */
async function play(recorded, context) {
  const player = await ornament("Web Audio of the recording", async () => {
    const buffer = await context.decodeAudioData(await recorded.arrayBuffer());
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    source.start();
    return source;
  }, null) ?? new Audio(URL.createObjectURL(recorded));
  const ended = new Promise((resolve) => (player.onended = resolve));
  await player.play?.();
  await ended;
}
