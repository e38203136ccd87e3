// The call screen: draws a Call's state, and connects the parts of the screen to the call.

import { MicrophoneGate } from "../browser/microphone-gate.js";
import { MicrophoneKeeper } from "../browser/microphone-keeper.js";
import { ornament } from "../browser/ornament.js";
import { SoundWatch } from "../browser/sound-watch.js";
import { keepAwake, onWaking } from "../browser/wake.js";
import { Conversation } from "../pure/conversation.js";
import { hears, interprets, roughly } from "../pure/languages.js";
import { clock, has, problem, t } from "../pure/words.js";
import { Broadcast } from "./broadcast.js";
import { CallInfo } from "./call-info.js";
import { Consent } from "./consent.js";
import { Controls } from "./controls.js";
import { $, set } from "./dom.js";
import { Invitation } from "./invite.js";
import { Overlay } from "./overlay.js";
import { Panel } from "./panel.js";
import { People } from "./people.js";
import { RestoreButton } from "./restore-button.js";
import { SubtitleView } from "./subtitles.js";
import { WaterfallView } from "./waterfall.js";

const NOTICE_MS = 8000;
const CONNECTING_MS = 10_000; // a socket that takes longer to open may be blocked

export class CallScreen {
  #listeners = new AbortController(); // of this call, on elements that outlive it
  #noticeTimer = null;
  #clockTimer = null;
  #blockedTimer = null;
  #translated = null;
  #rough = false;
  #level = "ok";
  #code = null;
  #heard = false;
  #reason = null; // why this client is deaf or mute
  #socket = null; // as it was drawn last

  /**
   * `call`: a Call not yet started · `mixer`: a Mixer · `microphone`: its track · `offer`: the response to
   * GET /languages · `myName` · `keepsHistory`: true if the server can · `api`: an Api · `place`: `{sessionId, token}`. Throws where the page cannot show a call.
   */
  constructor(parts) {
    try {
      this.#build(parts);
    } catch (error) {
      this.close(); // half a screen hears no click
      throw error;
    }
  }

