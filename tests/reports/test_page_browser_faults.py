"""Whatever a browser refuses, lacks or does wrong, there is a call: each fault on a page of its own."""

import asyncio
from collections.abc import Mapping

import pytest

from tests.kit.browser_faults import AUDIO, DEVICES, REST, STORAGE, script
from tests.kit.chromium import Browsers, Tab
from tests.kit.page_with_fake_server import enter, feed, meet, set_stage, spoken, utterance

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

AT_ONCE = 5
WITHIN_MS = 6000
RELAY = {"urls": "turn:relay.example:3478", "username": "u", "credential": "c"}
SOUND = "(({ state, blocked }) => !blocked && (state === null || state === 'running'))(dragoman.state.mixer.sound)"
MICROPHONE = "stage.peers.at(-1).lines[0].sent.readyState"
ENDED = {"type": "session_ended", "reason": "left", "metrics": {"durationMs": 1000, "utterances": 1, "spoken": 1}}


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
    tab.page.set_default_timeout(WITHIN_MS)
    requests = asked(tab)
    await set_stage(tab, site_url, fault=script(fault))
    await tab.page.click("#check-microphone")
    await tab.page.wait_for_selector("#microphone-check:visible")
    await enter(tab, iceServers=[RELAY])
    assert await tab.page.is_visible("#call")
    await tab.page.click("#copy")
    await tab.until("document.getElementById('copied').textContent !== ''")
    if await tab.page.is_visible("#share"):
        await tab.page.click("#share")
    await tab.page.evaluate("stage.tell({ type: 'join_request', participantId: 'x', displayName: 'Luis' })")
    await tab.page.click("#let-in")
    await tab.page.wait_for_selector("#knock", state="hidden")
    await meet(tab)
    await feed(tab, *utterance(1, "them", "Hola.", "Hello."), *spoken(1, "them"))
    assert await tab.page.inner_text("#subtitles .translation") == "Hello."
    await tab.page.fill("#say", "Good afternoon.")
    await tab.page.press("#say", "Enter")
    await tab.until("stage.sent.some(({ type, clientId }) => type === 'say' && clientId)")
    await tab.page.fill("#balance", "20")
    if await tab.page.locator("#call-microphone option").count() > 1:
        before = await tab.page.evaluate("stage.microphone?.id ?? null")
        await tab.page.select_option("#call-microphone", index=1)
        await tab.until(f"(stage.microphone?.id ?? null) !== {before!r}".replace("None", "null"))
    await tab.page.check("#push-to-talk")
    box = await tab.page.locator("#talk").bounding_box()
    assert box is not None
    await tab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await tab.page.mouse.down()
    await tab.page.wait_for_selector("#talk.held")
    assert await tab.page.evaluate(f"{MICROPHONE} === 'live' && stage.peers.at(-1).lines[0].sent.enabled")
    await tab.page.mouse.up()
    await tab.until("stage.sent.some(({ type }) => type === 'end_utterance')")
    await tab.until(SOUND, 3)
    assert await tab.page.is_hidden("#sound"), "nothing is lost, and no button asks for a click"
    await tab.page.click("#hang-up")
    await tab.page.evaluate("message => stage.tell(message)", ENDED)
    await tab.page.wait_for_selector("#ended:visible")
    assert await tab.page.locator("#transcript-lines li").count() == 1
    for button in ("#copy-transcript", "[data-format=txt]"):
        await tab.page.click(button)
    await tab.page.click("#again")
    assert await tab.page.is_hidden("#return"), "no call is left to return to"
    assert requests.count("POST /sessions/create") == 1
    assert await tab.page.evaluate("stage.sent.filter(({ type }) => type === 'leave_session').length") == 1
    assert not tab.complaints


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


@pytest.mark.parametrize("family", [AUDIO, STORAGE, DEVICES, REST], ids=["audio", "storage", "devices", "rest"])
async def test_a_call_in_every_case(browsers: Browsers, site_url: str, family: Mapping[str, str]) -> None:
    assert await failures(browsers, site_url, family) == {}


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
    """Whoever does not see the browser's question waits for ever, and so does the page."""
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
