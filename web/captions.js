// The captions page, for a streamer's scene: one sentence on a transparent ground. It takes no part in the session.

import { Captions, stays } from "./pure/captions.js";
import { readCaptionsAddress } from "./pure/captions-address.js";
import { chooseLocale, t, useDictionary } from "./pure/words.js";
import { Api } from "./protocol/api.js";
import { Viewer } from "./protocol/viewer.js";

const SPOKEN = 5; // sentences that are kept for screen readers
const MEANING = {
  bad_request: "invalid", unauthorized: "invalid", forbidden: "invalid", revoked: "invalid",
  session_not_found: "session_ended",
};
const ON_SCREEN = ["invalid", "address"]; // somebody has to mend something; a scene shows nothing else of ours

const $ = (id) => document.getElementById(id);
const address = readCaptionsAddress(location.hash, location.search);

/** Write the page's own words. */
async function write() {
  const locale = chooseLocale([address.page, ...navigator.languages]);
  useDictionary(locale, (await import(`./words/captions/${locale}.js`)).default);
  document.documentElement.lang = locale;
  document.documentElement.dir = locale === "ar" ? "rtl" : "ltr";
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
}

/** Tell a state of the viewer: to screen readers and in the title, and on the screen only where it must be mended. */
function tell(state) {
  const meaning = MEANING[state] ?? state;
  $("state").textContent = t(`captions.${meaning}`);
  $("state").classList.toggle("unseen", !ON_SCREEN.includes(meaning));
  document.title = `Dragoman · ${t(`captions.${meaning}`)}`;
}

let hiding = null;

/** Show a sentence of Captions, or nothing for null. */
function show(sentence) {
  clearTimeout(hiding);
  const span = $("caption").firstElementChild;
  span.textContent = sentence?.text ?? "";
  $("caption").classList.toggle("held", sentence?.held ?? false);
  if (!sentence) return;
  span.lang = sentence.language;
  hiding = setTimeout(() => show(null), stays(sentence.text));
}

let spoken = null;

/** Let a screen reader speak the newest part of a sentence, once. */
function announce({ language, newest }) {
  if (newest.id === spoken || !newest.text) return;
  spoken = newest.id;
  const line = document.createElement("p");
  Object.assign(line, { textContent: newest.text, lang: language, dir: "auto" });
  $("spoken").append(line);
  while ($("spoken").children.length > SPOKEN) $("spoken").firstElementChild.remove();
}

function follow(viewer, captions) {
  viewer.addEventListener("state", ({ detail }) => tell(detail));
  viewer.addEventListener("subtitle", ({ detail }) => {
    const before = captions.shown;
    if (!captions.take(detail)) return;
    const now = captions.shown;
    if (before && now && before.newest.id !== now.newest.id) announce(before);
    show(now);
    if (now?.newest.final) announce(now);
  });
}

await write().catch(console.error); // captions come all the same
addEventListener("hashchange", () => location.reload());
if (address.sessionId && address.token) {
  document.documentElement.style.setProperty("--size", `${address.size}px`);
  const viewer = new Viewer({ api: new Api(), ...address });
  follow(viewer, new Captions(address.language));
  viewer.start();
} else {
  tell("address");
}
