"""Every obstacle before a call is told in words that say what to do. The API is played by the test."""

from typing import Any

import pytest

from tests.kit.chromium import EXECUTABLE, Browsers, Tab
from tests.kit.page_with_fake_server import PLAYED, play_api, refusal

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


async def problem(tab: Tab) -> str:
    await tab.until("!document.getElementById('start-problem').hidden")
    return await tab.page.inner_text("#start-problem")


REFUSED: list[tuple[int, str, dict[str, str], str]] = [
    (404, "session_not_found", {}, "Check the digits"),
    (409, "session_full", {}, "Two people are already in this call"),
    (409, "own_session", {}, "This is your own call"),
    (410, "session_ended", {}, "already over"),
    (422, "unsupported_language", {}, "Choose another one"),
    (429, "rate_limited", {"Retry-After": "42"}, "Possible again in 0:42"),
    (403, "not_admitted", {}, "did not let you in"),
    (401, "unauthorized", {}, "Start again"),
    (422, "unsupported_pair", {}, "Choose another one, or agree on one language"),
    (500, "internal", {}, "The server made a mistake"),
]


async def test_a_refused_code(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    answers: dict[str, Any] = {}
    await play_api(tab, answers)
    await tab.open(f"{site_url}/#123456")
    assert await tab.page.input_value("#code") == "123456", "the link's fragment fills the code in"
    for status, code, headers, told in REFUSED:
        answers["/sessions/join"] = (status, refusal(code), headers)
        await tab.page.click("#join-button")
        await tab.until(f"document.getElementById('start-problem').dataset.code === '{code}'")
        assert told in await problem(tab)
        await tab.until("!document.getElementById('join-button').disabled")  # one may try again


async def test_a_full_server(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await play_api(tab, {"/sessions/create": (503, refusal("at_capacity"), {})})
    await tab.open(site_url)
    await tab.page.click("#create-button")
    assert "The server is full" in await problem(tab)


async def test_a_server_that_does_not_answer_in_the_middle(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await play_api(tab)
    await tab.open(site_url)
    await tab.page.route("**/api/v1/sessions/create", lambda route: route.abort())
    await tab.page.click("#create-button")
    assert "The server does not answer" in await problem(tab)


async def test_a_server_without_its_engines(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await play_api(tab, languages={"languages": [], "pairs": []})
    await tab.page.goto(site_url)
    assert "may still be starting" in await problem(tab)


async def test_no_network(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await play_api(tab)
    await tab.open(site_url)
    await tab.page.context.set_offline(True)
    await tab.page.route("**/api/v1/sessions/create", lambda route: route.abort())
    await tab.page.click("#create-button")
    assert "You are offline" in await problem(tab)


async def test_a_browser_without_webrtc(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await tab.page.add_init_script("delete window.RTCPeerConnection")
    await tab.page.goto(site_url)
    assert "Use a current Firefox" in await problem(tab)


async def test_somebody_else_has_to_let_one_in(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await tab.page.add_init_script(PLAYED)
    await play_api(tab)
    await tab.open(f"{site_url}/#123456")
    await tab.page.click("#join-button")
    await tab.page.wait_for_selector("#waiting:visible")
    assert "will answer" in await tab.page.inner_text("#waiting")
    await tab.page.evaluate("stage.tell({ type: 'error', code: 'not_admitted', message: '', fatal: true })")
    await tab.page.evaluate("setTimeout(() => stage.sockets.at(-1).onclose({ code: 4401, reason: '' }), 50)")
    await tab.page.wait_for_selector("#ended:visible")
    assert "did not let you in" in await tab.page.inner_text("#ended-reason")


async def test_the_language_of_the_page_can_be_chosen(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await play_api(tab)
    await tab.open(site_url)
    await tab.page.click("#create-button:enabled", trial=True)
    await tab.page.fill("#code", "12")
    await tab.page.press("#code", "Enter")
    assert "6 to 10 digits" in await problem(tab)
    await tab.page.select_option("#locale", "ar")
    await tab.until("document.documentElement.dir === 'rtl'")
    assert "الرمز من 6 إلى 10 أرقام" in await problem(tab)
    await tab.page.reload()
    await tab.until("document.documentElement.lang === 'ar'")


async def test_a_refused_microphone(browsers: Browsers, site_url: str) -> None:
    # The fake device, and nobody who allows it: without a window nobody is asked.
    tab = await browsers.tab("--use-fake-device-for-media-stream", fake=False, executable=EXECUTABLE)
    await play_api(tab)
    await tab.open(site_url)
    await tab.page.click("#create-button")
    assert "Allow it for this page" in await problem(tab)


@pytest.mark.parametrize(("name", "told"), [("NotFoundError", "Plug one in"), ("NotReadableError", "in use")])
async def test_a_microphone_that_is_not_there(browsers: Browsers, site_url: str, name: str, told: str) -> None:
    tab = await browsers.tab()
    # Chromium's fake devices always exist, and a test machine may have real ones: only the answer is played.
    refuse = f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{name}'); }}"
    await tab.page.add_init_script(refuse)
    await play_api(tab)
    await tab.open(site_url)
    await tab.page.click("#create-button")
    assert told in await problem(tab)


async def test_an_insecure_origin(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab("--host-resolver-rules=MAP insecure.example 127.0.0.1")
    await play_api(tab)
    await tab.page.goto(site_url.replace("127.0.0.1", "insecure.example"))
    assert "https://" in await problem(tab)
    assert await tab.page.is_disabled("#create-button")


async def test_no_answer_heals_by_itself(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await tab.page.goto(site_url)  # which knows no /api/v1
    assert await problem(tab)
    assert await tab.page.is_disabled("#create-button")
    await play_api(tab)
    await tab.until("!document.getElementById('create-button').disabled")
    assert await tab.page.is_hidden("#start-problem")


async def test_codes_as_people_paste_them(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await play_api(tab)
    await tab.open(site_url)
    for pasted, code in [
        ("123 456", "123456"),
        (f"{site_url}/#654321", "654321"),
        (f"{site_url}/#6543210987", "6543210987"),
        ("12345-67890-1", "1234567890"),
        ("12a", "12"),
    ]:
        await tab.page.fill("#code", pasted)
        assert await tab.page.input_value("#code") == code
    await tab.page.press("#code", "Enter")
    assert "6 to 10 digits" in await problem(tab)
    assert not tab.complaints


async def test_language_of_the_browser_is_chosen(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab(locale="es-MX")
    await play_api(tab)
    await tab.open(site_url)
    assert await tab.page.input_value("#language") == "es"
    options = await tab.page.locator("#language option").all_inner_texts()
    assert options[:4] == ["العربية", "English", "Español", "Français (por escrito, no se entiende)"]
    assert options[4].startswith("português")
    assert len(options) == 5
    assert "lo entiende y lo habla" in await tab.page.inner_text("#abilities")
    assert "English, العربية" in await tab.page.inner_text("#abilities")
    await tab.page.select_option("#language", "fr")
    assert "no lo entiende" in await tab.page.inner_text("#abilities")
