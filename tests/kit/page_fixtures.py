"""Fixtures of the tests that open the page: its files on a server, Playwright's driver, and browsers."""

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright

from tests.kit.chromium import COMMON, EXECUTABLE, SHELL, Browsers, Running, Tab, running_browsers, watched
from tests.kit.page_server import serving_page


@pytest.fixture(scope="session")
def site_url() -> Iterator[str]:
    """Return where the page's files are served, and nothing else: the API is up to the test."""
    with serving_page() as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """Return Playwright's driver, one for all tests of a folder."""
    async with async_playwright() as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running(playwright: Playwright) -> AsyncIterator[Running]:
    """Return the browsers whose contexts the tests share."""
    started = Running(playwright)
    yield started
    await started.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shell(running: Running) -> Browser:
    """Return Chromium without a window, for tests that open a page of their own for all cases of a file."""
    return await running.browser(SHELL, COMMON)


@pytest_asyncio.fixture(loop_scope="session")
async def browsers(request: pytest.FixtureRequest, running: Running) -> AsyncIterator[Browsers]:
    """Return a starter of pages, which end with the test.

    A test that takes `site_url` plays the server and the peer connection: Chromium without a window serves it, at half
    the price. A test with a server has the browser that people have.
    """
    executable = SHELL if "site_url" in request.fixturenames else EXECUTABLE
    async with running_browsers(running, executable) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def modules(shell: Browser, site_url: str) -> AsyncIterator[Tab]:
    """Return a page in which modules can be imported; they keep nothing between tests."""
    tab = watched(await shell.new_page())
    await tab.page.goto(f"{site_url}/icon.svg")
    yield tab
    await tab.page.close()


async def call(modules: Tab, module: str, name: str, *arguments: Any) -> Any:
    """Return the result of a function of a module of `web/pure/`."""
    run = "async ([module, name, given]) => (await import(module))[name](...given)"
    return await modules.page.evaluate(run, [f"/pure/{module}.js", name, list(arguments)])


def run_in_one_loop(items: Iterable[pytest.Item]) -> None:
    """Let these tests run in one event loop, which is Playwright's."""
    for item in items:
        item.add_marker(pytest.mark.browser)
        if pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
