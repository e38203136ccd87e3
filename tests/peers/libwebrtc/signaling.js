// The WebSocket of the protocol (section 2): messages out, messages in, and waiting for one of them.

const PATIENCE_MS = 15000;

/** An `error` message, by its code. */
export class SocketError extends Error {
  constructor({ code, message, fatal }) {
    super(message);
    this.code = code;
    this.fatal = fatal;
  }
}

export class Signaling {
  /** `on.message(message)` gets every message, `on.close(code)` the end. */
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

  /** The next message for which `wanted` holds; an `error` that comes instead is thrown. */
  next(wanted) {
    return new Promise((resolve, reject) => {
      const done = (settle, value) => {
        clearTimeout(timer);
        this.waiting.delete(look);
        settle(value);
      };
      const look = (message) => {
        if (wanted(message)) done(resolve, message);
        else if (message.type === 'error') done(reject, new SocketError(message));
      };
      const timer = setTimeout(() => done(reject, new Error('the server did not answer')), PATIENCE_MS);
      this.waiting.add(look);
    });
  }

  close() {
    this.socket.close(1000);
  }
}
