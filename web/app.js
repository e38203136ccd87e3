// The page: start → call → ended. Wires the protocol client to the screens.

import { Api } from "./api.js";
import { Mixer, openMicrophone } from "./audio.js";
import { Call } from "./call.js";
import { CallScreen } from "./incall.js";
import { Signaling } from "./signaling.js";
import { StartScreen, obstacle } from "./start.js";
import { words } from "./words.js";

const RETRY_MS = 3000;
const KEPT = "dragoman.call"; // in this tab's sessionStorage, so that a reload is not a hang-up
const $ = (id) => document.getElementById(id);

const api = new Api();
const state = { screen: "start", code: null, mixer: null, conversation: null };
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

const start = new StartScreen({ begin, resume });

function show(screen) {
  state.screen = screen;
  for (const id of ["start", "call", "ended"]) $(id).hidden = id !== screen;
  $(`${screen}-title`).focus({ preventScroll: screen === "start" });
}

/** The code is null for a new call. The microphone comes first: a call that could not be spoken in is not made. */
async function begin({ code, language, name }) {
  await withSound(async (mixer, microphone) => {
    const token = await guestToken(name);
    const made = code ? await api.join(token, code, language) : await api.create(token, language);
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
    microphone = await openMicrophone();
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
  const signaling = new Signaling({ wsUrl, sessionId, token, language });
  call = new Call({
    signaling,
    microphone: track,
    fetchIceServers: async (resumeToken) => (await api.iceServers(resumeToken)).iceServers,
  });
  const screen = new CallScreen({ call, mixer, microphone: track, code, offer });
  Object.assign(state, { code, mixer, conversation: screen.conversation });
  call.addEventListener("state", ({ detail }) => {
    if (detail.ended) leave(detail.ended, screen, microphone);
    else if (detail.me) keep({ wsUrl, sessionId, token: signaling.token, language: detail.language, code });
  });
  show("call");
  call.start();
}

function leave(ended, screen, microphone) {
  screen.close();
  microphone.getTracks().forEach((track) => track.stop());
  state.mixer.close();
  sessionStorage.removeItem(KEPT);
  start.returnable = false;
  $("ended-reason").textContent = words.ended[ended.reason] ?? words.problem(ended.reason);
  $("ended-reason").dataset.reason = ended.reason;
  $("summary").hidden = !ended.metrics;
  $("summary").replaceChildren(
    ...(ended.metrics ? words.summary(ended.metrics) : []).flatMap((pair) =>
      pair.map((text, index) => {
        const cell = document.createElement(index ? "dd" : "dt");
        cell.textContent = text;
        return cell;
      }),
    ),
  );
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
    offer = await api.languages();
    start.offer = offer;
    start.status("");
    $("start-problem").hidden = true;
  } catch (error) {
    start.problem(error);
    setTimeout(askLanguages, RETRY_MS);
  }
}

$("again").addEventListener("click", () => {
  call = null;
  show("start");
});

const missing = obstacle();
if (missing) {
  start.problem(missing);
} else {
  start.returnable = kept() !== null;
  start.status(words.loading);
  askLanguages();
}
