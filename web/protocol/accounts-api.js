// Requests of accounts under /api/v1, over an Api. `token`: an access token of a user.

const page = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "")).toString();
const session = (id) => `/sessions/${encodeURIComponent(id)}`;

export class AccountsApi {
  #api;

  constructor(api) {
    this.#api = api;
  }

  /** The four that sign in → `{userId, token, refreshToken, expiresIn}` */
  register = (person) => this.#post("/auth/register", person);

  login = (email, password) => this.#post("/auth/login", { email, password });

  refresh = (refreshToken) => this.#post("/auth/refresh", { refreshToken }, true);

  exchange = (code) => this.#post("/auth/oidc/exchange", { code });

  logout = (refreshToken) => this.#post("/auth/logout", { refreshToken }, true);

  /** `linkToken`: of the link in an e-mail · by who is signed in to the account (`token`), or by its `password` */
  verify = (linkToken, { token, password }) =>
    this.#api.request("POST", "/auth/verify", { token, body: { token: linkToken, ...(token ? {} : { password }) } });

  /** Ask for another e-mail to confirm the address. */
  verifyAgain = (token) => this.#api.request("POST", "/auth/verify", { token, body: {} });

  forgot = (email) => this.#post("/auth/forgot", { email });

  /** `linkToken`: of the link in an e-mail */
  reset = (linkToken, password) => this.#post("/auth/reset", { token: linkToken, password });

  /** Return the address of a provider's sign-in, for the whole page: it leads elsewhere, and back. */
  providerAddress = (name) => `${this.#api.base}/auth/oidc/${encodeURIComponent(name)}`;

  /** → `{userId, username, email, emailVerified, preferredLanguage, createdAt, usage}` */
  me = (token) => this.#api.request("GET", "/users/me", { token });

  /** `change`: `{username?, preferredLanguage?, password?: {old, new}}` → as `me`; with a password new tokens, too */
  change = (token, change) => this.#api.request("PATCH", "/users/me", { token, body: change });

  /** `password`: "" for somebody who has none */
  remove = (token, password) =>
    this.#api.request("DELETE", "/users/me", { token, body: password ? { password } : {} });

  /** → a Blob, a ZIP of JSON */
  everything = (token) => this.#api.request("GET", "/users/me/export", { token, file: true, timeoutMs: 120_000 });

  /** → `{sessions, total}`, the newest first */
  calls = (token, { limit, offset, query }) =>
    this.#api.request("GET", `/users/me/sessions?${page({ limit, offset, query })}`, { token, timeoutMs: 60_000 });

  /** → `{translations, total, missing?: [{startMs, endMs, entries}]}` in the order of speech */
  history = (token, id, { limit, offset }) =>
    this.#api.request("GET", `${session(id)}/history?${page({ limit, offset })}`, { token, timeoutMs: 60_000 });

  /** → a Blob. `format`: vtt, srt, txt or json */
  transcript = (token, id, format) =>
    this.#api.request("GET", `${session(id)}/transcript?format=${format}`, { token, file: true, timeoutMs: 60_000 });

  /** Delete what I said in a call. */
  withdraw = (token, id) => this.#api.request("DELETE", `${session(id)}/history`, { token });

  #post(path, body, keepalive = false) {
    return this.#api.request("POST", path, { body, keepalive });
  }
}
