"""Axe-core in a page of the tests: rules of accessibility that a program can see."""

from __future__ import annotations

from importlib.resources import files

from tests.kit.chromium import Tab

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()


async def violations(tab: Tab) -> list[str]:
    """Return what axe-core objects to on what is shown now."""
    if not await tab.page.evaluate("'axe' in globalThis"):
        await tab.page.evaluate(AXE)
    found = await tab.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}" for one in found["violations"]]
