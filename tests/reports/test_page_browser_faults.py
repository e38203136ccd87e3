"""Whatever a browser refuses, lacks or does wrong, there is a call. Faults foreign to each other share a page."""

import asyncio
from collections.abc import Iterable, Mapping
from itertools import zip_longest

import pytest

from tests.kit.browser_faults import AUDIO, DEVICES, REST, STORAGE, script
from tests.kit.chromium import Browsers, Tab
from tests.kit.page_with_fake_server import enter, feed, meet, set_stage, spoken, utterance

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

AT_ONCE = 3
RELAY = {"urls": "turn:relay.example:3478", "username": "u", "credential": "c"}
ENDED = {"type": "session_ended", "reason": "left", "metrics": {"durationMs": 1000, "utterances": 1, "spoken": 1}}
HELD = """async (relay) => {
    const $ = (id) => document.getElementById(id);
    const seen = (node) => node && node.getClientRects().length > 0;
    const until = async (what, condition) => {
        for (let look = 0; look < 500; look++) {
            if (condition()) return;
            await new Promise((done) => setTimeout(done, 10));
        }
        throw new Error(`never: ${what}; shown: ${document.body.innerText}`);
    };
    const press = (node) => {
        if (!seen(node) || node.disabled) throw new Error(`nobody can press ${node?.id}: ${document.body.innerText}`);
        node.click();
    };
    const sent = (kind) => stage.sent.filter(({ type }) => type === kind);
    const change = (node, value, type) => {
        node.value = value;
        node.dispatchEvent(new Event(type, { bubbles: true }));
    };
    const subtitle = (message) => stage.subtitle({ utteranceId: "u1", sourceUserId: "them", targetUserId: "me",
        segment: 0, revision: 0, final: true, ...message });
    const partner = { participantId: "them", displayName: "Luis", language: "es", connected: true };

    press($("check-microphone"));
    await until("the microphone's check", () => seen($("microphone-check")));
    $("name").value = "Anna";
    press($("create-button"));
    await until("a socket", () => sent("join_session").length === 1);
    stage.tell({ type: "session_joined", sessionId: "s", participantId: "me", iceServers: [relay], resumeToken: "r",
        partner: null });
    await until("an offer", () => sent("offer").length === 1);
    await stage.connect();
    await until("media", () => dragoman.call.state.media === "connected");
    await until("the invitation", () => seen($("invite")) && $("session-code").textContent === "427193");
    press($("copy"));
    await until("what became of the copy", () => $("copied").textContent !== "");
    if (seen($("share"))) press($("share"));
    stage.tell({ type: "join_request", participantId: "x", displayName: "Luis" });
    await until("somebody who knocks", () => seen($("knock")));
    press($("let-in"));
    await until("the answer", () => sent("admit").length === 1 && !seen($("knock")));
    stage.tell({ type: "session_paired", partner, startedAt: Date.now() });
    await until("the partner", () => $("partner").dataset.connected === "true");
    subtitle({ type: "transcription", text: "Hola.", stableLength: 5, language: "es", startMs: 0, endMs: 900,
        confidence: 0.9 });
    subtitle({ type: "translation", originalText: "Hola.", translatedText: "Hello.", sourceLanguage: "es",
        targetLanguage: "en", latency: 500 });
    for (const state of ["start", "end"]) subtitle({ type: "speech_audio", state });
    subtitle({ type: "utterance_end", outcome: "spoken", latency: { endpointMs: 300, sttMs: 100, translationMs: 30,
        ttsMs: 60, firstAudioMs: 600 } });
    const line = document.querySelector("#subtitles .translation");
    if (!seen(line) || line.textContent.trim() !== "Hello.") throw new Error("no subtitle");
    $("say").value = "Good afternoon.";
    $("say-form").requestSubmit();
    await until("what was typed", () => sent("say").some(({ text, clientId }) => text && clientId));
    change($("balance"), "20", "input");
    if ($("call-microphone").options.length > 1) {
        const before = stage.microphone;
        change($("call-microphone"), $("call-microphone").options[1].value, "change");
        await until("the other microphone", () => stage.microphone !== before);
    }
    $("push-to-talk").click();
    const pointer = (type) => $("talk").dispatchEvent(new PointerEvent(type, { bubbles: true, pointerId: 1 }));
    pointer("pointerdown");
    const track = stage.peers.at(-1).lines[0].sent;
    if (track.readyState !== "live" || !track.enabled) throw new Error("nothing is said into the microphone");
    pointer("pointerup");
    await until("the end of what was said", () => sent("end_utterance").length === 1);
    const heard = ({ state, blocked }) => !blocked && (state === null || state === "running");
    await until("sound", () => heard(dragoman.state.mixer.sound));
    if (seen($("sound"))) throw new Error("a button asks for a click, and nothing is lost");
    press($("hang-up"));
    if (sent("leave_session").length !== 1) throw new Error("nobody left");
    stage.tell({ type: "session_ended", reason: "left", metrics: { durationMs: 1000, utterances: 1, spoken: 1 } });
    await until("the end", () => seen($("ended")));
    if (document.querySelectorAll("#transcript-lines li").length !== 1) throw new Error("no transcript");
    press($("copy-transcript"));
    press(document.querySelector("[data-format=txt]"));
    await until("what became of the transcript", () => $("transcript-copied").textContent !== "");
    press($("again"));
    if (seen($("return"))) throw new Error("a call is left to return to");
}"""


