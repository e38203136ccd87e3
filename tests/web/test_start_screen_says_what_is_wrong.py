"""Every obstacle before a call is told in words that say what to do. The API is played by the test."""

import json
from typing import Any

import pytest
from chromium import Browsers, Tab
from playwright.async_api import Route

pytestmark = pytest.mark.browser

LANGUAGES = {
    "languages": [
        {"tag": "en", "name": "English", "hear": True, "speak": True},
        {"tag": "es", "name": "Español", "hear": True, "speak": True},
        {"tag": "fr", "name": "Français", "hear": False, "speak": True},
        {"tag": "pt-BR", "name": "pt-BR", "hear": True, "speak": False},
        {"tag": "xx", "name": "xx", "hear": False, "speak": True},  # in no pair: of no use in a call
    ],
    "pairs": [["en", "es"], ["es", "en"], ["en", "fr"]],
}
GUEST = {"userId": "u", "token": "t", "expiresIn": 900}


def refusal(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "told to developers"}}


async def play_api(tab: Tab, answers: dict[str, tuple[int, dict[str, Any], dict[str, str]]]) -> None:
    """Answer `/api/v1` of this page: path → status, body, headers; guests and languages always succeed."""
    known = {"/languages": (200, LANGUAGES, {}), "/auth/guest": (201, GUEST, {}), **answers}

    async def answer(route: Route) -> None:
        status, body, headers = known[route.request.url.partition("/api/v1")[2]]
        headers = {"Content-Type": "application/json", **headers}
        await route.fulfill(status=status, headers=headers, body=json.dumps(body))

    await tab.page.route("**/api/v1/**", answer)


async def problem(tab: Tab) -> str:
    await tab.until("!document.getElementById('start-problem').hidden")
    return await tab.page.inner_text("#start-problem")


@pytest.mark.parametrize(
    ("status", "code", "headers", "told"),
    [
        (404, "session_not_found", {}, "Check the six digits"),
        (409, "session_full", {}, "Two people are already in this call"),
        (409, "own_session", {}, "This is your own call"),
        (410, "session_ended", {}, "already over"),
        (422, "unsupported_language", {}, "Choose another one"),
        (429, "rate_limited", {"Retry-After": "42"}, "Try again in 42 s"),
        (500, "internal", {}, "The server made a mistake"),
    ],
)
async def test_a_refused_code(
    browsers: Browsers, site_url: str, status: int, code: str, headers: dict[str, str], told: str
) -> None:
    tab = await browsers.tab()
    await play_api(tab, {"/sessions/join": (status, refusal(code), headers)})
    await tab.open(f"{site_url}/#123456")
    assert await tab.page.input_value("#code") == "123456", "the link's fragment fills the code in"
    await tab.page.click("#join-button")
    assert told in await problem(tab)
    assert await tab.page.is_enabled("#join-button"), "one may try again"


async def test_a_full_server(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await play_api(tab, {"/sessions/create": (503, refusal("at_capacity"), {})})
    await tab.open(site_url)
    await tab.page.click("#create-button")
    assert "The server is full" in await problem(tab)


async def test_a_refused_microphone(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab("--use-fake-device-for-media-stream", fake=False)  # and nobody who allows it
    await play_api(tab, {})
    await tab.open(site_url)
    await tab.page.click("#create-button")
    assert "Allow it for this page" in await problem(tab)


@pytest.mark.parametrize(("name", "told"), [("NotFoundError", "Plug one in"), ("NotReadableError", "in use")])
async def test_a_microphone_that_is_not_there(browsers: Browsers, site_url: str, name: str, told: str) -> None:
    tab = await browsers.tab()
    # Chromium's fake devices always exist, and a test machine may have real ones: only the answer is played.
    refuse = f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{name}'); }}"
    await tab.page.add_init_script(refuse)
    await play_api(tab, {})
    await tab.open(site_url)
    await tab.page.click("#create-button")
    assert told in await problem(tab)


async def test_an_insecure_origin(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab("--host-resolver-rules=MAP insecure.example 127.0.0.1")
    await play_api(tab, {})
    await tab.page.goto(site_url.replace("127.0.0.1", "insecure.example"))
    assert "https://" in await problem(tab)
    assert await tab.page.is_disabled("#create-button")


async def test_no_answer_heals_by_itself(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await tab.page.goto(site_url)  # which knows no /api/v1
    assert await problem(tab)
    assert await tab.page.is_disabled("#create-button")
    await play_api(tab, {})
    await tab.until("!document.getElementById('create-button').disabled")
    assert await tab.page.is_hidden("#start-problem")


async def test_codes_as_people_paste_them(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await play_api(tab, {})
    await tab.open(site_url)
    for pasted, code in [("123 456", "123456"), (f"{site_url}/#654321", "654321"), ("12a", "12")]:
        await tab.page.fill("#code", pasted)
        assert await tab.page.input_value("#code") == code
    await tab.page.press("#code", "Enter")
    assert "six digits" in await problem(tab)
    assert not tab.complaints


async def test_language_of_the_browser_is_chosen(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab(locale="es-MX")
    await play_api(tab, {})
    await tab.open(site_url)
    assert await tab.page.input_value("#language") == "es"
    options = await tab.page.locator("#language option").all_inner_texts()
    assert options[:2] == ["English", "Español"]
    assert options[2] == "Français (typed, not spoken)"
    assert options[3].startswith("português")
    assert len(options) == 4
