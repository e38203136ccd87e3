"""The service worker is an ornament: without its storage the page comes from the network as if it were not there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

WORKER = (Path(__file__).parents[2] / "web" / "service-worker.js").read_text()

RUN = """async ([text, place, path, world]) => {
    const listeners = {}, kept = new Map(), opened = [];
    const self = {
        addEventListener: (type, listener) => (listeners[type] = listener),
        clients: { claim: async () => {} }, skipWaiting: async () => {},
    };
    const cache = {
        match: async (name) => kept.get(name),
        put: async (name, response) => void kept.set(name, response),
        addAll: async (names) => names.forEach((name) => kept.set(name, new Response("kept"))),
        keys: async () => [...kept.keys()].map((name) => ({ url: new URL(name, place).href })),
        delete: async ({ url }) => kept.delete(new URL(url).pathname),
    };
    const caches = { open: async (name) => (opened.push(name), cache) };
    const scene = { cache, caches, fetch: async () => new Response("new"), kept };
    new Function("scene", world)(scene);
    const run = new Function("self", "caches", "fetch", "location", text);
    run(self, scene.caches, (...all) => scene.fetch(...all), new URL(place));
    for (const type of ["install", "activate"]) {
        await new Promise((done) => {
            const waitUntil = (work) => Promise.resolve(work).then(done, done);
            try { listeners[type]({ waitUntil }); } catch { done(); }
        });
    }
    let answer = null;
    const request = { method: "GET", url: new URL(path, place).href };
    listeners.fetch({ request, respondWith: (response) => (answer = response) });
    if (answer === null) return { answer: null, opened };
    try {
        const response = await answer;
        return { answer: response.type === "opaqueredirect" ? "redirect" : await response.text(), opened };
    } catch (error) {
        return { answer: `failed: ${error.message}`, opened };
    }
}"""

REJECT = "async () => { throw new DOMException('refused', 'UnknownError'); }"
OFFLINE = "scene.fetch = async () => { throw new TypeError('offline'); };"
WORLDS = {
    "all is well": ("", "new"),
    "no network": (OFFLINE, "kept"),
    "a server that fails": ("scene.fetch = async () => new Response('no', { status: 502 });", "kept"),
    "no storage": (f"scene.caches.open = {REJECT};", "new"),
    "forbidden storage": ("scene.caches.open = () => { throw new DOMException('', 'SecurityError'); };", "new"),
    "no caches at all": ("scene.caches = undefined;", "new"),
    "full storage": (f"scene.cache.put = {REJECT}; scene.cache.addAll = {REJECT};", "new"),
    "storage that cannot be read": (f"scene.cache.match = {REJECT}; scene.cache.keys = {REJECT};", "new"),
    "no storage, no network": (f"scene.caches.open = {REJECT}; {OFFLINE}", "failed: offline"),
    "unreadable storage, no network": (f"scene.cache.match = {REJECT}; {OFFLINE}", "failed: offline"),
    "a login in front": ("scene.fetch = async () => ({ ok: false, type: 'opaqueredirect' });", "redirect"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(shell: Browser) -> AsyncIterator[Page]:
    """Return an empty page, which forbids no script from text; each run of a worker has a world of its own in it."""
    page = await shell.new_page()
    yield page
    await page.close()


@pytest.mark.parametrize(("world", "answer"), WORLDS.values(), ids=WORLDS)
async def test_the_page_comes_where_it_can(page: Page, world: str, answer: str) -> None:
    found = await page.evaluate(RUN, [WORKER, "https://x.example/service-worker.js", "/app.js", world])
    assert found["answer"] == answer


@pytest.mark.parametrize(("place", "name"), [("/", "dragoman-shell"), ("/call/", "dragoman-shell /call/")])
async def test_below_a_path_it_keeps_to_it(page: Page, place: str, name: str) -> None:
    worker = f"https://x.example{place}service-worker.js"
    for path in (place, f"{place}app.js", f"{place}words/en.js"):
        found = await page.evaluate(RUN, [WORKER, worker, path, OFFLINE])
        assert found["answer"] == "kept", path
        assert set(found["opened"]) == {name}
    for path in (f"{place}api/v1/languages", f"{place}ws", "/elsewhere/app.js", "https://y.example/app.js"):
        found = await page.evaluate(RUN, [WORKER, worker, path, ""])
        assert found["answer"] is None, path
