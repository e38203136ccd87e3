// The page: start → call → ended. Connects the protocol client to the screens.

import { openPreferred } from "./browser/microphone.js";
import { Mixer } from "./browser/mixer.js";
import { preferences } from "./browser/preferences.js";
import { Api } from "./protocol/api.js";
import { Call } from "./protocol/call.js";
import { Signaling } from "./protocol/signaling.js";
import { usable } from "./pure/languages.js";
import { chooseLocale } from "./pure/words.js";
import { $ } from "./screens/dom.js";
import { showEnd } from "./screens/ended.js";
import { CallScreen } from "./screens/in-call.js";
import { useLocale } from "./screens/locale.js";
import { StartScreen, obstacle } from "./screens/start.js";

const RETRY_MS = 3000;
const SESSION_KEY = "dragoman.call"; // in this tab's sessionStorage: a reloaded page can return to its call

const api = new Api();
const state = { screen: "start", code: null, mixer: null, conversation: null, people: null };
let offer = null; // the response to GET /languages
let guest = null; // {name, token, until}
let call = null;

/** The current Call and the page's own state, read only: for tests, and for a developer's console. */
window.dragoman = Object.freeze({
  get call() {
    return call;
  },
  state,
});

await useLocale(preferences.locale ?? chooseLocale(navigator.languages ?? []));
const start = new StartScreen({ begin, resume });

function show(screen) {
  state.screen = screen;
  for (const id of ["start", "call", "ended"]) $(id).hidden = id !== screen;
  $(`${screen}-title`).focus({ preventScroll: screen === "start" });
}

/** Start a call, or join one by its code. The microphone comes first: without one, no call is made. */
async function begin({ code, language, name, admit }) {
  await withSound(async (mixer, microphone) => {
    const token = await guestToken(name);
    const session = code ? await api.join(token, code, language) : await api.create(token, language, { admit });
    history.replaceState(null, "", "/");
    enter({ ...session, token, language, code: session.sessionCode ?? null }, mixer, microphone);
  });
}

async function resume() {
  await withSound(async (mixer, microphone) => enter(storedSession(), mixer, microphone));
}

async function withSound(action) {
  const mixer = new Mixer(); // in the click itself: later the browser might keep it silent
  let microphone = null;
  try {
    mixer.resume();
    microphone = start.microphone.handOver() ?? (await openPreferred());
    await action(mixer, microphone);
  } catch (error) {
    microphone?.getTracks().forEach((track) => track.stop());
    await mixer.close();
    throw error;
  }
}

async function guestToken(name) {
  if (guest?.name !== name || guest.until < Date.now()) {
    const { token, expiresIn } = await api.guest(name);
    guest = { name, token, until: Date.now() + (expiresIn - 30) * 1000 };
  }
  return guest.token;
}

function enter({ wsUrl, sessionId, token, language, code }, mixer, microphone) {
  const [track] = microphone.getAudioTracks();
  const signaling = new Signaling({ wsUrl, sessionId, token, language, detect: preferences.detect });
  call = new Call({
    signaling,
    microphone: track,
    fetchIceServers: async (resumeToken) => (await api.iceServers(resumeToken)).iceServers,
  });
  const screen = new CallScreen({ call, mixer, microphone: track, code, offer, myName: preferences.name });
  Object.assign(state, { code, mixer, conversation: screen.conversation, people: screen.people });
  call.addEventListener("state", ({ detail }) => {
    if (detail.ended) leave(detail.ended, screen);
    else if (detail.me) storeSession({ wsUrl, sessionId, token: signaling.token, language: detail.language, code });
  });
  show("call");
  call.start();
}

function leave(ended, screen) {
  screen.close();
  state.mixer.close();
  sessionStorage.removeItem(SESSION_KEY);
  start.returnable = false;
  showEnd(ended, screen);
  show("ended");
}

function storeSession(session) {
  sessionStorage.setItem(SESSION_KEY, JSON.stringify(session));
}

function storedSession() {
  return JSON.parse(sessionStorage.getItem(SESSION_KEY) ?? "null");
}

async function loadLanguages() {
  try {
    const response = await api.languages();
    if (!usable(response).length) throw "noLanguages";
    offer = response;
    start.offer = offer;
    start.showStatus(null);
    start.hideProblem();
  } catch (error) {
    start.showProblem(error);
    setTimeout(loadLanguages, RETRY_MS);
  }
}

$("again").addEventListener("click", () => {
  call = null;
  show("start");
});

$("start").hidden = false;
const missing = obstacle();
if (missing) {
  start.showProblem(missing);
} else {
  start.returnable = storedSession() !== null;
  start.showStatus("start.loading");
  loadLanguages();
}
// Makes the page an app that opens without a network. Where service workers are off, it is only a page.
navigator.serviceWorker?.register("/service-worker.js").catch(() => {});
