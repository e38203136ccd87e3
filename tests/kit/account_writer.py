"""A process that writes rows into a database of accounts until it is killed: `python -m tests.kit.account_writer URL`.

After each acknowledged write it prints the number of the row, so that its killer knows what must be there.
"""

from __future__ import annotations

import asyncio
import sys

from storage.accounts.opening import open_accounts
from storage.accounts.ports import Unavailable
from storage.accounts.records import DataKey, SealedEntry, Usage, User

WRITES = 200


def user(number: int) -> User:
    return User(f"u_{number}", f"name {number}", f"{number}@example.org", True, "hash" * 20, "en", number)


def entry(number: int) -> SealedEntry:
    return SealedEntry("s_1", f"utt_{number}", 0, "q", "p", number, 1, 2**40, b"%d " % number * 200)


async def write() -> None:
    async with open_accounts(sys.argv[1]) as store:
        await store.histories.add_key(DataKey("s_1", "k1", b"key"))
        print("ready", flush=True)
        for number in range(WRITES):
            try:
                await store.users.add(user(number))
                await store.histories.keep([entry(number)])
                await store.usage.add("s_1", "u_0", Usage(1, 1, 1))
                if number % 50 == 49:
                    await store.users.delete(f"u_{number}")
            except Unavailable as error:
                print(f"unavailable: {error}", flush=True)
                return
            print(number, flush=True)


if __name__ == "__main__":
    asyncio.run(write())