  #build({ call, mixer, microphone, offer, myName, keepsHistory, api, place }) {
    Object.assign(this, { call, mixer, offer });
    const { signal } = this.#listeners;
    const shared = { call, mixer, offer, signal, notice: (text) => this.notice(text) };
    this.conversation = new Conversation();
    this.gate = new MicrophoneGate(microphone, () => call.endUtterance());
    this.people = new People({ ...shared, myName });
    this.panel = new Panel({ ...shared, gate: this.gate, useMicrophone: (track) => this.#useMicrophone(track) });
    this.controls = new Controls({ ...shared, gate: this.gate });
    this.invitation = new Invitation(shared);
    this.info = new CallInfo(call);
    this.consent = new Consent({ ...shared, people: this.people, offered: keepsHistory });
    ornament("The streamer's part", () => new Broadcast({ api, call, place, signal }));
    this.waterfall = new WaterfallView($("waterfall"), this.people);
    this.view = new SubtitleView($("subtitles"), $("announcer"), (id) => this.people.person(id));
    this.view.clear();
    const lines = { conversation: this.conversation, people: (id) => this.people.person(id), signal };
    this.overlay = ornament("The overlay", () => new Overlay(lines), null);
    $("announcer").replaceChildren();
    $("notice").hidden = true;
    $("no-subtitles").hidden = false;
    this.#wireCall(signal);
    mixer.microphone = microphone;
    this.#keepSoundAndMicrophone(microphone, signal);
    this.#clockTimer = setInterval(() => this.#tick(), 1000);
    keepAwake(signal);
    this.#draw(call.state);
  }

  /** Set the code to invite with; null for a participant who joined. The socket is opened now. */
  open(code) {
    this.#code = code;
    this.invitation.show(code);
    this.#draw(this.call.state);
    const tell = () => this.call.state.socket === "connecting" && this.notice(t("media.blocked"));
    this.#blockedTimer = setTimeout(tell, CONNECTING_MS);
  }

  close() {
    this.#listeners.abort();
    clearTimeout(this.#noticeTimer);
    clearTimeout(this.#blockedTimer);
    clearInterval(this.#clockTimer);
    this.gate?.track.stop();
  }

  /** Show a remark under the header for some seconds; then what keeps this client deaf or mute, as long as it does. */
  notice(text) {
    clearTimeout(this.#noticeTimer);
    $("notice").textContent = text;
    $("notice").hidden = false;
    this.#noticeTimer = setTimeout(() => {
      if (this.#reason) set($("notice"), this.#reasonText());
      else $("notice").hidden = true;
    }, NOTICE_MS);
  }

  #reasonText() {
    const key = `status.${this.#reason}`;
    return has(key) ? t(key) : t("status.other", { reason: this.#reason });
  }

  #wireCall(signal) {
    const { call, mixer } = this;
    const on = (type, listener) => call.addEventListener(type, ({ detail }) => listener(detail), { signal });
    on("state", (state) => this.#draw(state));
    on("tracks", (tracks) => mixer.setTracks(tracks));
    on("problem", ({ code }) => this.notice(problem(code)));
    on("detected", ({ language }) => {
      this.notice(t("you.detected", { language: this.people.languageName(language) }));
    });
    on("stats", (stats) => {
      this.panel.showStats(stats);
      this.waterfall.connection = { networkMs: stats.rttMs / 2, playoutMs: stats.playoutDelayMs };
    });
    on("subtitle", (message) => {
      if (message.targetUserId === call.state.me) mixer.follow(message);
      this.people.follow(message);
      const changed = this.conversation.apply(message);
      if (!changed) return;
      this.view.show(changed, this.conversation.sentence(changed));
      this.overlay?.show(changed);
      $("no-subtitles").hidden = this.conversation.utterances.length > 0;
      if (message.type === "utterance_end") this.waterfall.add(changed, message);
    });
  }

  #draw(state) {
    const { partner } = state;
    $("invite").hidden = Boolean(partner) || !this.#code || state.socket === "connecting";
    $("waiting").hidden = state.socket !== "waiting";
    $("say-form").hidden = !partner;
    ornament("Starting over", () => ($("start-over").hidden = !partner));
    $("conversation").hidden = !$("invite").hidden || !$("waiting").hidden;
    const connection = state.socket === "lost" || state.media === "lost" ? "lost" : state.media;
    if ($("connection-state").dataset.state === "lost" && connection === "connected") this.notice(t("media.back"));
    set($("connection-state"), t(`media.${connection}`));
    $("connection-state").dataset.state = connection;
    if (state.level !== this.#level) {
      this.#level = state.level;
      const unusual = state.level === "degraded" && !state.lagMs; // an engine fails, but nothing is late
      if (state.level !== "ok") this.notice(t(unusual ? "level.unusual" : `level.${state.level}`));
    }
    const reason = state.reasons.at(-1) ?? null;
    if (reason !== this.#reason) {
      this.#reason = reason;
      if (reason) this.notice(this.#reasonText());
      else if (state.socket === this.#socket) this.notice(t("status.over"));
      else $("notice").hidden = true; // forgotten by who joins again: it may still hold, and is told anew then
    }
    this.#socket = state.socket;
    const translated = !partner || interprets(this.offer.pairs, partner.language, state.language);
    // The own voice of somebody who is not recognised is all that is heard of what they say.
    this.mixer.interpreted = translated && (!partner || hears(this.offer, partner.language));
    if (connection === "lost") {
      this.mixer.endDucking();
      this.panel.showStats(null);
    }
    if (partner && translated !== this.#translated) {
      this.#translated = translated;
      if (!translated) this.notice(t("call.uninterpreted"));
    }
    const rough = Boolean(partner) && roughly(this.offer, partner.language, state.language);
    if (rough && !this.#rough) this.notice(t("call.gist"));
    this.#rough = rough;
    this.people.draw(state, translated);
    this.panel.draw(state);
    this.info.draw(state, this.people.partnerName);
    this.consent.draw(state);
    this.#tick();
  }

  #tick() {
    const { startedAt } = this.call.state;
    $("elapsed").textContent = startedAt ? clock(Date.now() - startedAt) : "";
  }

  /** Notice sound and microphone that the system takes away, and get them back. */
  #keepSoundAndMicrophone(microphone, signal) {
    const button = new RestoreButton({
      signal, sound: () => this.#restoreSound(), microphone: () => this.keeper.retry(),
    });
    this.sound = new SoundWatch({ mixer: this.mixer, signal, changed: (plays) => {
      button.lose("sound", !plays);
      if (plays) this.#heard = true;
      else if (this.#heard) this.notice(t("sound.stopped"));
    } });
    this.keeper = new MicrophoneKeeper({
      signal,
      use: (track) => this.#useMicrophone(track),
      told: (what) => this.notice(t(`microphone.${what}`)),
      changed: (lost) => button.lose("microphone", lost),
    });
    this.keeper.watch(microphone);
    onWaking(() => {
      this.call.wake();
      this.sound.look();
      this.keeper.wake();
    }, signal);
    ornament("The event devicechange", () => {
      navigator.mediaDevices.addEventListener("devicechange", () => this.keeper.retry(), { signal });
    });
  }

  async #restoreSound() {
    if (!(await this.sound.restore()) && !this.#listeners.signal.aborted) this.notice(t("sound.failed"));
  }

  /** Replace the microphone for the rest of the call. */
  async #useMicrophone(track) {
    const previous = this.gate.track;
    this.gate.replace(track);
    this.mixer.microphone = track;
    this.keeper.watch(track);
    try {
      await this.call.setMicrophone(track);
    } finally {
      previous.stop();
    }
  }
}
