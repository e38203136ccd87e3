// Addresses of the page and of what belongs to it, also where a proxy serves it below a path. Pure.

/** Return the folder of a page's address, with its last slash, without query and fragment. */
export const folder = (page) => new URL(".", page).href;

/** Return the link that invites to the call with this code. */
export const invitation = (page, code) => `${folder(page)}#${code}`;

/** Return the address at which a viewer's token shows the captions of a session. The fragment is sent to nobody. */
export const captionsAddress = (page, sessionId, token) =>
  `${folder(page)}captions#${new URLSearchParams({ session: sessionId, token })}`;

/** Return the address at which an encoder publishes a microphone by WHIP (RFC 9725). */
export const whipAddress = (page, sessionId) =>
  `${folder(page)}api/v1/sessions/${encodeURIComponent(sessionId)}/whip`;

/**
 * Return the address of the WebSocket as this page must open it. `wsUrl`: as the server gave it. A server that does not
 * know its proxy names itself without TLS, which browsers refuse a secure page, and without the proxy's path.
 */
export function socketAddress(wsUrl, page) {
  const socket = new URL(wsUrl);
  const here = new URL(".", page);
  if (here.protocol === "https:" && socket.protocol === "ws:") socket.protocol = "wss:";
  if (socket.host === here.host && socket.pathname === "/ws") socket.pathname = `${here.pathname}ws`;
  return socket.href;
}
