"""Two people meet in a call on the real server, and what each reads there."""

import re
import unicodedata

from tests.kit.chromium import Tab

IN_CALL = "dragoman.call?.state.media === 'connected' && dragoman.call.state.partner?.connected"
SPOKEN = "dragoman.state.conversation.utterances.filter((one) => [...one.outcomes.values()].includes('spoken'))"


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
        await tab.until(IN_CALL)


def line_with(selector: str, word: str) -> str:
    """Return a JavaScript expression: whether a subtitle line shows the word."""
    return (
        f"[...document.querySelectorAll('#subtitles {selector}')].some((line) => line.textContent.includes('{word}'))"
    )


async def say(tab: Tab, text: str) -> None:
    """Type a text into the call."""
    await tab.page.fill("#say", text)
    await tab.page.press("#say", "Enter")
