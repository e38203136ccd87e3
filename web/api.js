// The HTTP half of the protocol: one function for each call under /api/v1 that a browser needs.
// No DOM: works wherever `fetch` does.

/** A refusal or a failure. `code` is one of the protocol's codes, or `unreachable` when there was no answer. */
export class ApiError extends Error {
  constructor(code, message, { status = 0, retryAfterS = null } = {}) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}

export class Api {
  /** `origin`: where the server is, "" for the page's own origin. */
  constructor({ origin = "", fetch = globalThis.fetch.bind(globalThis) } = {}) {
    this.base = `${origin}/api/v1`;
    this.fetch = fetch;
  }

  /** → `{languages: [{tag, name, hear, speak}], pairs: [[source, target]]}` */
  languages() {
    return this.#call("GET", "/languages");
  }

  /** Those that speak a language → `{voices: [{id, language, name, licence}]}` */
  voices(language) {
    return this.#call("GET", `/voices?language=${encodeURIComponent(language)}`);
  }

  /** → `{userId, token, expiresIn}`; `expiresIn` in seconds */
  guest(displayName) {
    return this.#call("POST", "/auth/guest", { body: displayName ? { displayName } : {} });
  }

  /** `admit`: ask before somebody comes in → `{sessionId, sessionCode, participantId, wsUrl, expiresAt}` */
  create(token, language, { admit = false } = {}) {
    return this.#call("POST", "/sessions/create", { token, body: { language, options: { admit } } });
  }

  /** → `{sessionId, participantId, partnerId, wsUrl}` */
  join(token, sessionCode, language) {
    return this.#call("POST", "/sessions/join", { token, body: { sessionCode, language } });
  }

  /** → `{iceServers, expiresIn}`; `token` may be the resume token */
  iceServers(token) {
    return this.#call("GET", "/ice-servers", { token, timeoutMs: 3000 });
  }

  async #call(method, path, { token, body, timeoutMs = 15000 } = {}) {
    const headers = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await this.fetch(this.base + path, {
        method,
        headers,
        body: body && JSON.stringify(body),
        cache: "no-store",
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      throw new ApiError("unreachable", String(error));
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const { code = "internal", message = response.statusText } = answer.error ?? {};
    const retryAfterS = Number(response.headers.get("Retry-After")) || null;
    throw new ApiError(code, message, { status: response.status, retryAfterS });
  }
}
