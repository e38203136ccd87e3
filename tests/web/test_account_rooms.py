"""The account's rooms in Chromium, with the server played: words, tokens, links, consent, keyboard, axe."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, Request

from tests.kit.axe import violations
from tests.kit.chromium import Browsers, Tab, watched
from tests.kit.page_accounts import TOKENS, account_answers
from tests.kit.page_with_fake_server import PLAYED, Answers, let_in, meet, play_api, refusal
from tests.web.test_accessibility import press

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

SUBMIT = "#account form button[type=submit]"
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('dragoman.account'))"
SOMEBODY = """
    localStorage.setItem("dragoman.account /", JSON.stringify(
        { refreshToken: "refresh-0", until: 0, name: "Anna", language: "en" }));
"""


async def opened(browsers: Browsers, url: str, answers: Answers, *, script: str = "", **context: Any) -> Tab:
    """Return a tab with the page, its API played by `answers`."""
    tab = await browsers.tab(**context)
    await tab.page.add_init_script(PLAYED + script)
    await play_api(tab, answers)
    await tab.open(url)
    return tab


def requests(page: Page | BrowserContext) -> Callable[[], list[str]]:
    """Return a function that lists the API's requests of a page so far: method and path."""
    seen: list[str] = []

    def note(request: Request) -> None:
        method, _, path = request.method, *request.url.partition("/api/v1")[1:]
        if path:
            seen.append(f"{method} {path}")

    page.on("request", note)
    return lambda: list(seen)


async def sign_in(tab: Tab) -> None:
    await tab.page.click("#account-button")
    await tab.page.fill("#account-email", "anna@example.org")
    await tab.page.fill("#account-password", "four words of mine")
    await tab.page.click(SUBMIT)


async def told(tab: Tab, words: str, where: str = "#account") -> None:
    """Wait until `where` shows the words."""
    await tab.until(f"document.querySelector('{where}').textContent.includes({json.dumps(words)})")


async def into_a_call(tab: Tab) -> None:
    await tab.page.click("#create-button")
    await tab.until("stage.sent.some(({ type }) => type === 'join_session')")
    await let_in(tab)
    await meet(tab)


async def history(tab: Tab, *consents: str, on: bool = False, **more: Any) -> None:
    message = {"type": "history", "on": on, "consents": list(consents), **more}
    await tab.page.evaluate("message => stage.tell(message)", message)


SCHEMES = [("light", "en-US", 1280), ("dark", "ar", 390)]


@pytest.mark.parametrize(("scheme", "locale", "width"), SCHEMES, ids=["light, wide", "dark, Arabic, phone"])
async def test_no_room_has_a_violation(browsers: Browsers, site_url: str, scheme: str, locale: str, width: int) -> None:
    look = {"color_scheme": scheme, "locale": locale, "viewport": {"width": width, "height": 844}}
    tab = await opened(browsers, site_url, account_answers(), reduced_motion="reduce", **look)
    found = {}

    async def check(room: str) -> None:
        if objections := await violations(tab):
            found[room] = objections
        wide = await tab.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{room} is {wide} px wide"

    await tab.page.click("#account-button")
    await tab.page.click(SUBMIT)
    await check("sign in, with nothing typed")
    await tab.page.click("#account .link:last-of-type")
    await tab.page.wait_for_selector("#account-username")
    await check("sign up")
    await tab.page.fill("#account-username", "Anna")
    await tab.page.fill("#account-email", "anna@example.org")
    await tab.page.fill("#account-password", "four words of mine")
    await tab.page.click(SUBMIT)
    await tab.page.wait_for_selector("#account-old")
    await check("profile")
    await tab.page.click("#account nav button")
    await tab.page.click(".past-call")
    await tab.page.wait_for_selector(".both")
    await check("a past call")
    assert await tab.page.get_attribute("html", "dir") == ("rtl" if locale == "ar" else "ltr")
    await tab.page.click("#account header button")
    await tab.page.wait_for_selector(".past-call")
    await check("my calls")
    await tab.page.click("#account header button")
    await check("the start of somebody signed in")
    await into_a_call(tab)
    await history(tab, "me", "them", on=True)
    await tab.page.wait_for_selector("#kept:visible")
    if await tab.page.is_visible("#panel-button"):
        await tab.page.click("#panel-button")
    await check("a call that is kept")
    assert not found
    assert not tab.complaints


