"""Limit and offset of a request for a page of a list."""

from __future__ import annotations

from aiohttp import web

from signaling.refusal import Code, Refusal

LONGEST_PAGE = 1000
USUAL_PAGE = 100
FURTHEST = 10**9
LONGEST_QUERY = 200
"""Characters of a search."""


def page_of(request: web.Request) -> tuple[int, int]:
    """Return (limit, offset) of the query. Raises Refusal `bad_request`."""
    return _number(request, "limit", USUAL_PAGE, 1, LONGEST_PAGE), _number(request, "offset", 0, 0, FURTHEST)


def _number(request: web.Request, field: str, usual: int, least: int, most: int) -> int:
    text = request.query.get(field)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):
        raise Refusal(Code.BAD_REQUEST, f"{field} must be a number of {least} to {most}", {"field": field})
    return int(text)
