// The screen after a call: the reason of its end, its figures, and the transcript to copy or save.

import { copyText } from "../browser/clipboard.js";
import { ornament } from "../browser/ornament.js";
import { saveFile } from "../browser/save-file.js";
import { FORMATS, lines } from "../pure/transcript.js";
import { clock, count, has, problem, seconds, t } from "../pure/words.js";
import { $, terms } from "./dom.js";
import { SubtitleView } from "./subtitles.js";

let listeners = new AbortController(); // of the previous call's buttons

/**
 * Show the end of a call. `ended`: as in a Call's state · `screen`: the CallScreen that was closed · `returnable`: true
 * if the call may go on without this window.
 */
export function showEnd(ended, screen, returnable) {
  listeners.abort();
  listeners = new AbortController();
  const reason = `ended.${ended.reason}`;
  $("ended-reason").textContent = has(reason) ? t(reason) : problem(ended.reason);
  $("ended-reason").dataset.reason = ended.reason;
  $("summary").hidden = !ended.metrics;
  const figures = ended.metrics ? ornament("The figures", () => terms(summary(ended.metrics)), []) : [];
  $("summary").replaceChildren(...figures);
  $("take-back").hidden = !returnable;
  ornament("The transcript", () => showTranscript(screen));
}

function summary({ durationMs, utterances, spoken, failed, firstAudioMs }) {
  const median = firstAudioMs?.p50;
  return [
    [t("summary.duration"), clock(durationMs ?? 0)],
    [t("summary.utterances"), count(utterances ?? 0)],
    [t("summary.spoken"), count(spoken ?? 0)],
    ...(failed ? [[t("summary.failed"), count(failed)]] : []),
    ...(median == null ? [] : [[t("summary.median"), seconds(Math.max(0, median))]]),
  ];
}

function showTranscript({ conversation, people, call }) {
  const { utterances } = conversation;
  $("transcript").hidden = utterances.length === 0;
  $("transcript-copied").textContent = "";
  const view = new SubtitleView($("transcript-lines"), null, (id) => people.person(id));
  view.clear();
  for (const utterance of utterances) view.show(utterance, conversation.sentence(utterance));
  const { me, startedAt } = call.state;
  const nameOf = (id) => (id === me ? people.realName : people.partnerName);
  const all = () => lines(utterances, nameOf);
  const { signal } = listeners;
  $("copy-transcript").addEventListener("click", async () => {
    const copied = await copyText(FORMATS.txt.write(all()));
    $("transcript-copied").textContent = t(copied ? "transcript.copied" : "copy.failed");
  }, { signal });
  const started = new Date(startedAt ?? Date.now());
  for (const button of document.querySelectorAll("[data-format]")) {
    button.addEventListener("click", () => {
      const saved = ornament("Saving", () => (save(button.dataset.format, all(), started), true), false);
      $("transcript-copied").textContent = saved ? "" : t("save.failed");
    }, { signal });
  }
}

function save(format, all, started) {
  const { type, write } = FORMATS[format];
  const text = write(all, { startedAt: started.toISOString() });
  const name = `dragoman-${started.toISOString().slice(0, 16).replace(/[T:]/g, "-")}.${format}`;
  saveFile(new Blob([text], { type: `${type};charset=utf-8` }), name);
}
