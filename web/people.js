// Who is in the call and who speaks: two people, and the interpreter between them with how far it is behind.

import { $, set } from "./dom.js";
import { HeardLatency } from "./heard.js";
import { nameOf, same } from "./languages.js";
import { Meter, share } from "./meter.js";
import { seconds, t } from "./words.js";

const LOOK_MS = 40;
const VOICED_DB = -45;
const HOLD_MS = 350; // between two words one still speaks

export class People {
  #offer;
  #call;
  #mixer;
  #mic;
  #micSource = null;
  #heardLatency = new HeardLatency();
  #voicedAt = { me: -Infinity, partner: -Infinity };
  #lags = new Map(); // "utterance/segment" → ms from the last voiced frame to its translation
  #spoken = new Map(); // target's participantId → Set of "utterance/segment" being spoken
  #processing = new Set();
  #lag = null;
  #translated = true;
  #partnerSeen = null;

  constructor({ call, mixer, offer, signal, myName, microphone }) {
    this.#offer = offer;
    this.#call = call;
    this.#mixer = mixer;
    this.myName = myName;
    this.#mic = new Meter(mixer.context);
    this.microphone = microphone;
    const timer = setInterval(() => this.#look(), LOOK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  set microphone(track) {
    this.#micSource?.disconnect();
    this.#micSource = this.#mixer.context.createMediaStreamSource(new MediaStream([track]));
    this.#micSource.connect(this.#mic.node);
  }

  /** → `{name, mine}`, as the subtitles call somebody */
  person(participantId) {
    const { me } = this.#call.state;
    if (participantId === me) return { name: t("person.me"), mine: true };
    return { name: this.partnerName, mine: false };
  }

  get partnerName() {
    return this.#call.state.partner?.displayName || this.lastName || t("person.partner");
  }

  get realName() {
    return this.myName || t("person.me");
  }

  languageName(tag) {
    return nameOf(this.#offer.languages.find((one) => same(one.tag, tag)) ?? { tag });
  }

  draw({ me, language, partner, media, socket }, translated) {
    this.#translated = translated;
    if (partner) this.lastName = partner.displayName;
    this.#tile("me", this.realName, this.languageName(language));
    this.#tile("partner", this.partnerName, this.#partnerText(partner));
    $("partner").dataset.connected = String(Boolean(partner?.connected));
    if (media === "lost" || socket === "lost") {
      this.#spoken.clear();
      this.#processing.clear();
    }
    this.#drawInterpreter();
  }

  #tile(id, name, state) {
    const tile = $(id);
    set(tile.querySelector(".name"), name);
    set(tile.querySelector(".tongue"), state);
    set(tile.querySelector(".face"), [...name][0]?.toUpperCase() ?? "?");
  }

  #partnerText(partner) {
    if (!partner) return t("partner.waiting");
    if (partner.connected) {
      this.#partnerSeen = partner.participantId;
      return this.languageName(partner.language);
    }
    return t(this.#partnerSeen === partner.participantId ? "partner.lost" : "partner.connecting");
  }

  /** Any message of the subtitles channel. */
  follow({ type, utteranceId, segment, targetUserId, state, latency }) {
    const key = `${utteranceId}/${segment}`;
    if (type === "translation") this.#lags.set(key, latency);
    else if (type === "processing_start") this.#processing.add(utteranceId);
    else if (type === "processing_end") this.#processing.delete(utteranceId);
    else if (type === "speech_audio") {
      if (!this.#spoken.has(targetUserId)) this.#spoken.set(targetUserId, new Set());
      if (state === "start") this.#spoken.get(targetUserId).add(key);
      else this.#spoken.get(targetUserId).delete(key);
      if (state === "start") this.#lag = this.#lags.get(key) ?? null;
      this.#lags.delete(key);
    } else if (type === "utterance_end") {
      this.#processing.delete(utteranceId);
      for (const keys of this.#spoken.values()) {
        for (const one of keys) if (one.startsWith(`${utteranceId}/`)) keys.delete(one);
      }
    } else return;
    this.#drawInterpreter();
  }

  #drawInterpreter() {
    const { me } = this.#call.state;
    const busy = [...this.#spoken].filter(([, keys]) => keys.size).map(([target]) => target);
    const toMe = busy.includes(me);
    let state = t("interpreter.listening");
    if (!this.#translated) state = t("interpreter.resting");
    else if (busy.length) state = toMe ? t("interpreter.toMe") : t("interpreter.toPartner", { name: this.partnerName });
    else if (this.#processing.size) state = t("interpreter.working");
    if (busy.length && this.#lag !== null) state = t("interpreter.lag", { state, time: seconds(this.#lag) });
    set($("interpreter-state"), state);
    $("interpreter").classList.toggle("speaking", busy.length > 0);
    $("interpreter").dataset.to = toMe ? "me" : busy.length ? "partner" : "";
  }

  #look() {
    const now = performance.now();
    const original = this.#mixer.meters.original.db();
    const levels = { me: this.#mic.db(), partner: original };
    for (const [id, db] of Object.entries(levels)) {
      if (db > VOICED_DB) this.#voicedAt[id] = now;
      $(id).classList.toggle("speaking", now - this.#voicedAt[id] < HOLD_MS);
      $(id).style.setProperty("--level", share(db).toFixed(2));
    }
    for (const voice of ["original", "interpreter"]) {
      $(`${voice}-level`).style.setProperty("--level", share(this.#mixer.played(voice)).toFixed(2));
    }
    const latency = this.#heardLatency.feed(now, original, this.#mixer.meters.interpreter.db());
    if (latency === null) return;
    this.heardMs = latency;
    this.#call.heard(latency);
  }
}
