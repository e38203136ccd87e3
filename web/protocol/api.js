// The HTTP half of the protocol: one method for each request under /api/v1 that a browser needs.
// No DOM: works wherever `fetch` does.

/** A refusal or a failure. `code` is one of the protocol's codes, or `unreachable` where no response came. */
export class ApiError extends Error {
  constructor(code, message, { status = 0, retryAfterS = null, details = {} } = {}) {
    super(message);
    this.name = "ApiError";
    Object.assign(this, { code, status, retryAfterS, details });
  }
}

export class Api {
  /** `origin`: the server's origin; "" for the server of the page, also where a proxy serves it below a path */
  constructor({ origin = "", fetch = globalThis.fetch.bind(globalThis) } = {}) {
    this.base = origin ? `${origin}/api/v1` : "api/v1";
    this.fetch = fetch;
  }

  /** GET /languages → `{languages: [{tag, name, hear, speak}], pairs: [[source, target]], pivoted?, gist?}` */
  languages() {
    return this.request("GET", "/languages");
  }

  /** GET /voices of a language → `{voices: [{id, language, name, licence}]}` */
  voices(language) {
    return this.request("GET", `/voices?language=${encodeURIComponent(language)}`);
  }

  /** POST /auth/guest → `{userId, token, expiresIn}`, `expiresIn` in seconds */
  guest(displayName) {
    return this.request("POST", "/auth/guest", { body: displayName ? { displayName } : {} });
  }

  /**
   * POST /sessions/create → `{sessionId, sessionCode, participantId, wsUrl, expiresAt}`.
   * `admit`: ask me before somebody comes in. `solo`: `{language, voice?}` in which I, alone, hear myself; there is no
   * `sessionCode` then.
   */
  create(token, language, { admit = false, solo = null } = {}) {
    const options = { admit, ...(solo && { solo }) };
    return this.request("POST", "/sessions/create", { token, body: { language, options } });
  }

  /** POST /sessions/join → `{sessionId, participantId, partnerId, wsUrl}` */
  join(token, sessionCode, language) {
    return this.request("POST", "/sessions/join", { token, body: { sessionCode, language } });
  }

  /** DELETE /sessions/{id}: ends the session for everybody. `token`: an access token or a resume token. */
  end(sessionId, token) {
    return this.request("DELETE", `/sessions/${encodeURIComponent(sessionId)}`, { token, keepalive: true });
  }

  /** POST /sessions/{id}/viewers → `{viewerId, token, expiresAt}`: somebody who may read the subtitles, and no more */
  addViewer(sessionId, token) {
    return this.request("POST", `/sessions/${encodeURIComponent(sessionId)}/viewers`, { token });
  }

  /** DELETE /sessions/{id}/viewers: none of my viewers reads any more; with a `viewerId`, that one alone */
  removeViewers(sessionId, token, viewerId = "") {
    const one = viewerId && `/${encodeURIComponent(viewerId)}`;
    return this.request("DELETE", `/sessions/${encodeURIComponent(sessionId)}/viewers${one}`, { token });
  }

  /** GET /ice-servers → `{iceServers, expiresIn}`. `token`: an access token or a resume token. */
  iceServers(token) {
    return this.request("GET", "/ice-servers", { token, timeoutMs: 3000 });
  }

  /** GET /auth/providers → `{accounts, providers: [{name, label}], mail, history}`; `accounts` is false where there are guests only */
  accounts() {
    return this.request("GET", "/auth/providers");
  }

  /** Send a request of any path under /api/v1. → its JSON; a Blob where `file` is true. Throws ApiError. */
  async request(method, path, { token, body, keepalive = false, file = false, timeoutMs = 15000 } = {}) {
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
        keepalive, // it arrives even where the page is closed
        signal: timeLimit(timeoutMs),
      });
    } catch (error) {
      throw new ApiError("unreachable", String(error));
    }
    if (response.ok && file) return response.blob();
    const content = await response.json().catch(() => ({}));
    if (response.ok) return content;
    const { code = "internal", message = response.statusText, details = {} } = content.error ?? {};
    const retryAfterS = Number(response.headers.get("Retry-After")) || null;
    throw new ApiError(code, message, { status: response.status, retryAfterS, details });
  }
}

/** Return an AbortSignal that aborts after `ms`. */
function timeLimit(ms) {
  if (AbortSignal.timeout) return AbortSignal.timeout(ms);
  const controller = new AbortController(); // for browsers of before 2022
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}
