// The call screen: draws a Call's state, and connects the parts of the screen to the call.

import { MicrophoneGate } from "../browser/microphone-gate.js";
import { openPreferred } from "../browser/microphone.js";
import { keepAwake, onWaking } from "../browser/wake.js";
import { Conversation } from "../pure/conversation.js";
import { interprets } from "../pure/languages.js";
import { clock, problem, t } from "../pure/words.js";
import { Controls } from "./controls.js";
import { $, set } from "./dom.js";
import { Invitation } from "./invite.js";
import { Panel } from "./panel.js";
import { People } from "./people.js";
import { SubtitleView } from "./subtitles.js";
import { WaterfallView } from "./waterfall.js";

const NOTICE_MS = 8000;

export class CallScreen {
  #listeners = new AbortController(); // of this call, on elements that outlive it
  #noticeTimer = null;
  #clockTimer = null;
  #translated = null;
  #level = "ok";

  /** `offer`: the response to GET /languages · `code`: null for the one who joined. */
  constructor({ call, mixer, microphone, code, offer, myName }) {
    Object.assign(this, { call, mixer, offer, code });
    const { signal } = this.#listeners;
    const shared = { call, mixer, offer, signal, notice: (text) => this.notice(text) };
    this.conversation = new Conversation();
    this.gate = new MicrophoneGate(microphone, () => call.endUtterance());
    this.people = new People({ ...shared, myName, microphone });
    this.panel = new Panel({ ...shared, gate: this.gate, useMicrophone: (track) => this.#useMicrophone(track) });
    this.controls = new Controls({ ...shared, gate: this.gate });
    this.invitation = new Invitation({ ...shared, code });
    this.waterfall = new WaterfallView($("waterfall"), this.people);
    this.view = new SubtitleView($("subtitles"), $("announcer"), (id) => this.people.person(id));
    this.view.clear();
    $("announcer").replaceChildren();
    $("notice").hidden = true;
    $("no-subtitles").hidden = false;
    this.#wireCall(signal);
    this.#replaceWhenUnplugged(microphone);
    this.#clockTimer = setInterval(() => this.#tick(), 1000);
    onWaking(() => call.wake(), signal);
    keepAwake(signal);
    this.#draw(call.state);
  }

  close() {
    this.#listeners.abort();
    clearTimeout(this.#noticeTimer);
    clearInterval(this.#clockTimer);
    this.gate.track.stop();
  }

  /** Show a remark under the header for some seconds. */
  notice(text) {
    clearTimeout(this.#noticeTimer);
    $("notice").textContent = text;
    $("notice").hidden = false;
    this.#noticeTimer = setTimeout(() => ($("notice").hidden = true), NOTICE_MS);
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
      this.view.show(changed);
      $("no-subtitles").hidden = this.conversation.utterances.length > 0;
      if (message.type === "utterance_end") this.waterfall.add(changed, message);
    });
  }

  #draw(state) {
    const { partner } = state;
    $("invite").hidden = Boolean(partner) || !this.code || state.socket === "connecting";
    $("waiting").hidden = state.socket !== "waiting";
    $("say-form").hidden = !partner;
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
    const translated = !partner || interprets(this.offer.pairs, partner.language, state.language);
    this.mixer.interpreted = translated;
    if (connection === "lost") {
      this.mixer.endDucking();
      this.panel.showStats(null);
    }
    if (partner && translated !== this.#translated) {
      this.#translated = translated;
      if (!translated) this.notice(t("call.uninterpreted"));
    }
    this.people.draw(state, translated);
    this.panel.draw(state);
    this.#tick();
  }

  #tick() {
    const { startedAt } = this.call.state;
    $("elapsed").textContent = startedAt ? clock(Date.now() - startedAt) : "";
  }

  /** Replace the microphone for the rest of the call. */
  async #useMicrophone(track) {
    const previous = this.gate.track;
    this.gate.replace(track);
    await this.call.setMicrophone(track);
    this.people.microphone = track;
    previous.stop();
    this.#replaceWhenUnplugged(track);
  }

  #replaceWhenUnplugged(track) {
    track.addEventListener("ended", async () => {
      if (track !== this.gate.track) return; // replaced by us
      try {
        const [another] = (await openPreferred()).getAudioTracks();
        await this.#useMicrophone(another);
        this.notice(t("microphone.lost"));
      } catch {
        this.notice(t("microphone.gone"));
      }
    }, { signal: this.#listeners.signal });
  }
}