def together(*columns: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the faults of several columns, one of each on a page: they have nothing to do with each other."""
    rows = [[one for one in row if one is not None] for row in zip_longest(*columns)]
    return {" + ".join(name for name, _ in row): "".join(f"{{{body}}}" for _, body in row) for row in rows}


OTHERS = list(REST.items())
ROWS = together(AUDIO.items(), STORAGE.items(), OTHERS[: len(AUDIO)]) | together(DEVICES.items(), OTHERS[len(AUDIO) :])


def asked(tab: Tab) -> list[str]:
    """Return the page's requests to the API, such as `POST /sessions/create`, as they come."""
    found: list[str] = []
    tab.page.on(
        "request",
        lambda one: "/api/v1" in one.url and found.append(f"{one.method} {one.url.partition('/api/v1')[2]}"),
    )
    return found


async def held_call(browsers: Browsers, site_url: str, fault: str) -> None:
    """Check the microphone, hold a call with all that a person does in one, and leave it."""
    tab = await browsers.tab(permissions=["microphone", "clipboard-write"])
    try:
        requests = asked(tab)
        await set_stage(tab, site_url, fault=script(fault))
        await tab.page.evaluate(HELD, RELAY)
        assert requests.count("POST /sessions/create") == 1
        assert not [one for one in requests if one.startswith("DELETE")]
        assert not tab.complaints
    finally:
        await tab.page.context.close()


async def failures(browsers: Browsers, site_url: str, faults: Mapping[str, str]) -> dict[str, str]:
    """Hold a call with each of the faults, some at once. Return those that failed, with the reason."""
    some = asyncio.Semaphore(AT_ONCE)
    found: dict[str, str] = {}

    async def one(name: str, fault: str) -> None:
        async with some:
            try:
                await held_call(browsers, site_url, fault)
            except Exception as error:  # noqa: BLE001  # each fault is judged, and all are told
                found[name] = f"{type(error).__name__}: {error}"[:600]

    await asyncio.gather(*[one(name, fault) for name, fault in faults.items()])
    return found


async def test_a_call_without_any_fault(browsers: Browsers, site_url: str) -> None:
    await held_call(browsers, site_url, "")


async def test_a_call_in_every_case(browsers: Browsers, site_url: str) -> None:
    assert len(AUDIO) + len(STORAGE) + len(DEVICES) + len(REST) == 75
    assert await failures(browsers, site_url, ROWS) == {}


async def test_a_fault_is_seen_where_it_is_no_ornament(browsers: Browsers, site_url: str) -> None:
    """The table itself can fail: without any microphone there is no call."""
    faults = {"no microphone": "devices.getUserMedia = () => reject('NotFoundError');"}
    assert (await failures(browsers, site_url, faults)).keys() == faults.keys()


async def test_joining_with_a_headset_of_another_rate(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    requests = asked(tab)
    await set_stage(tab, site_url, fault=script(AUDIO["a headset of another rate"]))
    await enter(tab, code="427193")
    await meet(tab)
    assert await tab.page.is_visible("#call")
    assert requests.count("POST /sessions/join") == 1
    assert not [one for one in requests if one.startswith("DELETE")]
    assert not tab.complaints


async def test_another_microphone_in_mid_call_is_watched_and_the_old_one_stopped(
    browsers: Browsers, site_url: str
) -> None:
    """With a headset of another rate, whose meter is refused."""
    tab = await browsers.tab()
    await set_stage(tab, site_url, fault=script(AUDIO["a headset of another rate"]))
    await enter(tab)
    await tab.page.evaluate("globalThis.first = stage.peers.at(-1).lines[0].sent")
    await tab.until("document.querySelectorAll('#call-microphone option').length > 1")
    await tab.page.select_option("#call-microphone", index=1)
    await tab.until("stage.microphone?.readyState === 'live' && first.readyState === 'ended'")
    assert await tab.page.is_hidden("#notice")
    await tab.page.evaluate("globalThis.second = stage.microphone; second.dispatchEvent(new Event('ended'))")
    await tab.until("stage.microphone !== second && stage.microphone.readyState === 'live'")
    assert "Another one is in use now" in await tab.page.inner_text("#notice")


async def test_a_microphone_that_the_connection_refuses_is_taken_along_by_a_new_offer(
    browsers: Browsers, site_url: str
) -> None:
    tab = await browsers.tab()
    await set_stage(tab, site_url)
    await enter(tab)
    refuse = "async () => { throw new DOMException('', 'InvalidStateError'); }"
    await tab.page.evaluate(f"void (stage.peers.at(-1).lines[0].sender.replaceTrack = {refuse})")
    await tab.until("document.querySelectorAll('#call-microphone option').length > 1")
    await tab.page.select_option("#call-microphone", index=1)
    await tab.until("stage.peers.length === 2")
    await tab.page.evaluate("stage.connect()")
    await tab.until("stage.peers[1].lines[0].sent.readyState === 'live' && stage.peers[0].closed")
    assert not tab.complaints


async def test_permission_is_asked_for_in_words(browsers: Browsers, site_url: str) -> None:
    """Somebody who does not see the browser's question waits for ever, and so does the page."""
    tab = await browsers.tab()
    grant = "devices.getUserMedia = async (wanted) => { await new Promise((done) => (globalThis.grant = done));"
    await set_stage(tab, site_url, fault=script(grant + "return open(wanted); };"))
    await tab.page.click("#create-button")
    await tab.until("document.getElementById('start-status').textContent.includes('Please allow it')", 5)
    await tab.page.evaluate("grant()")
    await tab.page.wait_for_selector("#call:visible")


async def test_the_microphone_is_checked_as_far_as_the_browser_lets_one(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await set_stage(tab, site_url, fault=script(AUDIO["a headset of another rate"]))
    await tab.page.click("#check-microphone")
    await tab.page.wait_for_selector("#microphone-check:visible")
    assert "cannot show how loud it is" in await tab.page.inner_text("#level-words")
    assert await tab.page.is_hidden("#level")
    assert await tab.page.is_hidden("#start-problem")
    recorder = "put(window, 'MediaRecorder', class { constructor() { refuse('NotSupportedError'); } });"
    await tab.page.evaluate(script(recorder))
    await tab.page.click("#echo")
    await tab.until("document.getElementById('level-words').textContent.includes('could not record')")
    assert await tab.page.is_visible("#microphone-check"), "the microphone stays open"


async def test_what_cannot_be_copied_shared_or_saved_is_told(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    fault = REST["nothing can be copied"] + REST["sharing rejects"] + REST["no address of a file"]
    await set_stage(tab, site_url, fault=script(fault))
    await enter(tab)
    for button in ("#copy", "#share"):
        await tab.page.evaluate("document.getElementById('copied').textContent = ''")
        await tab.page.click(button)
        await tab.until("document.getElementById('copied').textContent.includes('copy it yourself')")
    await meet(tab)
    await feed(tab, *utterance(1, "them", "Hola.", "Hello."), *spoken(1, "them"))
    await tab.page.evaluate("message => stage.tell(message)", ENDED)
    await tab.page.click("#copy-transcript")
    await tab.until("document.getElementById('transcript-copied').textContent.includes('copy it yourself')")
    await tab.page.click("[data-format=vtt]")
    await tab.until("document.getElementById('transcript-copied').textContent.includes('Not saved')")


async def test_a_browser_inside_an_app_is_told_apart_from_an_insecure_page(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    requests = asked(tab)
    await set_stage(tab, site_url, fault=script("hide(navigator, 'mediaDevices', () => undefined);"))
    await tab.page.click("#create-button")
    await tab.until("document.getElementById('start-problem').textContent.includes('inside other apps')")
    assert not [one for one in requests if one.startswith("POST")]


async def test_a_page_without_storage_that_does_not_load_says_so(browsers: Browsers, site_url: str) -> None:
    """Its number of reloads is kept in the history, or it would load again for ever."""
    tab = await browsers.tab()
    loads: list[str] = []
    tab.page.on("request", lambda one: one.url.endswith("/boot.js") and loads.append(one.url))
    hurry = "const later = setTimeout; window.setTimeout = (action, ms) => later(action, ms / 10);"
    await tab.page.add_init_script(script(STORAGE["sessionStorage is forbidden"] + hurry))
    await tab.page.route("**/subtitles.js", lambda route: route.abort())
    async with tab.page.expect_event("requestfailed", lambda _: len(loads) == 4, timeout=10_000):
        await tab.page.goto(f"{site_url}/#123456")
    await tab.page.wait_for_load_state()
    await tab.until("getComputedStyle(document.getElementById('unloaded')).animationName === 'none'")
    await tab.page.wait_for_timeout(1000)
    assert len(loads) == 4, "it does not load again for ever"
    await tab.page.unroute("**/subtitles.js")
    await tab.page.click("#unloaded a")
    await tab.page.wait_for_selector("#unloaded", state="detached")
    assert await tab.page.input_value("#code") == "123456"
