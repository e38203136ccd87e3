"""Everything that is kept of a user as a ZIP of JSON: profile, identities, calls, histories, usage."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial

from accounts.history.reading import HistoryReader
from accounts.history.slices import in_slices
from accounts.history.transcripts.as_json import json_object, json_text
from accounts.history.transcripts.call import TranscribedCall
from accounts.past_calls import newest_calls
from accounts.people.user_fields import user_fields
from storage.accounts.ports import AccountStore
from storage.accounts.records import Call, Identity, Usage, User


async def export_of(user: User, store: AccountStore, reader: HistoryReader) -> bytes:
    """Return the file. Raises Unavailable. Contents are made, encoded and compressed on the reader's thread."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:

        async def add(name: str, content: Callable[[], object]) -> None:
            await reader.work(_write, archive, name, content)

        await add("profile.json", partial(_profile, user))
        await add("identities.json", partial(_identities, await store.users.identities(user.id)))
        await add("usage.json", partial(usage_json, await store.usage.of_user(user.id)))
        calls, _ = await newest_calls(store.calls, user.id)
        await add("calls.json", partial(_calls, calls, user.id))
        for call in calls:
            history = await reader.read(call.session)
            if history.entries or history.missing:
                written = TranscribedCall(call.session, call.started_at, history.entries, history.missing)
                name = f"history/{re.sub(r'[^0-9A-Za-z_-]', '', call.session)}.json"
                await add(name, partial(json_object, written))
    return file.getvalue()


def usage_json(usage: Usage) -> dict[str, object]:
    """Return `usage` of GET /users/me."""
    return {
        "heardSeconds": round(usage.heard_ms / 1000, 1),
        "spokenSeconds": round(usage.spoken_ms / 1000, 1),
        "characters": usage.characters,
    }


def _write(archive: zipfile.ZipFile, name: str, content: Callable[[], object]) -> None:
    archive.writestr(name, json_text(content()))


def _profile(user: User) -> dict[str, object]:
    return {**user_fields(user), "retentionDays": user.retention_days}


def _identities(identities: Iterable[Identity]) -> list[dict[str, str]]:
    return [{"provider": one.provider, "subject": one.subject} for one in identities]


def _calls(calls: Iterable[Call], user: str) -> list[dict[str, object]]:
    return [_call(one, user) for one in in_slices(calls)]


def _call(call: Call, user: str) -> dict[str, object]:
    """Return a call without the user ids of others."""
    people = [
        {"participantId": one.participant, "displayName": one.name, "language": one.language, "me": one.user == user}
        for one in call.participants
    ]
    return {**asdict(call), "participants": people}
