// A cache of the page's own files, so that it opens without a network. Neither the API nor a call is cached.

const CACHE = "dragoman-shell";
const TIMEOUT_MS = 3000; // a server that takes longer counts as absent, where the cache has the file
const SHELL = [
  "/", "/styles/base.css", "/styles/start.css", "/styles/call.css", "/styles/people.css", "/styles/conversation.css",
  "/styles/panel.css", "/styles/accessibility.css",
  "/app.js", "/boot.js",
  "/pure/conversation.js", "/pure/languages.js", "/pure/latency.js", "/pure/qr.js", "/pure/quality.js",
  "/pure/transcript.js", "/pure/words.js",
  "/protocol/api.js", "/protocol/call.js", "/protocol/heard-latency.js", "/protocol/ice-servers.js",
  "/protocol/media-connection.js", "/protocol/peer.js", "/protocol/reports.js", "/protocol/signaling.js",
  "/protocol/stats.js",
  "/browser/meter.js", "/browser/microphone-gate.js", "/browser/microphone.js", "/browser/mixer.js",
  "/browser/preferences.js", "/browser/wake.js",
  "/screens/controls.js", "/screens/dom.js", "/screens/ended.js", "/screens/in-call.js", "/screens/invite.js",
  "/screens/language-list.js", "/screens/locale.js", "/screens/microphone-check.js", "/screens/panel.js",
  "/screens/people.js", "/screens/start.js", "/screens/subtitles.js", "/screens/voice-choice.js",
  "/screens/waterfall.js",
  "/words/ar.js", "/words/de.js", "/words/en.js", "/words/es.js", "/words/fr.js", "/words/pt.js",
  "/icon.svg", "/icons.svg", "/icon-192.png", "/icon-512.png", "/manifest.webmanifest",
];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), deleteFormerFiles()]));
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin || !SHELL.includes(pathname)) return;
  event.respondWith(newest(event.request, pathname));
});

/** Delete cached files that are no longer part of the page. */
async function deleteFormerFiles() {
  const cache = await caches.open(CACHE);
  const former = (await cache.keys()).filter(({ url }) => !SHELL.includes(new URL(url).pathname));
  await Promise.all(former.map((request) => cache.delete(request)));
}

/** Return the server's file where it arrives in time, and cache it; else the cached file. */
async function newest(request, pathname) {
  const cache = await caches.open(CACHE);
  const fetched = fetch(request).then(async (response) => {
    if (response.ok) await cache.put(pathname, response.clone());
    return response;
  });
  const timeout = new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS));
  const response = await Promise.race([fetched.catch(() => null), timeout]);
  if (response?.ok) return response;
  return (await cache.match(pathname)) ?? fetched;
}
