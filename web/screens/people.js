// The people of the call: two participants, and the interpreter between them with its state and its lag.

import { share } from "../browser/meter.js";
import { ornament } from "../browser/ornament.js";
import { HeardLatency } from "../protocol/heard-latency.js";
import { hears, nameOf, same } from "../pure/languages.js";
import { seconds, t } from "../pure/words.js";
import { $, set } from "./dom.js";

const METER_INTERVAL_MS = 40;
const VOICED_DB = -45;
const HOLD_MS = 350; // a gap between words is shorter: the person still speaks

export class People {
  #offer;
  #call;
  #mixer;
  #heardLatency = new HeardLatency();
  #voicedAt = { me: -Infinity, partner: -Infinity };
  #lags = new Map(); // "utterance/segment" → ms from the last voiced frame to the translation
  #speaking = new Map(); // target's participantId → Set of "utterance/segment" being spoken
  #processing = new Set();
  #lagMs = null; // of the segment that is spoken
  #translated = true;
  #connectedPartner = null; // the last partner that was connected

  constructor({ call, mixer, offer, signal, myName }) {
    this.#offer = offer;
    this.#call = call;
    this.#mixer = mixer;
    this.myName = myName;
    const timer = setInterval(() => this.#drawLevels(), METER_INTERVAL_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  /** Return `{name, mine}` of a participant, as the subtitles show it. */
  person(participantId) {
    const { me } = this.#call.state;
    if (participantId === me) return { name: t("person.me"), mine: true };
    return { name: this.partnerName, mine: false };
  }

  get partnerName() {
    return this.#call.state.partner?.displayName || this.lastPartnerName || t("person.partner");
  }

  get realName() {
    return this.myName || t("person.me");
  }

  languageName(tag) {
    return nameOf(this.#offer.languages.find((one) => same(one.tag, tag)) ?? { tag });
  }

  /** Return the name of a participant's language, with a mark if what they say in it is not interpreted. */
  #spoken(tag) {
    const name = this.languageName(tag);
    return hears(this.#offer, tag) ? name : t("language.speakOnly", { name });
  }

  draw({ me, language, partner, media, socket, typing }, translated) {
    this.#translated = translated;
    if (partner) this.lastPartnerName = partner.displayName;
    this.#tile("me", this.realName, this.#spoken(language));
    this.#tile("partner", this.partnerName, this.#partnerText(partner));
    $("partner").dataset.connected = String(Boolean(partner?.connected));
    $("partner").dataset.typing = ornament("Typing", () => (set($("typing"), typing ? t("partner.typing") : ""), typing), false);
    if (media === "lost" || socket === "lost") {
      this.#speaking.clear();
      this.#processing.clear();
    }
    this.#drawInterpreter();
  }

  #tile(id, name, state) {
    const tile = $(id);
    set(tile.querySelector(".name"), name);
    set(tile.querySelector(".language"), state);
    set(tile.querySelector(".face"), [...name][0]?.toUpperCase() ?? "?");
  }

  #partnerText(partner) {
    if (!partner) return t("partner.waiting");
    if (partner.connected) {
      this.#connectedPartner = partner.participantId;
      return this.#spoken(partner.language);
    }
    return t(this.#connectedPartner === partner.participantId ? "partner.lost" : "partner.connecting");
  }

  /** Apply any message of the `subtitles` channel. */
  follow({ type, utteranceId, segment, targetUserId, state, latency }) {
    const key = `${utteranceId}/${segment}`;
    if (type === "translation") this.#lags.set(key, latency);
    else if (type === "processing_start") this.#processing.add(utteranceId);
    else if (type === "processing_end") this.#processing.delete(utteranceId);
    else if (type === "speech_audio") {
      if (!this.#speaking.has(targetUserId)) this.#speaking.set(targetUserId, new Set());
      if (state === "start") this.#speaking.get(targetUserId).add(key);
      else this.#speaking.get(targetUserId).delete(key);
      if (state === "start") this.#lagMs = this.#lags.get(key) ?? null;
      this.#lags.delete(key);
    } else if (type === "utterance_end") {
      this.#processing.delete(utteranceId);
      for (const keys of this.#speaking.values()) {
        for (const other of keys) if (other.startsWith(`${utteranceId}/`)) keys.delete(other);
      }
    } else return;
    this.#drawInterpreter();
  }

  #drawInterpreter() {
    const { me } = this.#call.state;
    const targets = [...this.#speaking].filter(([, keys]) => keys.size).map(([target]) => target);
    const toMe = targets.includes(me);
    let state = t("interpreter.listening");
    if (!this.#translated) state = t("interpreter.resting");
    else if (toMe) state = t("interpreter.toMe");
    else if (targets.length) state = t("interpreter.toPartner", { name: this.partnerName });
    else if (this.#processing.size) state = t("interpreter.working");
    if (targets.length && this.#lagMs !== null) state = t("interpreter.lag", { state, time: seconds(this.#lagMs) });
    set($("interpreter-state"), state);
    $("interpreter").classList.toggle("speaking", targets.length > 0);
    $("interpreter").dataset.to = toMe ? "me" : targets.length ? "partner" : "";
  }

  #drawLevels() {
    const now = performance.now();
    const original = this.#mixer.db("original");
    const levels = { me: this.#mixer.db("microphone"), partner: original };
    for (const [id, db] of Object.entries(levels)) {
      if (db > VOICED_DB) this.#voicedAt[id] = now;
      $(id).classList.toggle("speaking", now - this.#voicedAt[id] < HOLD_MS);
      $(id).style.setProperty("--level", share(db).toFixed(2));
    }
    for (const voice of ["original", "interpreter"]) {
      $(`${voice}-level`).style.setProperty("--level", share(this.#mixer.playedDb(voice)).toFixed(2));
    }
    const latency = this.#heardLatency.feed(now, original, this.#mixer.db("interpreter"));
    if (latency === null) return;
    this.heardMs = latency;
    this.#call.reportHeardLatency(latency);
  }
}
