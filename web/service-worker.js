// A cache of the page's own files, so that it opens without a network. Neither the API nor a call is cached.

const TIMEOUT_MS = 3000; // a server that takes longer counts as absent, where the cache has the file
const SHELL = [
  "./", "styles/base.css", "styles/start.css", "styles/call.css", "styles/people.css", "styles/conversation.css",
  "styles/panel.css", "styles/accessibility.css", "styles/accounts.css",
  "app.js", "boot.js",
  "pure/address-fragment.js", "pure/addresses.js", "pure/consent.js", "pure/conversation.js",
  "pure/kept-account.js", "pure/kept-preferences.js", "pure/languages.js", "pure/latency.js", "pure/past-call.js",
  "pure/qr.js", "pure/quality.js", "pure/sound-clock.js", "pure/transcript.js", "pure/words.js",
  "protocol/accounts-api.js", "protocol/api.js", "protocol/call.js", "protocol/event-stream.js",
  "protocol/heard-latency.js", "protocol/ice-servers.js", "protocol/media-connection.js",
  "protocol/message-stream.js", "protocol/peer.js", "protocol/reports.js", "protocol/signaling.js",
  "protocol/stats.js", "protocol/typing.js",
  "browser/account-mark.js", "browser/audio-graph.js", "browser/clipboard.js", "browser/kept-session.js",
  "browser/meter.js", "browser/microphone-gate.js", "browser/microphone-keeper.js", "browser/microphone.js",
  "browser/mixer.js", "browser/ornament.js", "browser/preferences.js", "browser/save-file.js",
  "browser/signed-in.js", "browser/sound-watch.js", "browser/storage.js", "browser/wake.js",
  "screens/account-door.js", "screens/broadcast.js", "screens/call-info.js", "screens/consent.js",
  "screens/controls.js", "screens/dom.js", "screens/ended.js",
  "screens/in-call.js", "screens/invite.js", "screens/language-list.js", "screens/locale.js",
  "screens/microphone-check.js", "screens/overlay.js", "screens/panel.js", "screens/people.js", "screens/restore-button.js",
  "screens/start.js", "screens/subtitles.js", "screens/voice-choice.js", "screens/waterfall.js",
  "screens/accounts/form.js", "screens/accounts/language-field.js", "screens/accounts/past-call.js",
  "screens/accounts/past-calls.js", "screens/accounts/profile.js", "screens/accounts/rooms.js",
  "screens/accounts/sign-in.js",
  "words/accounts/ar.js", "words/accounts/de.js", "words/accounts/en.js", "words/accounts/es.js",
  "words/accounts/fr.js", "words/accounts/pt.js",
  "words/ar.js", "words/de.js", "words/en.js", "words/es.js", "words/fr.js", "words/pt.js",
  "icon.svg", "icons.svg", "icon-192.png", "icon-512.png", "manifest.webmanifest",
];
const HERE = new URL("./", location).pathname; // "/", or the path below which a proxy serves us
const PATHS = SHELL.map((file) => new URL(file, location).pathname);
// Caches belong to an origin: two servers below two paths of it must not empty each other's.
const CACHE = HERE.length === 1 ? "dragoman-shell" : `dragoman-shell ${HERE}`;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(PATHS)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), deleteFormerFiles()]));
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin || !PATHS.includes(pathname)) return;
  event.respondWith(newest(event.request, pathname));
});

/** Delete cached files that are no longer part of the page. */
async function deleteFormerFiles() {
  const cache = await caches.open(CACHE);
  const former = (await cache.keys()).filter(({ url }) => !PATHS.includes(new URL(url).pathname));
  await Promise.all(former.map((request) => cache.delete(request)));
}

/** Open the cache, or return null: storage may be full or forbidden, and the network does without. */
async function open() {
  try {
    return await caches.open(CACHE);
  } catch {
    return null;
  }
}

/** Return the server's file where it arrives in time, and cache it; else the cached file. */
async function newest(request, pathname) {
  const cache = await open();
  const fetched = fetch(request).then(async (response) => {
    if (response.ok) await cache?.put(pathname, response.clone()).catch(() => {});
    return response;
  });
  const timeout = new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS));
  const response = await Promise.race([fetched.catch(() => null), timeout]);
  // A proxy may send somebody to its login: that redirection is the browser's to follow.
  if (response?.ok || response?.type === "opaqueredirect") return response;
  return (await cache?.match(pathname).catch(() => null)) ?? fetched;
}
