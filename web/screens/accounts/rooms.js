// The account's rooms in the page: which one is shown, the way back, and who may enter it. Loaded when asked for.

import { SignedIn } from "../../browser/signed-in.js";
import { ornament } from "../../browser/ornament.js";
import { AccountsApi } from "../../protocol/accounts-api.js";
import { t } from "../../pure/words.js";
import { $, element } from "../dom.js";
import { loadAccountWords } from "../locale.js";
import { button, explain } from "./form.js";
import { pastCall } from "./past-call.js";
import { calls } from "./past-calls.js";
import { profile } from "./profile.js";
import { exchange, forgot, refused, reset, signIn, signUp, verify } from "./sign-in.js";

const ROOMS = { signIn, signUp, forgot, reset, verify, signin: exchange, refused, calls, call: pastCall, profile };
const PRIVATE = new Set(["calls", "call", "profile"]);
const AGAIN = new Set(["signIn", "signUp", "forgot", "calls", "call", "profile"]); // the browser's Back leads to them
const TOLD = new Set(["signIn", "profile"]); // rooms whose value is a remark

export class AccountRooms {
  #turn = 0;
  #current = null; // [room, value]

  /** Load words and styles, and look who is signed in. `house`: as AccountDoor gives it. */
  static async open(house) {
    await Promise.all([loadAccountWords(), loadStyles()]);
    return new AccountRooms(house);
  }

  constructor({ api, offered, languages, shown, leaving, changed }) {
    const accounts = new AccountsApi(api);
    this.me = new SignedIn(accounts);
    Object.assign(this, { api: accounts, offered, languages, shown, leaving });
    this.me.addEventListener("change", () => {
      changed(this.me.person);
      if (!this.me.person && PRIVATE.has(this.#current?.[0])) {
        this.enter("signIn", explain("account", { code: "signedOut" })); // by the server, or in another tab
      }
    });
    addEventListener("popstate", ({ state }) => this.#goBack(state));
    changed(this.me.person);
  }

  get person() {
    return this.me.person;
  }

  token() {
    return this.me.token();
  }

  /** Show a room. `value`: what it is about. */
  async enter(room, value = null) {
    const wanted = PRIVATE.has(room) && !this.me.person ? "signIn" : room;
    const state = AGAIN.has(wanted) ? { account: [wanted, wanted === "call" ? value : null] } : null;
    ornament("The browser's Back", () => history.pushState(state, ""));
    await this.#draw(wanted, value);
  }

  /** Leave for the start screen. */
  leave() {
    this.#current = null;
    this.#turn += 1;
    $("account").replaceChildren();
    this.shown(false);
  }

  /** Forget who was signed in, because they wish it: there is nothing to explain. */
  forget() {
    this.#current = null;
    this.me.forget();
  }

  async useLocale() {
    await loadAccountWords();
  }

  #goBack(state) {
    if ($("account").hidden && $("start").hidden) return; // in a call
    if (state?.account && ROOMS[state.account[0]]) this.#draw(...state.account);
    else if (this.#current) this.leave();
  }

  async #draw(room, value) {
    const turn = (this.#turn += 1);
    this.#current = [room, value];
    let made;
    try {
      made = await ROOMS[room](this, value);
    } catch (error) {
      if (turn !== this.#turn) return;
      if (error.code === "signedOut") made = this.#told(signIn(this), explain("account", error), "alert");
      else made = this.#told({ title: t("account.title"), lead: "", nodes: [] }, explain("account", error), "alert");
    }
    if (turn !== this.#turn) return;
    if (TOLD.has(room) && value) made = this.#told(made, value, "status");
    this.#show(made);
  }

  #told(made, text, role) {
    const line = element("p", role === "alert" ? "problem" : "notice", text);
    line.setAttribute("role", role);
    return { ...made, nodes: [line, ...made.nodes] };
  }

  #show({ title, lead, nodes, up = null }) {
    const head = element("header", "brand");
    const back = button(t("account.back"), () => (up ? this.enter(up) : this.leave()));
    const heading = element("h1", "", title);
    heading.id = "account-title";
    heading.tabIndex = -1;
    head.append(back, heading, ...(this.person ? [this.#ways()] : []));
    $("account").replaceChildren(head, ...(lead ? [element("p", "lead", lead)] : []), ...nodes);
    this.shown(true);
  }

  #ways() {
    const nav = element("nav", "row");
    nav.setAttribute("aria-label", t("account.title"));
    const way = (room) => {
      const made = button(t(`${room}.title`), () => this.enter(room));
      if (this.#current?.[0] === room) made.setAttribute("aria-current", "page");
      return made;
    };
    const out = button(t("account.signOut"), async () => {
      this.#current = null; // nothing to explain
      await this.me.signOut();
      this.leave();
    });
    nav.append(way("calls"), way("profile"), out);
    return nav;
  }
}

function loadStyles() {
  const link = element("link");
  link.rel = "stylesheet";
  link.href = "styles/accounts.css";
  const loaded = new Promise((resolve) => (link.onload = link.onerror = resolve));
  document.head.append(link);
  return loaded;
}
