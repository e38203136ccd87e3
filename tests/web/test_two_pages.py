"""A whole call in two Chromium processes: made and joined by the code, each hears and reads the other interpreted."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.kit.chromium import Browsers, Recognise, Recording, Tab, speech_file
from tests.kit.page_meeting import SPOKEN, line_with, make_call, say, words

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side, pytest.mark.takes_long]

# The fake microphones start when their pages open them; nothing is recognised before both are in the call. Each
# sentence comes twice, so that a slow machine that misses the first still has the second.
ENGLISH = (7.0, "Where is the train station?", 14.0, "Where is the train station?", 30.0)
SPANISH = (13.0, "Necesito un médico, por favor.", 14.0, "Necesito un médico, por favor.", 30.0)


def told(recognise: Recognise, heard: list[np.ndarray], language: str) -> set[str]:
    """Return the words that a recogniser hears in a recording."""
    return words(" ".join(recognise(spurt, language) for spurt in heard))


async def subtitle(tab: Tab, selector: str) -> set[str]:
    return words(" ".join(await tab.page.locator(f"#subtitles {selector}").all_text_contents()))


async def test_two_pages_hear_and_read_each_other_interpreted(
    browsers: Browsers, server_url: str, recognise: Recognise, tmp_path: Path
) -> None:
    anna = await browsers.tab(microphone=speech_file(tmp_path / "anna.wav", "en-us", *ENGLISH))
    luis = await browsers.tab(microphone=speech_file(tmp_path / "luis.wav", "es", *SPANISH), locale="es-ES")
    await luis.page.add_init_script(
        """
        globalThis.reported = [];
        const { send } = RTCDataChannel.prototype;
        RTCDataChannel.prototype.send = function (text) {
            const message = JSON.parse(text);
            if (message.type === "client_stats") reported.push(message);
            return send.call(this, text);
        };
        """
    )
    await make_call(anna, luis, server_url)
    assert await anna.page.inner_text("#partner .name") == "Luis"
    assert await anna.page.inner_text("#partner-state") == "Español"
    assert await anna.page.is_hidden("#invite"), "nobody else can use the code"

    recordings = {(tab, voice): Recording(tab, voice) for tab in (anna, luis) for voice in ("interpreter", "original")}
    for recording in recordings.values():
        await recording.start()
    await luis.page.evaluate(
        """() => {
            globalThis.levels = { open: 0, ducked: 1, told: [] };
            const gain = dragoman.state.mixer.gains.original.gain;
            setInterval(() => {
                levels.open = Math.max(levels.open, gain.value);
                const told = document.getElementById("interpreter-state").textContent;
                if (!levels.told.includes(told)) levels.told.push(told);
                if (dragoman.state.mixer.ducking) levels.ducked = Math.min(levels.ducked, gain.value);
            }, 20);
        }"""
    )

    # subtitles: both directions on both pages
    for tab, mine, theirs in ((anna, ".mine", ":not(.mine)"), (luis, ":not(.mine)", ".mine")):
        await tab.until(line_with(f"{mine} .translation", "tren"))
        await tab.until(line_with(f"{theirs} .translation", "doctor"))
        assert {"train", "station"} <= await subtitle(tab, f"{mine} .original")
        assert {"estacion", "tren"} <= await subtitle(tab, f"{mine} .translation")
        assert "medico" in await subtitle(tab, f"{theirs} .original")
        assert "doctor" in await subtitle(tab, f"{theirs} .translation")
        await tab.until(f"{SPOKEN}.length >= 2")
        await tab.until("!dragoman.state.mixer.ducking")

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

    # the interpreter is seen to speak, and how far behind; where the time went; what was measured in the ear
    assert any(re.fullmatch(r"le habla a usted · \d+,\d s después", told) for told in levels["told"]), levels
    stages = await luis.page.locator("#waterfall .newest .what").all_text_contents()
    assert {"Notar el final", "Reconocer", "Traducir", "Dar voz", "Red"} <= set(stages)
    await luis.until("reported.some(({ heardLatencyMs }) => heardLatencyMs > 0)", 10)
    report = await luis.page.evaluate("reported.find(({ heardLatencyMs }) => heardLatencyMs > 0)")
    assert {"rttMs", "jitterMs", "packetsLost", "concealedMs", "playoutDelayMs"} <= report.keys()
    told_by_server = await luis.page.evaluate(f"{SPOKEN}[0].firstAudioMs")
    assert abs(report["heardLatencyMs"] - told_by_server) < 1000, (report, told_by_server)

    await anna.page.click("#hang-up")
    for tab, reason, spoken in (
        (anna, "You left", "Interpreted aloud"),
        (luis, "La otra persona dejó", "Interpretadas en voz alta"),
    ):
        await tab.page.wait_for_selector("#ended:visible")
        assert reason in await tab.page.inner_text("#ended-reason")
        assert spoken in await tab.page.inner_text("#summary")
        assert await tab.page.locator("#transcript-lines li").count() >= 2
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
    await say(anna, "I need a doctor, please.")
    await luis.until(line_with(":not(.mine) .translation", "médico"))
    await luis.until(f"{SPOKEN}.length >= 1")
    await luis.until("!dragoman.state.mixer.ducking")
    assert "medico" in told(recognise, await interpreter.heard(), "es")

    await luis.page.select_option("#call-language", "en")
    await anna.until("dragoman.call.state.partner.language === 'en'")
    for tab in (anna, luis):
        await tab.page.wait_for_selector("#notice:visible")
        assert "Nothing is interpreted" in await tab.page.inner_text("#notice")
    # the same language: the original is the call now, whatever the balance says
    await luis.page.fill("#balance", "100")
    await luis.until("dragoman.state.mixer.gains.original.gain.value > 0.95")
    await say(anna, "Good afternoon.")
    await luis.until(line_with(":not(.mine) .original", "afternoon"))
    await luis.page.select_option("#call-language", "es")
    await anna.until("dragoman.call.state.partner.language === 'es'")
    await say(anna, "Where is the train station?")
    await luis.until(line_with(":not(.mine) .translation", "tren"))


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
    await anna.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
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
