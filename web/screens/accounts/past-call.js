// The room of one past call: what was kept of it in both languages side by side, and as files.

import { saveFile } from "../../browser/save-file.js";
import { table } from "../../pure/past-call.js";
import { primary } from "../../pure/languages.js";
import { clock, count, has, t } from "../../pure/words.js";
import { element } from "../dom.js";
import { button, explain } from "./form.js";
import { languageName } from "./language-field.js";
import { moment } from "./past-calls.js";
import { said } from "./sign-in.js";

const PAGE = 500;
const FORMATS = ["vtt", "srt", "txt", "json"];

/** `call`: an entry of GET /users/me/sessions */
export async function pastCall(house, call) {
  const { sessionId, participants, startedAt, createdAt, participantId } = call;
  const names = new Map(participants.map((one) => [one.participantId, one.displayName]));
  const mine = participants.find((one) => one.participantId === participantId)?.language ?? house.me.person?.language;
  const { translations, lost } = await everything(house, sessionId);
  const box = element("section", "card");
  const { languages, rows } = table(translations, mine);
  if (rows.length || lost) box.append(files(house, sessionId));
  else box.append(element("p", "", t("call.nothingKept")));
  if (lost) box.append(element("p", "notice", t("call.lost", { count: count(lost) })));
  if (rows.length) box.append(both(house, languages, rows, names));
  if (rows.some(({ speaker }) => speaker === participantId)) box.append(withdrawal(house, call));
  const from = moment(startedAt ?? createdAt);
  return { title: t("call.of", { time: from }), lead: "", nodes: [box], up: "calls" };
}

/** → `{translations, lost}`: all that is kept of a call, and the number of entries that could not be kept */
async function everything(house, id) {
  const found = [];
  for (;;) {
    const asked = { limit: PAGE, offset: found.length };
    const { translations, total, missing = [] } = await house.me.as((token) => house.api.history(token, id, asked));
    found.push(...translations);
    const lost = missing.reduce((sum, { entries }) => sum + entries, 0);
    if (!translations.length || found.length >= total) return { translations: found, lost };
  }
}

/** Return the button that deletes what I said in a call, in two clicks. */
function withdrawal(house, call) {
  let asked = false;
  const told = said();
  const made = button(t("call.withdraw"), async () => {
    if (!asked) {
      asked = true;
      made.textContent = t("call.withdrawSure");
      return;
    }
    try {
      await house.me.as((token) => house.api.withdraw(token, call.sessionId));
      await house.enter("call", call);
    } catch (error) {
      told.textContent = explain("withdraw", error);
    }
  });
  const row = element("div", "row");
  row.append(made, told);
  return row;
}

function files(house, id) {
  const row = element("div", "row save");
  const told = said();
  told.className = "quiet";
  const make = (format) => {
    const made = button(format.toUpperCase(), async () => {
      told.textContent = "";
      try {
        saveFile(await house.me.as((token) => house.api.transcript(token, id, format)), `dragoman-${id.slice(0, 8)}.${format}`);
        told.textContent = t("call.saved");
      } catch (error) {
        told.textContent = explain("transcript", error);
      }
    });
    made.setAttribute("aria-label", t(`transcript.${format}`));
    return made;
  };
  row.append(element("span", "quiet", t("transcript.save")), ...FORMATS.map(make), told);
  return row;
}

function both(house, languages, rows, names) {
  const made = element("table", "both");
  const head = element("tr");
  head.append(heading("col", t("call.who")), ...languages.map((tag) => heading("col", languageName(house, tag))));
  const top = element("thead");
  top.append(head);
  const body = element("tbody");
  for (const row of rows) {
    const line = element("tr");
    const who = heading("row", "");
    who.append(element("bdi", "speaker", names.get(row.speaker) || t("calls.nameless")), element("time", "quiet", clock(row.startMs)));
    line.append(who, ...languages.map((tag) => cell(row, tag, languageName(house, tag))));
    body.append(line);
  }
  made.append(top, body);
  return made;
}

function cell(row, tag, name) {
  const made = element("td");
  const found = row.texts.get(primary(tag));
  if (!found) return made;
  made.lang = found.tag;
  made.dir = "auto";
  made.dataset.language = name;
  made.classList.toggle("said", primary(tag) === row.said);
  made.append(element("span", found.held ? "held" : "", found.text));
  const doubts = found.unsure.filter((one) => has(`doubt.${one}`)).map((one) => t(`doubt.${one}`));
  if (found.held) doubts.push(t("note.held"));
  if (doubts.length) {
    const note = element("small", "note", doubts.join(" · "));
    note.lang = document.documentElement.lang;
    made.append(note);
  }
  return made;
}

function heading(scope, text) {
  const made = element("th", "", text);
  made.scope = scope;
  return made;
}
