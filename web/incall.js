// The call screen: draws a Call's state, and ties the parts of the screen to the call.

import { Controls } from "./controls.js";
import { Conversation } from "./conversation.js";
import { $, set } from "./dom.js";
import { Invitation } from "./invite.js";
import { interprets } from "./languages.js";
import { openPreferred } from "./microphones.js";
import { Panel } from "./panel.js";
import { People } from "./people.js";
import { SubtitleView } from "./subtitles.js";
import { Talk } from "./talk.js";
import { keepAwake, onWaking } from "./waking.js";
import { WaterfallView } from "./waterfall.js";
import { clock, problem, t } from "./words.js";

const NOTICE_MS = 8000;

export class CallScreen {
  #listening = new AbortController(); // all listeners of this call, on elements that outlive it
  #noticeTimer = null;
  #clock = null;
  #translated = null;
  #level = "ok";

  /** `offer`: the answer of GET /languages · `code`: null for the one who joined. */
  constructor({ call, mixer, microphone, code, offer, myName }) {
    Object.assign(this, { call, mixer, offer, code });
    const { signal } = this.#listening;
    const shared = { call, mixer, offer, signal, notice: (text) => this.notice(text) };
    this.conversation = new Conversation();
    this.talk = new Talk(microphone, () => call.endUtterance());
    this.people = new People({ ...shared, myName, microphone });
    this.panel = new Panel({ ...shared, talk: this.talk, use: (track) => this.#use(track) });
    this.controls = new Controls({ ...shared, talk: this.talk });
    this.invitation = new Invitation({ ...shared, code });
    this.waterfall = new WaterfallView($("waterfall"), this.people);
    this.view = new SubtitleView($("subtitles"), $("announcer"), (id) => this.people.person(id));
    this.view.clear();
    $("announcer").replaceChildren();
    $("notice").hidden = true;
    $("hush").hidden = false;
    this.#wireCall(signal);
    this.#watch(microphone);
    this.#clock = setInterval(() => this.#tick(), 1000);
    onWaking(() => call.wake(), signal);
    keepAwake(signal);
    this.#draw(call.state);
  }

  close() {
    this.#listening.abort();
    clearTimeout(this.#noticeTimer);
    clearInterval(this.#clock);
    this.talk.track.stop();
  }

  /** A passing remark under the header. */
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
      this.waterfall.line = { networkMs: stats.rttMs / 2, playoutMs: stats.playoutDelayMs };
    });
    on("subtitle", (message) => {
      if (message.targetUserId === call.state.me) mixer.follow(message);
      this.people.follow(message);
      const changed = this.conversation.apply(message);
      if (!changed) return;
      this.view.show(changed);
      $("hush").hidden = this.conversation.utterances.length > 0;
      if (message.type === "utterance_end") this.waterfall.add(changed, message);
    });
  }

  #draw(state) {
    const { partner } = state;
    $("invite").hidden = Boolean(partner) || !this.code || state.socket === "connecting";
    $("waiting").hidden = state.socket !== "waiting";
    $("say-form").hidden = !partner;
    $("conversation").hidden = !$("invite").hidden || !$("waiting").hidden;
    const line = state.socket === "lost" || state.media === "lost" ? "lost" : state.media;
    if ($("line-state").dataset.line === "lost" && line === "connected") this.notice(t("line.back"));
    set($("line-state"), t(`line.${line}`));
    $("line-state").dataset.line = line;
    if (state.level !== this.#level) {
      this.#level = state.level;
      const unusual = state.level === "degraded" && !state.lagMs; // nothing is late, but something fails
      if (state.level !== "ok") this.notice(t(unusual ? "level.unusual" : `level.${state.level}`));
    }
    const translated = !partner || interprets(this.offer.pairs, partner.language, state.language);
    this.mixer.interpreted = translated;
    if (line === "lost") {
      this.mixer.release();
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

  /** Another microphone, for the rest of the call. */
  async #use(track) {
    const before = this.talk.track;
    this.talk.replace(track);
    await this.call.setMicrophone(track);
    this.people.microphone = track;
    before.stop();
    this.#watch(track);
  }

  #watch(track) {
    track.addEventListener("ended", async () => {
      if (track !== this.talk.track) return; // stopped by us
      try {
        const [another] = (await openPreferred()).getAudioTracks();
        await this.#use(another);
        this.notice(t("microphone.lost"));
      } catch {
        this.notice(t("microphone.gone"));
      }
    }, { signal: this.#listening.signal });
  }
}