async def test_a_server_without_accounts_shows_nothing_of_them(browsers: Browsers, site_url: str) -> None:
    nothing = {"accounts": False, "providers": [], "mail": False, "history": False}
    answers: Answers = {"/auth/providers": (200, nothing, {})}
    tab = await opened(browsers, f"{site_url}/#reset=x", answers, script=SOMEBODY)
    seen = requests(tab.page)
    await into_a_call(tab)
    assert [one for one in seen() if "voices" not in one] == ["POST /auth/guest", "POST /sessions/create"]
    for what in ("#account-button", "#account", "#history", "#kept"):
        assert await tab.page.is_hidden(what), what
    assert not tab.complaints


async def test_a_guest_loads_nothing_of_an_account_and_waits_for_nothing(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    loaded: list[str] = []
    tab.page.on("request", lambda request: loaded.append(request.url))
    await tab.page.add_init_script(PLAYED)
    await play_api(tab, account_answers())
    await tab.open(f"{site_url}/#427193")
    await tab.page.wait_for_selector("#account-button:visible")
    assert await tab.page.input_value("#code") == "427193"
    await tab.page.click("#join-button")
    await tab.until("stage.sent.some(({ type }) => type === 'join_session')")
    assert not [url for url in loaded if "accounts" in url or "signed-in" in url]
    assert [re.sub(".*/api/v1", "", url) for url in loaded if "/auth/" in url] == ["/auth/providers", "/auth/guest"]


REFUSALS = [
    (401, "unauthorized", {}, "do not belong together"),
    (423, "locked", {"Retry-After": "900"}, "Possible again in 15:00"),
    (429, "rate_limited", {"Retry-After": "30"}, "Possible again in 0:30"),
    (503, "at_capacity", {}, "The server is full"),
]


async def test_refusals_are_told_in_words_beside_their_field(browsers: Browsers, site_url: str) -> None:
    answers = account_answers()
    tab = await opened(browsers, site_url, answers)
    await tab.page.click("#account-button")
    await tab.page.fill("#account-email", "not an address")
    await tab.page.click(SUBMIT)
    await told(tab, "does not look right")
    for status, code, headers, words in REFUSALS:
        answers["/auth/login"] = (status, refusal(code), headers)
        await tab.page.fill("#account-email", "anna@example.org")
        await tab.page.fill("#account-password", "four words of mine")
        await tab.page.click(SUBMIT)
        await told(tab, words)
    await tab.page.click("#account .link:last-of-type")
    await tab.page.wait_for_selector("#account-username")
    fields = [
        (409, "already_taken", "email", "with this address already"),
        (400, "bad_request", "password", "too short, too long"),
    ]
    for status, code, field, words in fields:
        error = refusal(code)
        error["error"]["details"] = {"field": field}
        answers["/auth/register"] = (status, error, {})
        await tab.page.fill("#account-username", "Anna")
        await tab.page.fill("#account-email", "anna@example.org")
        await tab.page.fill("#account-password", "password")
        await tab.page.click(SUBMIT)
        await told(tab, words)
        assert await tab.page.get_attribute(f"#account-{field}", "aria-invalid") == "true"
        assert await tab.page.evaluate("document.activeElement.id") == f"account-{field}"


async def test_what_is_kept_of_a_sign_in(browsers: Browsers, site_url: str) -> None:
    """Only the refresh token is kept; the next visit begins with it; signing out ends it in all tabs."""
    answers = account_answers()
    tab = await opened(browsers, site_url, answers)
    await sign_in(tab)
    await tab.page.wait_for_selector(".past-call")
    assert "Luis <b>" in await tab.page.inner_text(".past-call")
    kept = await tab.page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }]) + document.cookie")
    assert "refresh-1" in kept
    assert "access" not in kept
    assert "four words" not in kept

    other = watched(await tab.page.context.new_page())
    await other.page.add_init_script(PLAYED)
    await play_api(other, answers)
    seen = requests(other.page)
    await other.open(site_url)
    await other.until("document.getElementById('account-button').textContent.trim() === 'Anna'")
    assert await other.page.is_hidden("#name"), "the account has a name"
    await other.page.click("#account-button")
    await other.page.wait_for_selector(".past-call")
    assert "POST /auth/refresh" not in seen(), "the first tab has told its access token"

    await tab.page.click("#account nav button:last-child")
    await tab.page.wait_for_selector("#start:visible")
    await other.page.wait_for_selector("#account-email")
    assert await tab.page.evaluate(KEPT) == []
    assert await tab.page.inner_text("#account-button span") == "Sign in"
    assert await tab.page.is_visible("#name")


