"""A whole call in two Chromium processes: made and joined by the code, each hears and reads the other interpreted."""

import asyncio
import re
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from chromium import Browsers, Recognise, Recording, Tab, speech_file
from serving import UNLIMITED, Server

pytestmark = pytest.mark.browser

# The fake microphones start when their pages open them; nothing is recognised before both are in the call. Each
# sentence comes twice, so that a slow machine that misses the first still has the second.
ENGLISH = (7.0, "Where is the train station?", 14.0, "Where is the train station?", 30.0)
SPANISH = (13.0, "Necesito un médico, por favor.", 14.0, "Necesito un médico, por favor.", 30.0)


def words(text: str) -> set[str]:
    """Return the words of a text, without case, accents and punctuation."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return set(re.findall(r"\w+", plain))


async def make_call(creator: Tab, joiner: Tab, server_url: str) -> None:
    """Create a call on one page, join it by its code on the other, and wait until both have their media."""
    await creator.open(server_url)
    await joiner.open(server_url)
    await creator.page.fill("#name", "Anna")
    await creator.page.select_option("#language", "en")
    await creator.page.click("#create-button")
    await creator.page.wait_for_selector("#session-code:visible")
    code = await creator.page.inner_text("#session-code")
    assert re.fullmatch(r"\d{6}", code)
    assert await creator.page.input_value("#link") == f"{server_url}/#{code}"
    await joiner.page.fill("#name", "Luis")
    await joiner.page.select_option("#language", "es")
    await joiner.page.fill("#code", code)
    await joiner.page.click("#join-button")
    for tab in (creator, joiner):
        await tab.until("dragoman.call?.state.media === 'connected' && dragoman.call.state.partner?.connected", 20)


def told(recognise: Recognise, heard: list[np.ndarray], language: str) -> set[str]:
    """Return the words that a recogniser hears in a recording."""
    return words(" ".join(recognise(spurt, language) for spurt in heard))


async def subtitle(tab: Tab, selector: str) -> set[str]:
    return words(" ".join(await tab.page.locator(f"#subtitles {selector}").all_text_contents()))


def line_with(selector: str, word: str) -> str:
    """Return a JavaScript expression: whether a subtitle line shows the word."""
    return (
        f"[...document.querySelectorAll('#subtitles {selector}')].some((line) => line.textContent.includes('{word}'))"
    )


OUTCOMES = "dragoman.state.conversation.utterances.filter((one) => [...one.outcomes.values()].includes('spoken'))"


async def test_two_pages_hear_and_read_each_other_interpreted(
    browsers: Browsers, server_url: str, recognise: Recognise, tmp_path: Path
) -> None:
    anna = await browsers.tab(microphone=speech_file(tmp_path / "anna.wav", "en-us", *ENGLISH))
    luis = await browsers.tab(microphone=speech_file(tmp_path / "luis.wav", "es", *SPANISH), locale="es-ES")
    await make_call(anna, luis, server_url)
    assert "Luis is here" in await anna.page.inner_text("#partner-state")
    assert await anna.page.is_hidden("#invite"), "nobody else can use the code"

    recordings = {(tab, voice): Recording(tab, voice) for tab in (anna, luis) for voice in ("interpreter", "original")}
    for recording in recordings.values():
        await recording.start()
    await luis.page.evaluate(
        """() => {
            globalThis.levels = { open: 0, ducked: 1 };
            const gain = dragoman.state.mixer.gains.original.gain;
            setInterval(() => {
                levels.open = Math.max(levels.open, gain.value);
                if (dragoman.state.mixer.ducking) levels.ducked = Math.min(levels.ducked, gain.value);
            }, 20);
        }"""
    )

    # subtitles: both directions on both pages
    for tab, mine, theirs in ((anna, ".mine", ":not(.mine)"), (luis, ":not(.mine)", ".mine")):
        await tab.until(line_with(f"{mine} .translation", "tren"), 40)
        await tab.until(line_with(f"{theirs} .translation", "doctor"), 40)
        assert {"train", "station"} <= await subtitle(tab, f"{mine} .original")
        assert {"estacion", "tren"} <= await subtitle(tab, f"{mine} .translation")
        assert "medico" in await subtitle(tab, f"{theirs} .original")
        assert "doctor" in await subtitle(tab, f"{theirs} .translation")
        await tab.until(f"{OUTCOMES}.length >= 2", 20)
        await tab.until("!dragoman.state.mixer.ducking", 10)

    # voices: the translation from the interpreter, the partner's own words from the original
    heard = {key: await recording.heard() for key, recording in recordings.items()}
    assert {"estacion", "tren"} <= told(recognise, heard[luis, "interpreter"], "es")
    assert {"train", "station"} <= told(recognise, heard[luis, "original"], "en")
    assert "doctor" in told(recognise, heard[anna, "interpreter"], "en")
    assert "medico" in told(recognise, heard[anna, "original"], "es")

    # ducking: the original goes down while the interpreter speaks, and comes back
    levels = await luis.page.evaluate("levels")
    assert levels["ducked"] < 0.35 * levels["open"], levels
    await luis.until("dragoman.state.mixer.gains.original.gain.value > 0.6", 5)

    await anna.page.click("#hang-up")
    for tab, reason in ((anna, "You left"), (luis, "The other person left")):
        await tab.page.wait_for_selector("#ended:visible")
        assert reason in await tab.page.inner_text("#ended-reason")
        assert "Interpreted aloud" in await tab.page.inner_text("#summary")
        assert not tab.complaints


async def test_typed_text_is_spoken_and_a_change_of_language_holds(
    browsers: Browsers, server_url: str, recognise: Recognise, tmp_path: Path
) -> None:
    silence = speech_file(tmp_path / "silence.wav", "en-us", 60.0)
    anna = await browsers.tab(microphone=silence)
    luis = await browsers.tab(microphone=silence)
    await make_call(anna, luis, server_url)
    interpreter = Recording(luis, "interpreter")
    await interpreter.start()
    await anna.page.fill("#say", "I need a doctor, please.")
    await anna.page.press("#say", "Enter")
    await luis.until(line_with(":not(.mine) .translation", "médico"), 15)
    await luis.until(f"{OUTCOMES}.length >= 1", 15)
    await luis.until("!dragoman.state.mixer.ducking", 10)
    assert "medico" in told(recognise, await interpreter.heard(), "es")

    await luis.page.select_option("#call-language", "en")
    await anna.until("dragoman.call.state.partner.language === 'en'")
    for tab in (anna, luis):
        await tab.page.wait_for_selector("#notice:visible")
        assert "Nothing is interpreted" in await tab.page.inner_text("#notice")
    # the same language: the original is the call now, whatever the balance says
    await luis.page.fill("#balance", "100")
    await luis.until("dragoman.state.mixer.gains.original.gain.value > 0.95")
    await anna.page.fill("#say", "Good afternoon.")
    await anna.page.press("#say", "Enter")
    await luis.until(line_with(":not(.mine) .original", "afternoon"), 15)


async def test_a_cut_socket_is_told_and_heals_without_a_click(
    browsers: Browsers, server_url: str, tmp_path: Path
) -> None:
    silence = speech_file(tmp_path / "silence.wav", "en-us", 60.0)
    anna = await browsers.tab(microphone=silence)
    luis = await browsers.tab(microphone=silence)
    sockets = []

    async def carry(socket) -> None:  # type: ignore[no-untyped-def]
        socket.connect_to_server()
        sockets.append(socket)

    await anna.page.route_web_socket("**/ws", carry)
    await make_call(anna, luis, server_url)
    await anna.page.evaluate(
        """() => {
            globalThis.seen = [];
            dragoman.call.addEventListener("state", ({ detail }) => seen.push(detail.socket));
        }"""
    )
    await sockets[-1].close(code=1011, reason="cut by the test")
    await anna.until("seen.includes('lost') && dragoman.call.state.socket === 'joined'", 5)
    await anna.until("dragoman.call.state.media === 'connected'", 5)
    assert len(sockets) == 2
    await anna.page.fill("#say", "Good afternoon.")
    await anna.page.press("#say", "Enter")
    await luis.until(line_with(":not(.mine) .translation", "tardes"), 15)


async def test_a_server_that_was_killed_and_started_again_has_the_call_back(browsers: Browsers, tmp_path: Path) -> None:
    silence = speech_file(tmp_path / "silence.wav", "en-us", 120.0)
    with Server(tmp_path / "server", **UNLIMITED) as server:
        anna = await browsers.tab(microphone=silence)
        luis = await browsers.tab(microphone=silence)
        await make_call(anna, luis, server.url)
        await asyncio.to_thread(server.restart, kill=True)
        for tab in (anna, luis):
            await tab.until("dragoman.call.state.socket === 'joined' && dragoman.call.state.media === 'connected'", 10)
            await tab.until("dragoman.call.state.partner?.connected", 10)
        await anna.page.fill("#say", "Good afternoon.")
        await anna.page.press("#say", "Enter")
        await luis.until(line_with(":not(.mine) .translation", "tardes"), 15)


async def test_a_reload_is_no_hang_up(browsers: Browsers, server_url: str, tmp_path: Path) -> None:
    silence = speech_file(tmp_path / "silence.wav", "en-us", 60.0)
    anna = await browsers.tab(microphone=silence)
    luis = await browsers.tab(microphone=silence)
    await make_call(anna, luis, server_url)
    await luis.page.fill("#say", "Buenas tardes.")
    await luis.page.press("#say", "Enter")
    await anna.until(line_with(":not(.mine) .translation", "afternoon"), 15)
    await anna.page.reload()
    await anna.page.click("#return-button:enabled")
    await anna.until("dragoman.call?.state.media === 'connected'")
    await anna.until(line_with(":not(.mine) .translation", "afternoon"))  # the server resends what was said


async def test_push_to_talk_ends_the_utterance_at_once(browsers: Browsers, server_url: str, tmp_path: Path) -> None:
    """The button is let go between two sentences: the first is interpreted without waiting, the second not heard."""
    first, second = "Where is the train station?", "I need a doctor, please."
    voice = speech_file(tmp_path / "voice.wav", "en-us", *[4.0, first, 0.7, second] * 4)
    anna = await browsers.tab(microphone=voice)
    luis = await browsers.tab(microphone=speech_file(tmp_path / "silence.wav", "en-us", 60.0))
    await anna.page.add_init_script(
        """
        const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wanted) => {
            const stream = await open(wanted);
            const context = new AudioContext();
            const analyser = new AnalyserNode(context, { fftSize: 512 });
            context.createMediaStreamSource(stream.clone()).connect(analyser); // hears what a muted track does not
            const samples = new Float32Array(512);
            globalThis.quietSince = performance.now();
            setInterval(() => {
                analyser.getFloatTimeDomainData(samples);
                if (Math.max(...samples) > 0.01) quietSince = performance.now();
            }, 10);
            return stream;
        };
        globalThis.quietFor = (ms) => new Promise((resolve) => {
            const timer = setInterval(() => {
                if (performance.now() - quietSince < ms) return;
                clearInterval(timer);
                resolve();
            }, 10);
        });
        """
    )
    await make_call(anna, luis, server_url)
    await anna.page.check("#push-to-talk")
    await anna.page.evaluate(
        """() => {
            globalThis.ends = [];
            dragoman.call.addEventListener("subtitle", ({ detail }) => {
                if (detail.type === "utterance_end") ends.push(detail);
            });
        }"""
    )
    box = await anna.page.locator("#talk").bounding_box()
    assert box is not None
    await anna.page.mouse.move(box["x"] + 5, box["y"] + 5)
    await anna.page.evaluate("quietFor(1500)")
    await anna.page.mouse.down()
    assert await anna.page.inner_text("#talk") == "Talking…"
    await anna.until("performance.now() - quietSince < 50")
    await anna.page.evaluate("quietFor(150)")
    await anna.page.mouse.up()
    await anna.until("ends.length >= 1")
    end = await anna.page.evaluate("ends[0]")
    assert end["outcome"] == "spoken"
    assert end["latency"]["endpointMs"] < 450, "150 ms of quiet, the finger and the tail: no pause was waited for"
    await luis.until(line_with(":not(.mine) .translation", "tren"))
    await anna.page.wait_for_timeout(4000)  # the second sentence was said to a microphone that is off
    assert await luis.page.locator("#subtitles li").count() == 1


async def test_a_wrong_code_is_told_by_the_server(browsers: Browsers, server_url: str) -> None:
    tab = await browsers.tab()
    await tab.open(f"{server_url}/#000000")
    await tab.page.click("#join-button")
    await tab.until("!document.getElementById('start-problem').hidden")
    assert "No call has this code" in await tab.page.inner_text("#start-problem")
    assert await tab.page.is_enabled("#join-button")
