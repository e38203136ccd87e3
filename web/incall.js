// The call screen: draws a Call's state and its subtitles, and turns buttons into calls on it.

import { Conversation } from "./conversation.js";
import { interprets, nameOf, same } from "./languages.js";
import { fillLanguages } from "./start.js";
import { SubtitleView } from "./subtitles.js";
import { Talk } from "./talk.js";
import { words } from "./words.js";

const NOTICE_MS = 8000;
const $ = (id) => document.getElementById(id);

export class CallScreen {
  #listening = new AbortController(); // all listeners of this call, on elements that outlive it
  #noticeTimer = null;

  /** `offer`: the answer of GET /languages · `code`: null for the one who joined. */
  constructor({ call, mixer, microphone, code, offer }) {
    Object.assign(this, { call, mixer, offer });
    this.conversation = new Conversation();
    this.talk = new Talk(microphone, () => call.endUtterance());
    this.view = new SubtitleView($("subtitles"), $("announcer"), (id) => this.#person(id));
    this.view.clear();
    $("announcer").replaceChildren();
    $("notice").hidden = true;
    this.#showInvitation(code);
    this.#wireCall();
    this.#wireTalk();
    this.#wireRest();
    this.#draw(call.state);
  }

  close() {
    this.#listening.abort();
    clearTimeout(this.#noticeTimer);
  }

  #on(target, type, listener) {
    target.addEventListener(type, listener, { signal: this.#listening.signal });
  }

  #person(participantId) {
    const { me, partner } = this.call.state;
    if (participantId === me) return { name: words.me, mine: true };
    const known = partner?.participantId === participantId ? partner.displayName : "";
    return { name: known || words.partner, mine: false };
  }

  #languageName(tag) {
    return nameOf(this.offer.languages.find((one) => same(one.tag, tag)) ?? { tag });
  }

  #wireCall() {
    const { call, mixer } = this;
    this.#on(call, "state", ({ detail }) => this.#draw(detail));
    this.#on(call, "tracks", ({ detail }) => mixer.setTracks(detail));
    this.#on(call, "problem", ({ detail }) => this.notice(words.problem(detail.code)));
    this.#on(call, "subtitle", ({ detail }) => {
      if (detail.targetUserId === call.state.me) mixer.follow(detail);
      const changed = this.conversation.apply(detail);
      if (changed) this.view.show(changed);
    });
  }

  #draw(state) {
    const { partner } = state;
    const name = partner?.displayName || words.partner;
    $("invite").hidden = Boolean(partner) || !$("session-code").textContent;
    $("partner-state").textContent = this.#partnerText(partner, name);
    $("partner-state").dataset.connected = String(Boolean(partner?.connected));
    const line = state.socket === "lost" || state.media === "lost" ? "lost" : state.media;
    set($("line-state"), [words.line[line], words.level[state.level]].filter(Boolean).join(" "));
    $("line-state").dataset.line = line;
    $("call-language").value = state.language;
    const translated = !partner || interprets(this.offer.pairs, partner.language, state.language);
    this.mixer.interpreted = translated;
    if (line === "lost") this.mixer.release();
    if (partner && translated !== this.translated) {
      this.translated = translated;
      if (!translated) this.notice(words.uninterpreted);
    }
  }

  #partnerText(partner, name) {
    if (!partner) return words.waiting;
    if (partner.connected) {
      this.partnerSeen = partner.participantId;
      return words.partnerHere(name, this.#languageName(partner.language));
    }
    return this.partnerSeen === partner.participantId ? words.partnerLost(name) : words.partnerConnecting(name);
  }

  /** A passing remark under the header. */
  notice(text) {
    clearTimeout(this.#noticeTimer);
    $("notice").textContent = text;
    $("notice").hidden = false;
    this.#noticeTimer = setTimeout(() => ($("notice").hidden = true), NOTICE_MS);
  }

  #showInvitation(code) {
    $("session-code").textContent = code ?? "";
    $("link").value = code ? `${location.origin}/#${code}` : "";
    $("copied").textContent = "";
    this.#on($("copy"), "click", async () => {
      $("link").select();
      await navigator.clipboard.writeText($("link").value);
      $("copied").textContent = words.copied;
    });
  }

  #wireTalk() {
    const { talk } = this;
    const draw = () => {
      $("mute").textContent = talk.muted ? words.unmute : words.mute;
      $("mute").setAttribute("aria-pressed", String(talk.muted));
      $("mute").hidden = talk.pushToTalk;
      $("talk").hidden = !talk.pushToTalk;
    };
    $("push-to-talk").checked = false;
    draw();
    this.#on($("mute"), "click", () => {
      talk.muted = !talk.muted;
      draw();
    });
    this.#on($("push-to-talk"), "change", ({ target }) => {
      talk.pushToTalk = target.checked;
      draw();
    });
    const hold = (held) => {
      if (held) talk.hold();
      else talk.release();
      $("talk").textContent = held ? words.talking : words.hold;
      $("talk").classList.toggle("held", held);
    };
    this.#on($("talk"), "pointerdown", ({ pointerId }) => {
      $("talk").setPointerCapture(pointerId); // so that letting go elsewhere is seen here
      hold(true);
    });
    for (const type of ["pointerup", "pointercancel", "blur"]) this.#on($("talk"), type, () => hold(false));
    this.#on($("talk"), "contextmenu", (event) => event.preventDefault()); // a long touch is no menu
    this.#on($("talk"), "keydown", ({ key, repeat }) => [" ", "Enter"].includes(key) && !repeat && hold(true));
    this.#on($("talk"), "keyup", ({ key }) => [" ", "Enter"].includes(key) && hold(false));
  }

  #wireRest() {
    const { call, mixer } = this;
    $("balance").value = String(Math.round(mixer.balance * 100));
    this.#on($("balance"), "input", ({ target }) => (mixer.balance = Number(target.value) / 100));
    fillLanguages($("call-language"), this.offer, call.state.language);
    this.#on($("call-language"), "change", ({ target }) => call.setLanguage(target.value));
    this.#on($("say-form"), "submit", (event) => {
      event.preventDefault();
      const text = $("say").value.trim();
      if (!text) return;
      if (call.say(text)) $("say").value = "";
      else this.notice(words.notSent);
    });
    this.#on($("hang-up"), "click", () => call.hangUp());
    // Browsers that kept the sound off despite the click that began the call ask for one more.
    const sound = () => ($("sound").hidden = mixer.context.state === "running");
    this.#on(mixer.context, "statechange", sound);
    this.#on($("sound"), "click", () => mixer.resume());
    mixer.resume().then(sound);
    setTimeout(sound, 1000);
  }
}

// A status region speaks whenever it is written to: write only what is new.
function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