RENEWED = """async () => {
    const [{ SignedIn }, { AccountsApi }, { Api }] = await Promise.all(
        ["browser/signed-in.js", "protocol/accounts-api.js", "protocol/api.js"].map((path) => import(`/${path}`)));
    globalThis.me ??= new SignedIn(new AccountsApi(new Api({ origin: location.origin })));
    return Promise.all([me.token(), me.token()]);
}"""


async def test_several_tabs_refresh_once(browsers: Browsers, site_url: str) -> None:
    first = await browsers.tab()
    tabs = [first, watched(await first.page.context.new_page()), watched(await first.page.context.new_page())]
    seen = requests(first.page.context)
    for tab in tabs:
        await play_api(tab, account_answers())
        await tab.page.goto(f"{site_url}/icon.svg")
    await first.page.evaluate(SOMEBODY)
    got = [await tab.page.evaluate_handle(f"({{ done: ({RENEWED})() }})") for tab in tabs]
    tokens = [await one.evaluate("({ done }) => done") for one in got]
    assert tokens == [["access-2", "access-2"]] * 3
    assert seen().count("POST /auth/refresh") == 1
    assert json.loads(await tabs[2].page.evaluate("localStorage['dragoman.account /']"))["refreshToken"] == "refresh-2"


async def test_a_refused_refresh_signs_out_with_words(browsers: Browsers, site_url: str) -> None:
    answers = account_answers()
    answers["/auth/refresh"] = (401, refusal("unauthorized"), {})
    tab = await opened(browsers, site_url, answers, script=SOMEBODY)
    await tab.until("document.getElementById('account-button').textContent.trim() === 'Anna'")
    await tab.page.click("#create-button")
    await told(tab, "You have been signed out", "#start-problem")
    assert await tab.page.evaluate(KEPT) == []
    assert await tab.page.inner_text("#account-button span") == "Sign in"
    await tab.page.click("#create-button")  # as a guest
    await tab.until("stage.sent.some(({ type }) => type === 'join_session')")


async def test_a_sign_in_that_ends_while_a_room_is_open_is_explained_there(browsers: Browsers, site_url: str) -> None:
    answers = account_answers()
    tab = await opened(browsers, site_url, answers)
    await sign_in(tab)
    await tab.page.wait_for_selector(".past-call")
    for path in ("/auth/refresh", "/users/me"):  # a new password elsewhere kills both tokens
        answers[path] = (401, refusal("unauthorized"), {})
    await tab.page.click("#account nav button:nth-child(2)")
    await told(tab, "You have been signed out")
    await tab.page.wait_for_selector("#account-email")
    assert await tab.page.evaluate(KEPT) == []


