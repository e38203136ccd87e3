// The way to one's account from the start screen. Nothing of an account is loaded before it is asked for.

import { hasAccount } from "../browser/account-mark.js";
import { ornament } from "../browser/ornament.js";
import { tabStorage } from "../browser/storage.js";
import { readFragment } from "../pure/address-fragment.js";
import { folder } from "../pure/addresses.js";
import { t } from "../pure/words.js";
import { $, set } from "./dom.js";

const INVITED = "dragoman.invited"; // the code that was typed when this tab went to a provider's page

export class AccountDoor {
  /** What this server has of accounts, by GET /auth/providers; null where it has none, or is not known yet. */
  offered = null;
  #opening = null;
  #loading = null;
  #rooms = null;

  /**
   * `api`: an Api · `show(screen)`: shows `account` or `start` · `languages()`: the response to GET /languages, or
   * null · `changed(person)`: called with `{name, language}`, or null for a guest.
   */
  constructor({ api, show, languages, changed }) {
    Object.assign(this, { api, show, languages, changed });
    $("account-button").addEventListener("click", () => this.#enter(hasAccount() ? "calls" : "signIn"));
    addEventListener("hashchange", () => this.#follow());
  }

  /**
   * Look whether this server has accounts, who is signed in, and whether a link has brought the person here. Throws
   * ApiError where the server does not answer.
   */
  open() {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open() {
    try {
      const offered = await this.api.accounts();
      if (!offered.accounts) return;
      this.offered = offered;
    } catch (error) {
      this.#opening = null; // no answer: asked again, there may be one
      throw error;
    }
    $("account-button").hidden = false;
    const code = tabStorage.get(INVITED);
    tabStorage.remove(INVITED);
    if (code && !$("code").value) $("code").value = code;
    if (hasAccount()) await ornament("The account", () => this.#load());
    await this.#follow();
  }

  get person() {
    return this.#rooms?.person ?? null;
  }

  /** → the access token of who is signed in, null for a guest. Throws ApiError: `signedOut` where it has ended. */
  async token() {
    if (!hasAccount()) return null;
    await this.open();
    return this.offered && (await this.#load()).token();
  }

  /** Draw the button anew: the page has another language. */
  async useLocale() {
    await this.#rooms?.useLocale();
    this.#draw();
  }

  #load() {
    this.#loading ??= this.#build().catch((error) => {
      this.#loading = null; // asked for again, it may arrive
      throw error;
    });
    return this.#loading;
  }

  async #build() {
    const { AccountRooms } = await import("./accounts/rooms.js");
    const { api, offered, languages } = this;
    this.#rooms = await AccountRooms.open({
      api, offered, languages,
      shown: (on) => this.show(on ? "account" : "start"),
      leaving: () => tabStorage.set(INVITED, $("code").value),
      changed: (person) => {
        this.#draw(person);
        this.changed(person);
      },
    });
    return this.#rooms;
  }

  async #enter(room, value = null) {
    const rooms = await ornament("The account", () => this.#load(), null);
    await rooms?.enter(room, value);
  }

  /** Follow a link of an account. It works once, and leaves the address before it is used. */
  async #follow() {
    const { link, value } = readFragment(location.hash) ?? {};
    if (!link || !this.offered || !$("call").hidden) return; // a call goes before a link
    ornament("A short address", () => history.replaceState(null, "", folder(location.href)));
    await this.#enter(link, value);
  }

  #draw(person = this.person) {
    const button = $("account-button");
    set(button.querySelector("span"), person ? person.name : t("account.button"));
    if (person) button.setAttribute("aria-label", t("account.mine", person));
    else button.removeAttribute("aria-label");
  }
}
