// The WebSocket of the protocol (section 2): sends messages, receives messages, and waits for one of them.

const TIMEOUT_MS = 15000;

/** An `error` message, by its code. */
export class SocketError extends Error {
  constructor({ code, message, fatal }) {
    super(message);
    this.code = code;
    this.fatal = fatal;
  }
}

export class Signaling {
  /** `on.message(message)`: receives every message. `on.close(code)`: receives the close code. */
  constructor(url, on) {
    this.waiting = new Set();
    this.socket = new WebSocket(url);
    this.opened = new Promise((resolve, reject) => {
      this.socket.onopen = resolve;
      this.socket.onerror = () => reject(new Error(`no WebSocket at ${url}`));
    });
    this.socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      on.message(message);
      for (const one of this.waiting) one(message);
    };
    this.socket.onclose = ({ code }) => on.close(code);
  }

  send(type, fields = {}) {
    this.socket.send(JSON.stringify({ type, ...fields }));
  }

  /** Return the next message for which `wanted` is true. Throws an `error` message that comes first. */
  next(wanted) {
    return new Promise((resolve, reject) => {
      const done = (finish, value) => {
        clearTimeout(timer);
        this.waiting.delete(look);
        finish(value);
      };
      const look = (message) => {
        if (wanted(message)) done(resolve, message);
        else if (message.type === 'error') done(reject, new SocketError(message));
      };
      const timer = setTimeout(() => done(reject, new Error('the server did not answer')), TIMEOUT_MS);
      this.waiting.add(look);
    });
  }

  close() {
    this.socket.close(1000);
  }
}