async def test_a_server_away_signs_nobody_out(browsers: Browsers, site_url: str) -> None:
    answers = account_answers()
    answers["/auth/refresh"] = (503, refusal("at_capacity"), {})
    tab = await opened(browsers, site_url, answers, script=SOMEBODY)
    await tab.page.click("#account-button")
    await told(tab, "The server is full")
    assert len(await tab.page.evaluate(KEPT)) == 1
    answers["/auth/refresh"] = (200, TOKENS, {})
    await tab.page.click("#account nav button")
    await tab.page.wait_for_selector(".past-call")


async def test_a_code_of_a_provider_is_exchanged_once(browsers: Browsers, site_url: str) -> None:
    answers = account_answers()
    tab = await browsers.tab()
    seen = requests(tab.page)
    await tab.page.add_init_script(PLAYED)
    await play_api(tab, answers)
    await tab.page.goto(f"{site_url}/#427193")
    await tab.until("!document.getElementById('create-button').disabled")
    await tab.page.route("**/auth/oidc/house", lambda route: route.fulfill(body="elsewhere"))
    await tab.page.click("#account-button")
    await tab.page.click("text=Our <house>")
    await tab.page.wait_for_url("**/auth/oidc/house")
    await tab.page.goto(f"{site_url}/#signin=ey.a-b_c")
    await tab.until("document.getElementById('account-button')?.textContent.trim() === 'Anna'")
    await tab.page.wait_for_selector("#start:visible")
    assert await tab.page.evaluate("location.hash") == ""
    assert await tab.page.input_value("#code") == "427193", "the call that they were invited to"
    await tab.page.reload()
    await tab.until("document.getElementById('account-button')?.textContent.trim() === 'Anna'")
    assert seen().count("POST /auth/oidc/exchange") == 1
    await tab.page.evaluate("location.hash = '#refused=already_taken'")
    await told(tab, "Sign in with its password")


async def test_links_of_letters(browsers: Browsers, site_url: str) -> None:
    answers = account_answers()
    tab = await opened(browsers, f"{site_url}/#verify=a.b.c", answers)
    await tab.page.wait_for_selector("#account-password")
    followed = requests(tab.page)
    assert followed() == [], "a program that checks e-mails opens the link, too"
    await tab.page.fill("#account-password", "four words of mine")
    await tab.page.click("#account form:not([hidden]) [type=submit]")
    await told(tab, "Your e-mail address is confirmed.")
    assert followed() == ["POST /auth/verify"]
    answers["/auth/verify"] = (403, refusal("forbidden") | {}, {})
    answers["/auth/verify"][1]["error"]["details"] = {"field": "password"}
    await tab.page.evaluate("location.hash = '#verify=x.y.z'")
    await tab.page.fill("#account-password", "four words of mine")
    await tab.page.click("#account form:not([hidden]) [type=submit]")
    await told(tab, "This password is wrong.")
    answers["/auth/verify"] = (400, refusal("bad_request") | {}, {})
    answers["/auth/verify"][1]["error"]["details"] = {"field": "token"}
    await tab.page.click("#account form:not([hidden]) [type=submit]")
    await told(tab, "is too old")
    await tab.page.evaluate("location.hash = '#reset=a.b.c'")
    await tab.page.fill("#account-password", "four words of mine")
    seen = requests(tab.page)
    await tab.page.click(SUBMIT)
    await told(tab, "The new password holds.")
    assert seen() == ["POST /auth/reset"]
    await tab.page.click("text=Forgotten password")
    await tab.page.fill("#account-email", "nobody@example.org")
    await tab.page.click(SUBMIT)
    await told(tab, "If there is an account with this address")
    await tab.page.go_back()
    await tab.page.wait_for_selector("#account-password")
    await tab.page.go_back()
    await tab.until("document.getElementById('account').hidden || !document.querySelector('#account-password')")


