// The page: start → call → ended. Connects the protocol client to the screens.

import { forgetSession, keepSession, keptSession } from "./browser/kept-session.js";
import { openPreferred } from "./browser/microphone.js";
import { Mixer } from "./browser/mixer.js";
import { ornament } from "./browser/ornament.js";
import { preferences } from "./browser/preferences.js";
import { Api } from "./protocol/api.js";
import { Call } from "./protocol/call.js";
import { Signaling } from "./protocol/signaling.js";
import { folder, socketAddress } from "./pure/addresses.js";
import { usable } from "./pure/languages.js";
import { chooseLocale } from "./pure/words.js";
import { AccountDoor } from "./screens/account-door.js";
import { $ } from "./screens/dom.js";
import { showEnd } from "./screens/ended.js";
import { CallScreen } from "./screens/in-call.js";
import { useLocale } from "./screens/locale.js";
import { StartScreen, obstacle } from "./screens/start.js";

const RETRY_MS = 3000;
const ASKED_MS = 2500; // a microphone that takes longer to open waits for the person's permission

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

await useLocale(chooseLocale([preferences.locale, ...(navigator.languages ?? [])]));
const start = new StartScreen({ begin, resume, localeChanged: () => door.useLocale() });
const door = new AccountDoor({ api, show, languages: () => offer, changed: (person) => (start.person = person) });

function show(screen) {
  state.screen = screen;
  for (const id of ["start", "call", "ended", "account"]) $(id).hidden = id !== screen;
  $(`${screen}-title`)?.focus({ preventScroll: screen === "start" });
}

/**
 * Start a call, or join one by its code. Microphone and screen come first: without them, nothing is asked of the
 * server. What was made there and cannot be used is given back.
 */
async function begin({ code, language, name, admit }) {
  await withScreen(language, async (place) => {
    let session = null;
    try {
      const token = (await door.token()) ?? (await guestToken(name));
      const made = code ? await api.join(token, code, language) : await api.create(token, language, { admit });
      session = { ...made, token, language, code: made.sessionCode ?? null };
      enter(place, session);
    } catch (error) {
      if (session) giveBack(session);
      throw error;
    }
  });
}

async function resume() {
  const session = keptSession();
  if (!session) throw "session_ended";
  await withScreen(session.language, async (place) => enter(place, session));
}

/** Call `action(place)` with a prepared call. Where that fails, its screen is closed: two of them share their buttons. */
async function withScreen(language, action) {
  await withSound(async (mixer, microphone) => {
    const place = prepare(language, mixer, microphone);
    try {
      await action(place);
    } catch (error) {
      place.screen.close();
      throw error;
    }
  });
}

async function withSound(action) {
  const mixer = new Mixer(); // in the click itself: later the browser might keep it silent
  const asked = setTimeout(() => start.showStatus("start.allow"), ASKED_MS);
  let microphone = null;
  try {
    mixer.resume();
    microphone = start.microphone.handOver() ?? (await openPreferred());
    clearTimeout(asked);
    start.showStatus("start.starting");
    await action(mixer, microphone);
  } catch (error) {
    clearTimeout(asked);
    microphone?.getTracks().forEach((track) => track.stop());
    mixer.close();
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

/** Make a Call and its screen, unconnected. → `{signaling, made, screen, mixer}` */
function prepare(language, mixer, microphone) {
  const [track] = microphone.getAudioTracks();
  const signaling = new Signaling({ language, detect: preferences.detect });
  const made = new Call({
    signaling,
    microphone: track,
    fetchIceServers: async (resumeToken) => (await api.iceServers(resumeToken)).iceServers,
  });
  const screen = new CallScreen({
    call: made, mixer, microphone: track, offer,
    myName: door.person?.name ?? preferences.name, keepsHistory: door.offered?.history ?? false,
    api, place: signaling,
  });
  return { signaling, made, screen, mixer };
}

/** Connect a prepared call to its session, and show it. */
function enter({ signaling, made, screen, mixer }, session) {
  const { wsUrl, sessionId, token, code } = session;
  signaling.use({ wsUrl: socketAddress(wsUrl, location.href), sessionId, token });
  made.addEventListener("state", ({ detail }) => {
    const kept = { wsUrl: signaling.wsUrl, sessionId, token: signaling.token, language: detail.language, code };
    if (detail.ended) leave(detail, screen, kept);
    else if (detail.me) keepSession(kept);
  });
  screen.open(code);
  made.start();
  call = made;
  Object.assign(state, { code, mixer, conversation: screen.conversation, people: screen.people });
  keepSession({ wsUrl, sessionId, token, language: session.language, code }); // for a reload before the socket joins
  show("call");
  ornament("A short address", () => history.replaceState(null, "", folder(location.href)));
}

function leave({ ended, me }, screen, session) {
  screen.close();
  state.mixer.close();
  const elsewhere = ended.reason === "taken_over" || (ended.reason === "unreachable" && me !== null);
  // Left while the line was down, or never reached: the server would keep it until its time is over.
  if (!elsewhere && !ended.metrics && ["left", "unreachable"].includes(ended.reason)) giveBack(session);
  if (!elsewhere) forgetSession();
  start.returnable = elsewhere;
  showEnd(ended, screen, elsewhere);
  show("ended");
}

/** End a session of ours that nobody will use; a failure costs nothing more. */
function giveBack({ sessionId, token }) {
  forgetSession();
  api.end(sessionId, token).catch(() => {});
}

async function loadLanguages() {
  try {
    const response = await api.languages();
    if (!usable(response).length) throw "noLanguages";
    offer = response;
    start.offer = offer;
    start.showStatus(null);
    start.hideProblem();
    ornament("The account", () => door.open()); // where it did not answer before
  } catch (error) {
    start.showProblem(error);
    setTimeout(loadLanguages, RETRY_MS);
  }
}

$("again").addEventListener("click", () => {
  call = null;
  show("start");
});
$("take-back").addEventListener("click", () => {
  show("start");
  start.returnToCall();
});

$("start").hidden = false;
const missing = obstacle();
if (missing) {
  start.showProblem(missing);
} else {
  start.returnable = keptSession() !== null;
  start.showStatus("start.loading");
  loadLanguages();
}
ornament("The account", () => door.open());
// Makes the page an app that opens without a network. Where service workers are off, it is only a page.
ornament("The service worker", () => navigator.serviceWorker?.register("service-worker.js"));
