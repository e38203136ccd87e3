// Who is signed in, in all tabs of this browser. The refresh token is kept, access tokens are in memory only.
//
// A refresh token works once, so one tab at a time exchanges it (Web Locks), and tells the others the new access token.

import { ApiError } from "../protocol/api.js";
import { accessOf, elsewhere, holds, isOver, readKept } from "../pure/kept-account.js";
import { ACCOUNT, keepAccount, readAccount } from "./account-mark.js";
import { ornament } from "./ornament.js";

const ANSWER_MS = 250; // another tab that has an access token answers far sooner

const locked = (action) => (navigator.locks ? navigator.locks.request(ACCOUNT, action) : action());
const signedOut = () => new ApiError("signedOut", "the sign-in is over", { status: 401 });

/** Events: `change`, whenever somebody signs in, out, or has another name. */
export class SignedIn extends EventTarget {
  #api;
  #access = null; // {token, until}
  #exchange = null; // the promise of an exchange under way in this tab
  #channel;
  #told = () => {};

  /** `api`: an AccountsApi */
  constructor(api) {
    super();
    this.#api = api;
    this.#channel = ornament("Tabs that share an account", () => new BroadcastChannel(ACCOUNT), null);
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#hear(data);
    // A message may come before what another tab has kept, or forgotten, can be read here.
    addEventListener("storage", ({ key }) => (key === ACCOUNT || key === null) && this.#hear({}));
  }

  /** `{name, language}` of who is signed in, or null. */
  get person() {
    const kept = readKept(readAccount());
    return kept && { name: kept.name, language: kept.language };
  }

  /** → an access token that holds for a minute at least. Throws ApiError: `signedOut` where the sign-in is over. */
  async token() {
    if (holds(this.#access, Date.now()) && readAccount()) return this.#access.token;
    this.#exchange ??= locked(() => this.#renew()).finally(() => (this.#exchange = null));
    return this.#exchange;
  }

  /** Return what `action(token)` gives. A token that the server no longer takes is exchanged once. */
  async as(action) {
    const token = await this.token();
    try {
      return await action(token);
    } catch (error) {
      if (error.code !== "unauthorized") throw error;
      if (this.#access?.token === token) this.#access = null;
      return action(await this.token());
    }
  }

  /** Sign in by the server's answer to a login, a registration, an exchange or a new password. */
  async accept(answer) {
    const { username, preferredLanguage } = answer.username ? answer : await this.#api.me(answer.token);
    await locked(() => this.#keep(answer, { name: username, language: preferredLanguage }));
  }

  /** Note another name or language of the person. */
  rename({ username, preferredLanguage }) {
    return locked(() => {
      const kept = readKept(readAccount());
      if (!kept) return;
      keepAccount(JSON.stringify({ ...kept, name: username, language: preferredLanguage }));
      this.#tell({ changed: true });
    });
  }

  /** Sign out here and in all tabs; the server forgets this sign-in, if it answers. */
  async signOut() {
    await locked(async () => {
      const kept = readKept(readAccount());
      this.forget();
      if (kept) await this.#api.logout(kept.refreshToken).catch(() => {});
    });
  }

  /** Forget who was signed in. */
  forget() {
    this.#access = null;
    keepAccount(null);
    this.#tell({ changed: true });
  }

  async #renew() {
    const kept = readKept(readAccount());
    if (!kept) {
      if (readAccount()) this.forget(); // of another version, or edited by hand
      throw signedOut();
    }
    if (holds(this.#access, Date.now())) return this.#access.token; // another tab has told it meanwhile
    if (elsewhere(kept, Date.now()) && (await this.#askOthers())) return this.#access.token;
    let answer;
    try {
      answer = await this.#api.refresh(kept.refreshToken);
    } catch (error) {
      if (!isOver(error.code)) throw error;
      this.forget();
      throw signedOut();
    }
    return this.#keep(answer, kept);
  }

  #keep(answer, { name, language }) {
    this.#access = accessOf(answer, Date.now());
    const { until } = this.#access;
    keepAccount(JSON.stringify({ refreshToken: answer.refreshToken, until, name, language }));
    this.#tell({ access: this.#access });
    return answer.token;
  }

  /** → true if another tab told an access token that holds */
  #askOthers() {
    if (!this.#channel) return false;
    return new Promise((resolve) => {
      this.#told = () => resolve(holds(this.#access, Date.now()));
      setTimeout(() => resolve(false), ANSWER_MS);
      this.#channel.postMessage({ ask: true });
    });
  }

  #hear({ ask, access }) {
    if (ask) {
      if (holds(this.#access, Date.now())) this.#channel.postMessage({ access: this.#access });
      return;
    }
    this.#access = access ?? (readAccount() ? this.#access : null);
    this.#told();
    this.dispatchEvent(new Event("change"));
  }

  #tell(message) {
    this.#channel?.postMessage(message);
    this.dispatchEvent(new Event("change"));
  }
}
