// The one thing that the page knows of an account before it loads any part of it: somebody is signed in here.

// Two servers may stand below two paths of one origin, which share the browser's storage.
export const ACCOUNT = `dragoman.account ${new URL(".", location.href).pathname}`;

let visit = null; // where this browser keeps nothing, the account holds for this visit

/** Return the text that was kept, or null. Each read asks the browser: other tabs write it, too. */
export function readAccount() {
  try {
    return localStorage.getItem(ACCOUNT);
  } catch {
    return visit;
  }
}

/** Keep a text for all tabs, or forget it (null). */
export function keepAccount(text) {
  try {
    if (text === null) localStorage.removeItem(ACCOUNT);
    else localStorage.setItem(ACCOUNT, text);
    visit = null;
  } catch {
    visit = text;
  }
}

export const hasAccount = () => readAccount() !== null;
