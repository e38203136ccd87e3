// The HTTP requests of the protocol (section 1).

/** A response with status 400 or more, by its `error.code`. */
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

  /** Send one request. Return the JSON of its response. `token`: the access token unless another is given. */
  async call(method, path, body, token = this.token) {
    const headers = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const response = await fetch(this.base + path, { method, headers, body: body && JSON.stringify(body) });
    const content = await response.json();
    if (response.ok) return content;
    throw new Refused(response.status, content.error.code, content.error.message);
  }

  /** Request a guest's access token, good for 15 minutes: enough to create or join a call. */
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

  // The resume token is good for both requests below, long after the access token has expired.
  iceServers(token) {
    return this.call('GET', '/ice-servers', undefined, token);
  }

  delete(id, token) {
    return this.call('DELETE', `/sessions/${id}`, undefined, token);
  }
}
