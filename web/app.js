// The page: start → call → ended. Wires the protocol client to the screens.

import { Api } from "./api.js";
import { Mixer } from "./audio.js";
import { Call } from "./call.js";
import { $ } from "./dom.js";
import { showEnd } from "./ended.js";
import { CallScreen } from "./incall.js";
import { usable } from "./languages.js";
import { openPreferred } from "./microphones.js";
import { preferences } from "./preferences.js";
import { Signaling } from "./signaling.js";
import { StartScreen, obstacle } from "./start.js";
import { chooseLocale, useLocale } from "./words.js";

const RETRY_MS = 3000;
const KEPT = "dragoman.call"; // in this tab's sessionStorage, so that a reload is not a hang-up

const api = new Api();
const state = { screen: "start", code: null, mixer: null, conversation: null, people: null };
let offer = null; // the answer of GET /languages
let guest = null; // {name, token, until}
let call = null;

/** For tests and for the curious: the current Call, and what the page itself holds. Read only. */
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

/** The code is null for a new call. The microphone comes first: a call that could not be spoken in is not made. */
async function begin({ code, language, name, admit }) {
  await withSound(async (mixer, microphone) => {
    const token = await guestToken(name);
    const made = code ? await api.join(token, code, language) : await api.create(token, language, { admit });
    history.replaceState(null, "", "/");
    enter({ ...made, token, language, code: made.sessionCode ?? null }, mixer, microphone);
  });
}

async function resume() {
  await withSound(async (mixer, microphone) => enter(kept(), mixer, microphone));
}

async function withSound(action) {
  const mixer = new Mixer(); // here, in the click: later the browser might keep it silent
  let microphone = null;
  try {
    mixer.resume();
    microphone = start.microphone.take() ?? (await openPreferred());
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
    else if (detail.me) keep({ wsUrl, sessionId, token: signaling.token, language: detail.language, code });
  });
  show("call");
  call.start();
}

function leave(ended, screen) {
  screen.close();
  state.mixer.close();
  sessionStorage.removeItem(KEPT);
  start.returnable = false;
  showEnd(ended, screen);
  show("ended");
}

function keep(session) {
  sessionStorage.setItem(KEPT, JSON.stringify(session));
}

function kept() {
  return JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
}

async function askLanguages() {
  try {
    const told = await api.languages();
    if (!usable(told).length) throw "noLanguages";
    offer = told;
    start.offer = offer;
    start.status(null);
    start.noProblem();
  } catch (error) {
    start.problem(error);
    setTimeout(askLanguages, RETRY_MS);
  }
}

$("again").addEventListener("click", () => {
  call = null;
  show("start");
});

$("start").hidden = false;
const missing = obstacle();
if (missing) {
  start.problem(missing);
} else {
  start.returnable = kept() !== null;
  start.status("start.loading");
  askLanguages();
}
// Installable, and at hand without a network; where service workers are switched off, only a page.
navigator.serviceWorker?.register("/service-worker.js").catch(() => {});
