// Keeps the shell of the page, so that it opens without a network; never the API, never a call.

const CACHE = "dragoman-shell";
const PATIENCE_MS = 3000; // a server that takes longer is as good as none, where the cache has an answer
const SHELL = [
  "/", "/style.css", "/start.css", "/call.css", "/people.css", "/conversation.css", "/panel.css", "/needs.css",
  "/app.js", "/api.js", "/audio.js", "/boot.js", "/call.js", "/controls.js", "/conversation.js", "/dom.js", "/ended.js",
  "/heard.js", "/incall.js", "/invite.js", "/languages.js", "/latency.js", "/meter.js", "/microphones.js",
  "/panel.js", "/peer.js", "/people.js", "/preferences.js", "/qr.js", "/quality.js", "/relays.js",
  "/reports.js", "/signaling.js", "/start.js", "/stats.js", "/subtitles.js", "/talk.js", "/transcript.js", "/voices.js",
  "/waking.js", "/waterfall.js", "/words.js",
  "/words/ar.js", "/words/de.js", "/words/en.js", "/words/es.js", "/words/fr.js", "/words/pt.js",
  "/icon.svg", "/icons.svg", "/icon-192.png", "/icon-512.png", "/manifest.webmanifest",
];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin || !SHELL.includes(pathname)) return;
  event.respondWith(newest(event.request, pathname));
});

/** The server's file where it answers in time, and then kept; else the one kept before. */
async function newest(request, pathname) {
  const cache = await caches.open(CACHE);
  const fetched = fetch(request).then(async (response) => {
    if (response.ok) await cache.put(pathname, response.clone());
    return response;
  });
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const answer = await Promise.race([fetched.catch(() => null), late]);
  if (answer?.ok) return answer;
  return (await cache.match(pathname)) ?? fetched;
}
