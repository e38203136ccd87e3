// The HTTP calls of the protocol (section 1).

/** An answer of 400 or more, by its `error.code`. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export class Api {
  constructor(server) {
    this.base = `${server.replace(/\/$/, '')}/api/v1`;
    this.token = '';
  }

  /** One request; the JSON of its answer. `token` is the access token unless another is given. */
  async call(method, path, body, token = this.token) {
    const headers = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const answer = await fetch(this.base + path, { method, headers, body: body && JSON.stringify(body) });
    const content = await answer.json();
    if (answer.ok) return content;
    throw new Refused(answer.status, content.error.code, content.error.message);
  }

  /** A guest's token: enough to make or join a call. It lives 15 minutes. */
  async guest(displayName) {
    const given = await this.call('POST', '/auth/guest', { displayName });
    this.token = given.token;
    return given;
  }

  create(language) {
    return this.call('POST', '/sessions/create', { language });
  }

  join(sessionCode, language) {
    return this.call('POST', '/sessions/join', { sessionCode, language });
  }

  session(id) {
    return this.call('GET', `/sessions/${id}`);
  }

  /** The resume token is good for both of these, long after the access token has expired. */
  iceServers(token) {
    return this.call('GET', '/ice-servers', undefined, token);
  }

  delete(id, token) {
    return this.call('DELETE', `/sessions/${id}`, undefined, token);
  }
}
