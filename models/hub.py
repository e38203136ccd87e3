"""The hub over plain HTTP: lists a repository at a revision, and downloads a file, resuming where it broke off.

Ours and not huggingface_hub's, which throws away what an interrupted download has fetched and never checks a
checksum (docs/adr/0006-our-own-downloads.md). Speaks to huggingface.co and to any mirror of its two paths
`/api/models/{repository}/revision/{revision}` and `/{repository}/resolve/{commit}/{file}`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp

from models import ModelError, Trouble
from models.names import is_commit
from models.snapshot import RemoteFile, Snapshot

HUB = "https://huggingface.co"
_CHUNK = 1 << 18
_BROKEN = (aiohttp.ClientError, TimeoutError, ConnectionError)
_PASSING = (408, 429, 500, 502, 503, 504)
_WAYS_OUT = (
    "set DRAGOMAN_HUB to a mirror, or fetch it on another machine and bring its folder: "
    "dragoman models pull … --from FOLDER"
)


class Hub:
    """`async with Hub(url) as hub`. A `Source`.

    `attempts`: how often in a row a request may fail before we give up; a byte that comes counts from the start
    again. `pause`: seconds before the second attempt, doubled for each further one. `quiet`: seconds without a byte
    after which a connection counts as broken. `token` is for repositories that want one, and sent to `url` alone,
    and only by https.
    """

    def __init__(
        self, url: str, *, attempts: int = 5, pause: float = 1.0, quiet: float = 30.0, token: str | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self._attempts = attempts
        self._pause = pause
        self._quiet = quiet
        # Compressed on the way, a file's bytes could not be counted, nor a part of them asked for.
        self._headers = {"User-Agent": "dragoman", "Accept-Encoding": "identity"}
        if token and self.url.startswith("https:"):
            self._headers["Authorization"] = f"Bearer {token}"
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=None, connect=self._quiet, sock_read=self._quiet)
        self._session = aiohttp.ClientSession(timeout=timeout, trust_env=True, headers=self._headers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def snapshot(self, repository: str, revision: str) -> Snapshot:
        """Return the files of `repository` at `revision`, and the commit that it names now. Raises ModelError."""
        url = f"{self.url}/api/models/{repository}/revision/{quote(revision, safe='')}?blobs=true"
        trouble = ""
        for attempt in range(self._attempts):
            await self._rest(attempt)
            try:
                async with self._client.get(url) as answer:
                    if answer.status in _PASSING:
                        trouble = f"HTTP {answer.status}"
                        continue
                    self._judge(answer, repository, revision)
                    listing = await answer.json(content_type=None)
            except _BROKEN as error:
                trouble = str(error) or type(error).__name__
                if isinstance(error, aiohttp.ClientConnectorError | aiohttp.InvalidURL):
                    break  # nobody there: asking again is of no use
                continue
            except ValueError:
                raise ModelError(Trouble.HUB_ERROR, f"{self.url} did not answer as a hub does") from None
            return _snapshot(self.url, repository, revision, listing)
        raise ModelError(Trouble.NO_HUB, f"{self.url} can't be reached ({trouble}); {_WAYS_OUT}")

    async def fetch(self, snapshot: Snapshot, file: RemoteFile, part: Path, progress: Callable[[int], None]) -> None:
        """Append to `part` until it has the file's size. Raises ModelError or OSError.

        `progress` is called with the number of bytes as they come, first of those that `part` had already. The number
        is negative for bytes that are thrown away.
        """
        url = f"{self.url}/{snapshot.repository}/resolve/{snapshot.commit}/{quote(file.name)}"
        have = _size(part)
        progress(have)
        failures = 0
        while not (have == file.size and part.exists()):
            if have > file.size:
                progress(-have)
                part.unlink()
                have = 0
            await self._rest(failures)
            reached, trouble = have, "it ended early"
            try:
                have = await self._append(url, snapshot, file, part, have, progress)
            except _BROKEN as error:
                trouble, have = str(error) or type(error).__name__, _size(part)
            failures = 1 if have > reached else failures + 1
            if have != file.size and failures >= self._attempts:
                raise ModelError(
                    Trouble.NO_HUB,
                    f"{file.name} broke off at {have} of {file.size} bytes ({trouble}); what came is kept: "
                    f"run the same command again, or {_WAYS_OUT}",
                )

    async def _append(
        self, url: str, snapshot: Snapshot, file: RemoteFile, part: Path, have: int, progress: Callable[[int], None]
    ) -> int:
        """One request for the rest; how much is there after it."""
        asked = {"Range": f"bytes={have}-"} if have else {}
        async with self._client.get(url, headers=asked) as answer:
            if answer.status in _PASSING:
                raise aiohttp.ClientPayloadError(f"HTTP {answer.status}")
            if answer.status != 416:
                self._judge(answer, snapshot.repository, snapshot.commit, file.name)
            self._same_commit(answer, snapshot)
            if answer.status == 416 or (have and answer.status != 206):  # it won't give us the rest: all of it, then
                progress(-have)
                have = 0
            if answer.status == 416:
                part.unlink()
                return 0
            # Not buffered: on a full disk every byte that fits is on it, and closing has nothing left to fail on.
            with part.open("ab" if have else "wb", buffering=0) as out:
                async for chunk in answer.content.iter_chunked(_CHUNK):
                    rest = memoryview(chunk)
                    while rest:
                        rest = rest[out.write(rest) :]
                    have += len(chunk)
                    progress(len(chunk))
                    if have > file.size:
                        raise ModelError(Trouble.CORRUPTED, f"{file.name}: more comes than its {file.size} bytes")
        return have

    @property
    def _client(self) -> aiohttp.ClientSession:
        assert self._session is not None, "a Hub is used inside `async with`"
        return self._session

    async def _rest(self, failures: int) -> None:
        if failures:
            await asyncio.sleep(self._pause * 2 ** (failures - 1))

    def _judge(self, answer: aiohttp.ClientResponse, repository: str, revision: str, file: str = "") -> None:
        """Raises ModelError for an answer that is a refusal."""
        reason = answer.headers.get("X-Error-Code", "")
        if answer.status < 400:
            return
        if reason == "RevisionNotFound":
            raise ModelError(
                Trouble.WRONG_REVISION,
                f"{self.url} has no revision {revision} of {repository}; take another by --revision, such as main",
            )
        if reason == "GatedRepo" or answer.status == 403:
            raise ModelError(
                Trouble.GATED, f"{repository} is given only to accounts that accepted its terms; set HF_TOKEN to yours"
            )
        if answer.status in (401, 404):  # the hub says 401 for what doesn't exist, so that nobody learns what does
            what = f"no file {file} in {repository} at {revision}" if file else f"no repository {repository}"
            raise ModelError(Trouble.NOT_ON_HUB, f"{self.url} has {what}, or doesn't show it to us")
        raise ModelError(Trouble.HUB_ERROR, f"{self.url} answered {answer.status} {reason or answer.reason}")

    def _same_commit(self, answer: aiohttp.ClientResponse, snapshot: Snapshot) -> None:
        """The first answer of a hub names the commit, also where a redirection to another machine follows it."""
        for one in (*answer.history, answer):
            commit = one.headers.get("X-Repo-Commit")
            if commit is not None and commit != snapshot.commit:
                raise ModelError(
                    Trouble.WRONG_REVISION,
                    f"{self.url} gave commit {commit} of {snapshot.repository}, not {snapshot.commit}",
                )


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _whole(size: object) -> int:
    if type(size) is not int or size < 0:
        raise ValueError(f"{size!r} is no size of a file")
    return size


def _snapshot(url: str, repository: str, revision: str, listing: Any) -> Snapshot:
    """The hub's answer, read with suspicion."""
    try:
        commit = str(listing["sha"])
        files = {}
        for one in listing["siblings"]:
            large = one.get("lfs") or {}
            size = one.get("size", large.get("size"))
            if size is not None:
                name = str(one["rfilename"])
                files[name] = RemoteFile(name, _whole(size), large.get("sha256"), None if large else one.get("blobId"))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(Trouble.HUB_ERROR, f"{url} did not tell what is in {repository}: {error!r}") from None
    if not is_commit(commit):
        raise ModelError(Trouble.HUB_ERROR, f"{url} did not tell which commit {revision} of {repository} is")
    if is_commit(revision) and commit != revision:
        raise ModelError(Trouble.WRONG_REVISION, f"{url} gave commit {commit} of {repository}, not {revision}")
    return Snapshot(repository, commit, files)
