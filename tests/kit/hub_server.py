"""A hub on loopback, as far as a download needs one: revisions, files, ranges, redirections, hashes, and faults.

Small files are answered where they are asked for, with git's hash as their ETag; large ones by way of a redirection
to another path, with their SHA-256 in `X-Linked-Etag`, as huggingface.co does it.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

from aiohttp import web

from tests.kit import app_in_thread

LARGE = 10_000
WEIGHTS = random.Random(7).randbytes(300_000)
CONFIG = b'{"a": 1}\n'


def commit_of(text: str) -> str:
    """Something that is shaped like a commit."""
    return hashlib.sha1(text.encode()).hexdigest()


@dataclass
class HubServer:
    """`revisions[repository][branch]` is a commit, `trees[repository, commit]` its files. Faults, by a file's name:
    `cut` (answers, bytes) ends answers early, `spoil` (answers) turns a byte in each, `hold` stops in the middle
    until it is set."""

    revisions: dict[str, dict[str, str]] = field(default_factory=dict)
    trees: dict[tuple[str, str], dict[str, bytes]] = field(default_factory=dict)
    cut: dict[str, list[int]] = field(default_factory=dict)
    spoil: Counter[str] = field(default_factory=Counter)
    hold: dict[str, asyncio.Event] = field(default_factory=dict)
    status: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Answers to give before the right one, by a file's name or `api`: HTTP status and error code."""
    ranges: bool = True
    strays: bool = False
    """True if files come from another commit than the one asked for."""
    nonsense: bool = False
    """True if something else answers for the hub, with a page."""
    size: float | None = None
    """Size that is told of every file, instead of its own."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Every request: what for, and the Range that it named."""
    tokens: set[str] = field(default_factory=set)
    """Every `Authorization` that was sent."""
    sent: Counter[str] = field(default_factory=Counter)
    """Bytes of each file that were sent."""
    arrived: dict[str, asyncio.Event] = field(default_factory=dict)
    """Set when a held file's first bytes are out."""
    url: str = ""

    def add(self, repository: str, files: Mapping[str, bytes], branch: str = "main", commit: str | None = None) -> str:
        """A commit with these files, which the branch is at from now on."""
        made = commit or commit_of(f"{repository} {branch} {sorted(files)} {len(self.trees)}")
        self.revisions.setdefault(repository, {})[branch] = made
        self.trees[repository, made] = dict(files)
        return made

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/api/models/{owner}/{name}/revision/{revision}", self._tell),
                web.get("/{owner}/{name}/resolve/{revision}/{file:.+}", self._resolve),
                web.get("/storage/{owner}/{name}/{commit}/{file:.+}", self._storage),
            ]
        )
        return app

    async def _tell(self, request: web.Request) -> web.Response:
        self.tokens |= {request.headers["Authorization"]} if "Authorization" in request.headers else set()
        self.asked.append(("api", ""))
        if refusal := self._refusal("api"):
            return refusal
        repository = f"{request.match_info['owner']}/{request.match_info['name']}"
        revision = unquote(request.match_info["revision"])
        if repository not in self.revisions:  # the hub does not tell what doesn't exist from what is not yours
            return _error(401, "RepoNotFound")
        commit = self.revisions[repository].get(revision, revision)
        if (repository, commit) not in self.trees:
            return _error(404, "RevisionNotFound")
        files = self.trees[repository, commit]
        if self.nonsense:
            return web.Response(text="<html>Sign in to the guest network</html>", content_type="text/html")
        siblings = [_sibling(name, data) for name, data in files.items()]
        if self.size is not None:
            siblings = [{**one, "size": self.size} for one in siblings]
        return web.json_response({"id": repository, "sha": commit, "siblings": siblings})

    async def _resolve(self, request: web.Request) -> web.StreamResponse:
        repository = f"{request.match_info['owner']}/{request.match_info['name']}"
        name, commit = request.match_info["file"], request.match_info["revision"]
        if refusal := self._refusal(name):
            self.asked.append((name, request.headers.get("Range", "")))
            return refusal
        data = self.trees.get((repository, commit), {}).get(name)
        if data is None:
            return _error(404, "EntryNotFound")
        headers = {"X-Repo-Commit": commit_of("a stray") if self.strays else commit}
        if len(data) < LARGE:
            return await self._send(request, name, data, {**headers, "ETag": f'"{_git(data)}"'})
        sha256 = hashlib.sha256(data).hexdigest()
        headers |= {"X-Linked-Etag": f'"{sha256}"', "X-Linked-Size": str(len(data))}
        return web.Response(
            status=302, headers={**headers, "Location": f"/storage/{repository}/{commit}/{name}?signed=1"}
        )

    async def _storage(self, request: web.Request) -> web.StreamResponse:
        repository = f"{request.match_info['owner']}/{request.match_info['name']}"
        name = request.match_info["file"]
        return await self._send(request, name, self.trees[repository, request.match_info["commit"]][name], {})

    async def _send(
        self, request: web.Request, name: str, data: bytes, headers: Mapping[str, str]
    ) -> web.StreamResponse:
        span = request.headers.get("Range", "")
        self.asked.append((name, span))
        start = int(span.removeprefix("bytes=").rstrip("-")) if span and self.ranges else 0
        if start >= len(data) > 0:
            return web.Response(status=416)
        body = bytearray(data)
        if self.spoil[name] > 0:
            self.spoil[name] -= 1
            body[len(body) // 2] ^= 0xFF
        answer = web.StreamResponse(status=206 if start else 200, headers=headers)
        if start:
            answer.headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        answer.content_length = len(data) - start
        await answer.prepare(request)
        cuts = self.cut.get(name)
        end = min(len(data), start + cuts.pop(0)) if cuts else len(data)
        middle = (end // 2 if start == 0 else start) if name in self.hold else end
        await answer.write(bytes(body[start:middle]))
        self.sent[name] += middle - start
        if name in self.hold:
            self.arrived.setdefault(name, asyncio.Event()).set()
            await self.hold[name].wait()
            await answer.write(bytes(body[middle:end]))
            self.sent[name] += end - middle
        if end < len(data):
            assert request.transport is not None
            request.transport.close()  # what is written is flushed first; then the line is dead
        return answer

    def _refusal(self, what: str) -> web.Response | None:
        waiting = self.status.get(what)
        return _error(*waiting.pop(0)) if waiting else None


@contextmanager
def running(hub: HubServer) -> Iterator[HubServer]:
    """The hub in a thread of its own, for tests that aren't asynchronous. No fault that waits is for it."""
    with app_in_thread.serving(hub.app()) as hub.url:
        yield hub


def _error(status: int, code: str) -> web.Response:
    return web.json_response({"error": code}, status=status, headers={"X-Error-Code": code})


def _git(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _sibling(name: str, data: bytes) -> dict[str, object]:
    told: dict[str, object] = {"rfilename": name, "size": len(data), "blobId": _git(data)}
    if len(data) >= LARGE:
        pointer = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
        told |= {"lfs": pointer, "blobId": commit_of(name)}
    return told
