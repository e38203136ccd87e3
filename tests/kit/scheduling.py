"""Runs tests that share a recorded call in one process: each process would otherwise hold the call anew."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

TOGETHER = ("tests/independent/",)
"""Folders whose files share what takes long to make."""


class SceneScheduling(LoadFileScheduling):
    """One file is run by one process, and so are the files of some folders."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), super()._split_scope(nodeid))
