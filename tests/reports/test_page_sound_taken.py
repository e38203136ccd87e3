"""Sound and microphone that the system takes away: noticed by their state and by standing clocks, and got back."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import partial

import pytest

from tests.kit.browser_faults import script
from tests.kit.chromium import Browsers, Tab
from tests.kit.page_with_fake_server import enter, meet, set_stage

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

AT_ONCE = 4
COUNTED = """
    globalThis.opened = [];
    devices.getUserMedia = async (wanted) => {
        if (globalThis.occupied) refuse(occupied);
        const stream = await open(wanted);
        opened.push(stream.getAudioTracks()[0]);
        if (globalThis.mutedAtOnce) put(opened.at(-1), "muted", true);
        return stream;
    };
"""
SHOWN = "!document.getElementById('sound').hidden"
HIDDEN = "document.getElementById('sound').hidden"
PLAYS = "((one) => one.state === null ? !one.blocked : one.state === 'running')(dragoman.state.mixer.sound)"


async def some_at_once(browsers: Browsers, cases: Iterable[Callable[[Browsers], Coroutine[None, None, None]]]) -> None:
    """Run the cases, a few pages at a time: a page is noticed late where nine of them share two cores."""
    few = asyncio.Semaphore(AT_ONCE)

    async def one(case: Callable[[Browsers], Coroutine[None, None, None]]) -> None:
        async with few, browsers.apart() as own:
            await case(own)

    async with asyncio.TaskGroup() as group:
        for case in cases:
            group.create_task(one(case))


async def in_call(browsers: Browsers, site_url: str) -> Tab:
    """Return a page in a call, `context` and `track` in it: those that a test takes away."""
    tab = await browsers.tab()
    await set_stage(tab, site_url, fault=script(COUNTED))
    await enter(tab)
    await meet(tab)
    await tab.until("dragoman.state.mixer.sound.timeS > 1.5")  # it has been heard
    await tab.page.evaluate("Object.assign(globalThis, { context: dragoman.state.mixer.context, track: opened[0] })")
    return tab


async def notice(tab: Tab, words: str, within_s: float = 3) -> None:
    """Wait until a notice with these words is shown."""
    shown = "!document.getElementById('notice').hidden && document.getElementById('notice').textContent"
    await tab.until(f"({shown} || '').includes({words!r})", within_s)


TAKE: Mapping[str, str] = {
    "interrupted": """
        Object.defineProperty(context, "state", { get: () => "interrupted" });
        context.dispatchEvent(new Event("statechange"));
    """,
    "interrupted, and no event": 'Object.defineProperty(context, "state", { get: () => "interrupted" });',
    "a state of the future": """
        Object.defineProperty(context, "state", { get: () => "sleeping" });
        context.dispatchEvent(new Event("statechange"));
    """,
    "closed": "void context.close();",
    "said to be closed": """
        Object.defineProperty(context, "state", { get: () => "closed" });
        context.dispatchEvent(new Event("statechange"));
    """,
    "a standing clock": """
        const now = context.currentTime;
        Object.defineProperty(context, "currentTime", { get: () => now });
    """,
    "suspended, and resume rejects": """
        context.resume = async () => { throw new DOMException("", "InvalidStateError"); };
        void context.suspend();
    """,
    "suspended, and resume never ends": "context.resume = () => new Promise(() => {}); void context.suspend();",
    "suspended, and resume throws": """
        context.resume = () => { throw new DOMException("", "InvalidStateError"); };
        void context.suspend();
    """,
    "suspended, and a click is wanted": """
        let clicked = false;
        document.getElementById("sound").addEventListener("click", () => (clicked = true), { capture: true });
        const resume = AudioContext.prototype.resume;
        context.resume = () => clicked ? resume.call(context) : new Promise(() => {});
        void context.suspend();
    """,
}


async def take_and_get_back(browsers: Browsers, site_url: str, name: str) -> None:
    tab = await in_call(browsers, site_url)
    await tab.page.evaluate(f"(() => {{ {TAKE[name]} }})()")
    await tab.until(SHOWN, 5)
    assert await tab.page.inner_text("#sound") == "Switch the sound on"
    await notice(tab, "The sound was taken away")
    await tab.page.click("#sound")
    await tab.until(f"{HIDDEN} && {PLAYS}", 5)
    renewed = await tab.page.evaluate("dragoman.state.mixer.context !== context")
    assert renewed is (name != "suspended, and a click is wanted"), "one that does not come back is made anew"
    await tab.page.wait_for_timeout(1200)
    assert await tab.page.evaluate(HIDDEN), "it stays"
    assert await tab.page.evaluate("opened.length") == 1, "the microphone has no part in it"
    assert await tab.page.evaluate("dragoman.call.state.media") == "connected"
    assert not tab.complaints, (name, tab.complaints)


async def test_sound_that_is_taken_away_is_noticed_and_got_back_with_one_button(
    browsers: Browsers, site_url: str
) -> None:
    await some_at_once(browsers, [partial(take_and_get_back, site_url=site_url, name=name) for name in TAKE])


async def test_sound_that_comes_back_by_itself_needs_no_button(browsers: Browsers, site_url: str) -> None:
    tab = await in_call(browsers, site_url)
    await tab.page.evaluate("globalThis.seen = false; void setInterval(() => (seen ||= !sound.hidden), 20)")
    await tab.page.evaluate("context.suspend()")
    await tab.until("context.state === 'running'")
    await tab.page.wait_for_timeout(700)
    assert not await tab.page.evaluate("seen")


async def test_without_any_new_audio_context_the_elements_play(browsers: Browsers, site_url: str) -> None:
    tab = await in_call(browsers, site_url)
    await tab.page.evaluate(
        """() => {
            globalThis.elements = [];
            const { play } = HTMLMediaElement.prototype;
            HTMLMediaElement.prototype.play = function () { elements.push(this); return play.call(this); };
            AudioContext.prototype.resume = async () => { throw new DOMException("", "InvalidStateError"); };
            globalThis.AudioContext = class { constructor() { throw new DOMException("", "NotSupportedError"); } };
            void context.close();
        }"""
    )
    await tab.until(SHOWN, 5)
    await tab.page.click("#sound")
    await tab.until(f"{HIDDEN} && dragoman.state.mixer.sound.state === null", 6)
    audible = "new Set(elements.filter((one) => !one.muted && !one.paused && one.volume > 0)).size"
    assert await tab.page.evaluate(audible) == 2, "both voices"
    await tab.page.fill("#balance", "100")
    volumes = "[...new Set(elements)].map((one) => one.volume).sort()"
    assert await tab.page.evaluate(volumes) == [0, 1], "the balance still works"
    assert not tab.complaints


async def muted(tab: Tab, which: str = "track") -> None:
    """The system takes a microphone away, as a phone does for a call."""
    await tab.page.evaluate(
        f"Object.defineProperty({which}, 'muted', {{ configurable: true, get: () => true }});"
        f"{which}.dispatchEvent(new Event('mute'))"
    )


async def unmuted(tab: Tab, which: str = "track") -> None:
    await tab.page.evaluate(f"delete {which}.muted; {which}.dispatchEvent(new Event('unmute'))")


async def a_muted_microphone_is_opened_again(browsers: Browsers, site_url: str) -> None:
    tab = await in_call(browsers, site_url)
    await muted(tab)
    await tab.until("opened.length === 2 && stage.microphone === opened[1]", 5)
    await notice(tab, "It is open again")
    await tab.until("track.readyState === 'ended'")
    assert await tab.page.evaluate(HIDDEN)


async def a_short_silence_is_none(browsers: Browsers, site_url: str) -> None:
    tab = await in_call(browsers, site_url)
    await muted(tab)
    await tab.page.wait_for_timeout(2000)
    await unmuted(tab)
    await tab.page.wait_for_timeout(2000)
    assert await tab.page.evaluate("opened.length") == 1
    assert await tab.page.is_hidden("#notice")


async def a_microphone_that_stays_muted_gets_a_button(browsers: Browsers, site_url: str) -> None:
    tab = await in_call(browsers, site_url)
    await tab.page.evaluate("globalThis.mutedAtOnce = true")
    await muted(tab)
    await tab.until(SHOWN, 5)
    assert await tab.page.inner_text("#sound") == "Switch the microphone on"
    await notice(tab, "holds it")
    await tab.page.wait_for_timeout(3500)
    assert await tab.page.evaluate("opened.length") == 2, "and is not opened again and again"
    await tab.page.evaluate("globalThis.mutedAtOnce = false")
    await tab.page.click("#sound")
    await tab.until(f"opened.length === 3 && stage.microphone === opened[2] && {HIDDEN}")


async def a_microphone_in_a_phone_call_comes_back_after_it(browsers: Browsers, site_url: str) -> None:
    tab = await in_call(browsers, site_url)
    await tab.page.evaluate("globalThis.occupied = 'NotReadableError'")
    await muted(tab)
    await tab.until(SHOWN, 5)
    await tab.page.evaluate("globalThis.occupied = ''")
    await unmuted(tab)
    await notice(tab, "is back")
    assert await tab.page.evaluate(HIDDEN)
    assert await tab.page.evaluate("opened.length") == 1


async def a_hidden_page_waits_until_it_is_seen(browsers: Browsers, site_url: str) -> None:
    """Two pages of one browser would otherwise take the microphone from each other without end."""
    tab = await in_call(browsers, site_url)
    await tab.page.evaluate(
        "Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' })"
    )
    await muted(tab)
    await tab.until(SHOWN, 5)
    await tab.page.wait_for_timeout(1000)
    assert await tab.page.evaluate("opened.length") == 1
    await tab.page.evaluate("delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange'))")
    await tab.until(f"opened[1] && stage.microphone === opened[1] && {HIDDEN}")


async def the_only_microphone_is_unplugged_and_plugged_in_again(browsers: Browsers, site_url: str) -> None:
    tab = await in_call(browsers, site_url)
    await tab.page.evaluate("globalThis.occupied = 'NotFoundError'; track.dispatchEvent(new Event('ended'))")
    await notice(tab, "there is no other")
    assert await tab.page.evaluate(SHOWN)
    await tab.page.evaluate("globalThis.occupied = ''; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    await tab.until(f"opened[1] && stage.microphone === opened[1] && {HIDDEN}")


async def a_permission_that_is_taken_back_is_told(browsers: Browsers, site_url: str) -> None:
    tab = await in_call(browsers, site_url)
    await tab.page.evaluate("globalThis.occupied = 'NotAllowedError'; track.dispatchEvent(new Event('ended'))")
    await notice(tab, "may not use the microphone any more")
    await tab.page.evaluate("globalThis.occupied = ''")
    await tab.page.click("#sound")
    await tab.until(f"opened[1] && stage.microphone === opened[1] && {HIDDEN}")


async def one_button_for_both(browsers: Browsers, site_url: str) -> None:
    tab = await in_call(browsers, site_url)
    await tab.page.evaluate("globalThis.occupied = 'NotReadableError'; void context.close()")
    await muted(tab)
    await tab.until("document.getElementById('sound').textContent === 'Switch sound and microphone on'", 6)
    await tab.page.evaluate("globalThis.occupied = ''")
    await tab.page.click("#sound")
    await tab.until(f"opened[1] && stage.microphone === opened[1] && {HIDDEN} && {PLAYS}", 5)


async def push_to_talk_survives_another_microphone(browsers: Browsers, site_url: str) -> None:
    tab = await in_call(browsers, site_url)
    await tab.page.check("#push-to-talk")
    await tab.page.evaluate("track.dispatchEvent(new Event('ended'))")
    await tab.until("opened[1] && stage.microphone === opened[1]")
    assert await tab.page.evaluate("opened[1].enabled") is False
    await tab.page.check("#open-microphone")
    assert await tab.page.evaluate("opened[1].enabled") is True


async def test_a_microphone_that_is_taken_away(browsers: Browsers, site_url: str) -> None:
    cases = [
        a_muted_microphone_is_opened_again,
        a_short_silence_is_none,
        a_microphone_that_stays_muted_gets_a_button,
        a_microphone_in_a_phone_call_comes_back_after_it,
        a_hidden_page_waits_until_it_is_seen,
        the_only_microphone_is_unplugged_and_plugged_in_again,
        a_permission_that_is_taken_back_is_told,
        one_button_for_both,
        push_to_talk_survives_another_microphone,
    ]
    await some_at_once(browsers, [partial(case, site_url=site_url) for case in cases])


async def test_a_microphone_that_ends_while_it_is_checked(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await set_stage(tab, site_url, fault=script(COUNTED))
    await tab.page.click("#check-microphone")
    await tab.page.wait_for_selector("#microphone-check:visible")
    await tab.page.evaluate("opened[0].stop(); opened[0].dispatchEvent(new Event('ended'))")
    await tab.until("opened.length === 2")
    await tab.page.wait_for_selector("#microphone-check:visible")
    await tab.page.evaluate("opened[1].stop()")  # as it dies between two looks
    await enter(tab)
    assert await tab.page.evaluate("opened.length === 3 && stage.peers[0].lines[0].sent === opened[2]")