async def test_who_is_signed_in_confirms_the_address_by_a_button(browsers: Browsers, site_url: str) -> None:
    answers = account_answers()
    tab = await opened(browsers, f"{site_url}/#verify=a.b.c", answers, script=SOMEBODY)
    await tab.page.click("#account form:not([hidden]) [type=submit]")
    await told(tab, "Your e-mail address is confirmed.")
    answers["/auth/verify"] = (403, refusal("forbidden") | {}, {})
    await tab.page.evaluate("location.hash = '#verify=of.another.account'")
    await tab.page.click("#account form:not([hidden]) [type=submit]")
    await tab.page.wait_for_selector("#account-password:visible")


async def test_data_is_saved_before_an_account_is_deleted(browsers: Browsers, site_url: str) -> None:
    answers = account_answers()
    tab = await opened(browsers, site_url, answers)
    await sign_in(tab)
    await tab.page.wait_for_selector(".past-call")
    await tab.page.click("#account nav button:nth-child(2)")
    await tab.page.fill("#account-password", "four words of mine")
    danger = "#account .danger"
    await tab.page.click(danger)
    await told(tab, "Please fill this in.")
    await tab.page.check("#account-sure")
    await tab.page.check("#account-first")
    answers["/users/me/export"] = (503, refusal("at_capacity"), {})
    seen = requests(tab.page)
    await tab.page.click(danger)
    await told(tab, "The server is full")
    assert seen() == ["GET /users/me/export"], "what can't be saved is not deleted"
    answers["/users/me/export"] = (200, {"zip": 1}, {})
    async with tab.page.expect_download() as saved:
        await tab.page.click(danger)
    assert (await saved.value).suggested_filename == "dragoman-account.zip"
    await told(tab, "Your account is deleted.")
    assert seen()[1:] == ["GET /users/me/export", "DELETE /users/me"]
    assert await tab.page.evaluate(KEPT) == []


async def test_both_sides_of_a_consent_are_shown(browsers: Browsers, site_url: str) -> None:
    tab = await opened(browsers, site_url, account_answers())
    await into_a_call(tab)
    state = "#keep-state"
    assert await tab.page.inner_text(state) == "Nothing is kept."
    await history(tab, "them")
    await told(tab, "Luis agrees, you do not", state)
    await told(tab, "Luis would like", "#notice")
    assert await tab.page.is_hidden("#kept")
    await tab.page.check("#keep")
    await tab.until("stage.sent.some(({ type, on }) => type === 'set_history' && on === true)")
    await history(tab, "me", "them", on=True)
    await told(tab, "from now on", "#notice")
    assert await tab.page.is_visible("#kept")
    await history(tab, "me", "them", reason="unavailable")
    await told(tab, "will be missing", state)
    assert await tab.page.is_hidden("#kept")
    await history(tab, "me", "them", on=True)
    await history(tab, "me")
    await told(tab, "Luis no longer agrees", "#notice")
    await told(tab, "You agree, Luis does not", state)
    await tab.page.uncheck("#keep")
    await tab.until("stage.sent.some(({ type, on }) => type === 'set_history' && on === false)")
    await history(tab)
    await told(tab, "what you said is deleted", "#notice")
    await tab.page.evaluate("stage.sockets.at(-1).onclose({ code: 1006, reason: '' })")
    await tab.until("document.getElementById('connection-state').dataset.state === 'lost'")
    await tab.page.click("#keep")
    await told(tab, "the connection is down", "#notice")
    assert not await tab.page.is_checked("#keep")


async def test_without_a_mouse(browsers: Browsers, site_url: str) -> None:
    tab = await opened(browsers, site_url, account_answers())
    await press(tab, "account-button")
    await press(tab, "account-email", "a")
    await tab.page.keyboard.type("nna@example.org")
    await press(tab, "account-password", "x")
    await tab.page.keyboard.type(" four words")
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_selector(".past-call")
    assert await tab.page.evaluate("document.activeElement.id") == "account-title", "a screen reader is told where"
    for _ in range(12):
        await tab.page.keyboard.press("Tab")
        if await tab.page.evaluate("document.activeElement.className") == "past-call":
            break
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_selector(".both")
    assert await tab.page.inner_text(".both tbody tr:first-child td:nth-child(2)") == "Good evening."
