"""JSON of an answer that holds a page of a list, encoded item by item on a thread.

The encoder holds Python's lock until it is done: a thousand items in one go would keep frames waiting.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from accounts.history.slices import in_slices


def page_json(name: str, items: Iterable[object], others: Mapping[str, object]) -> str:
    """Return an object with the list as its member `name`, and with `others`. For a thread."""
    listed = ",".join(json.dumps(one, separators=(",", ":")) for one in in_slices(items))
    rest = json.dumps({**others}, separators=(",", ":")).removeprefix("{")
    return f"{{{json.dumps(name)}:[{listed}]{',' if others else ''}{rest}"
