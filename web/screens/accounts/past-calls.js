// The room of one's calls: a list, the newest first, and a search in names and in what was kept.

import { others } from "../../pure/past-call.js";
import { clock, count, t } from "../../pure/words.js";
import { element } from "../dom.js";
import { button, explain, field, form } from "./form.js";
import { languageName } from "./language-field.js";
import { said } from "./sign-in.js";

const PAGE = 20;

export async function calls(house) {
  const list = element("ol", "past-calls");
  const told = said();
  const query = field("query", t("calls.search"), { type: "search", maxLength: 200, dir: "auto" });
  let turn = 0; // of the latest search: an earlier one that comes late is not shown
  let sought = "";
  const more = button(t("calls.more"), () => load(false), "link");

  async function load(anew) {
    const mine = (turn += 1);
    const asked = { limit: PAGE, offset: anew ? 0 : list.childElementCount, query: sought };
    const { sessions, total } = await house.me.as((token) => house.api.calls(token, asked));
    if (mine !== turn) return;
    if (anew) list.replaceChildren();
    list.append(...sessions.map((call) => row(house, call)));
    more.hidden = list.childElementCount >= total || !sessions.length;
    told.textContent = total ? t("calls.count", { count: count(total) }) : t(sought ? "calls.notFound" : "calls.none");
  }

  more.addEventListener("click", () => (told.textContent = ""));
  const search = form({
    kind: "calls", fields: { query }, submit: t("calls.find"), className: "",
    send: async ({ query: words }) => {
      sought = words.trim();
      told.textContent = t("account.waiting");
      await load(true);
    },
  });
  search.setAttribute("role", "search");
  try {
    await load(true);
  } catch (error) {
    more.hidden = true;
    told.textContent = explain("calls", error);
    if (error.code === "signedOut") throw error;
  }
  const box = element("section", "card");
  box.append(search, told, list, more);
  return { title: t("calls.title"), lead: "", nodes: [box] };
}

function row(house, call) {
  const { startedAt, createdAt, endedAt, participants } = call;
  const made = element("li");
  const open = button("", () => house.enter("call", call), "past-call");
  const names = others(participants, call.participantId) || t("calls.nameless");
  const languages = [...new Set(participants.map(({ language }) => language))].map((tag) => languageName(house, tag)).join(" · ");
  const from = startedAt ?? createdAt;
  const when = element("time", "quiet", moment(from));
  when.dateTime = new Date(from).toISOString();
  const lasted = endedAt ? clock(endedAt - from) : t("calls.running");
  open.append(element("bdi", "speaker", names), element("span", "quiet", languages), when, element("span", "quiet", lasted));
  made.append(open);
  return made;
}

/** Format a day and a time in the page's language, with Latin digits as everywhere on the page. */
export function moment(ms) {
  return new Intl.DateTimeFormat(`${document.documentElement.lang}-u-nu-latn`, { dateStyle: "medium", timeStyle: "short" }).format(ms);
}
