"""Every HTTP call and every way in which it is refused, by a real server."""

import asyncio
import json
import logging
import time
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from signaling.config import SignalingOptions
from signaling.languages import Languages
from signaling.rate_limits import Rate
from signaling.tokens import AccessClaims, Tokens
from tests.kit.contract import UNDOCUMENTED
from tests.kit.signaling_server import GENEROUS, ICE, SOON, Client, open_front


def problem(answer: tuple[int, dict[str, dict[str, str]]]) -> tuple[int, str]:
    status, body = answer
    assert set(body) == {"error"} and {"code", "message"} <= set(body["error"]) <= {"code", "message", "details"}
    return status, body["error"]["code"]


async def test_guests() -> None:
    async with open_front() as front:
        status, one = await front.call("POST", "/auth/guest", {"displayName": "Ana"})
        assert status == 201 and set(one) == {"userId", "token", "expiresIn"} and one["expiresIn"] == 900
        status, other = await front.call("POST", "/auth/guest", b"")
        assert status == 201 and other["userId"] != one["userId"]
        assert problem(await front.call("POST", "/auth/guest", {"displayName": 5})) == (400, "bad_request")


async def test_a_server_without_accounts_says_so() -> None:
    async with open_front() as front:
        nothing = {"accounts": False, "providers": [], "mail": False, "history": False}
        assert await front.call("GET", "/auth/providers") == (200, nothing)


CALLS = [
    ("POST", "/sessions/create"),
    ("POST", "/sessions/join"),
    ("GET", "/sessions/s_1"),
    ("DELETE", "/sessions/s_1"),
    ("GET", "/sessions/s_1/history"),
    ("GET", "/sessions/s_1/transcript"),
    ("GET", "/ice-servers"),
]


async def test_no_wrong_and_expired_tokens_are_unauthorized() -> None:
    async with open_front() as front:
        tokens = Tokens(await front.store.signing_key())
        expired = tokens.issue_access(AccessClaims("u", "n"), time.time() - 901)
        forged = Tokens(bytes(32)).issue_access(AccessClaims("u", "n"), time.time())
        for method, path in CALLS:
            for token in (None, "", "wrong", expired, forged):
                assert problem(await front.call(method, path, {}, token)) == (401, "unauthorized"), (path, token)
            answer = await front.call(method, path, {}, Authorization="Basic dTpw")
            assert problem(answer) == (401, "unauthorized")
        async with front.http.get(f"{front.url}/api/v1/ice-servers?token={(await front.guest()).token}") as answer:
            assert answer.status == 401 and answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"null",
        b"[" * 60_000,
        b'{"language": NaN}',
        b'{"language": 5}',
        b'{"language": "\\ud800"}',
    ],
    ids=range(9),
)
async def test_malformed_bodies_are_bad_requests(body: bytes) -> None:
    async with open_front() as front:
        ana = await front.guest()
        for path in ("/sessions/create", "/sessions/join"):
            assert problem(await ana.call("POST", path, body)) == (400, "bad_request")


async def test_a_body_has_64_kib() -> None:
    async with open_front() as front:
        ana = await front.guest()
        fitting = json.dumps({"language": "es", "x": "y" * 65_000}).encode()
        assert (await ana.call("POST", "/sessions/create", fitting))[0] == 201
        large = json.dumps({"language": "es", "x": "y" * 65_536}).encode()
        assert problem(await ana.call("POST", "/sessions/create", large)) == (413, "too_large")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_body_that_is_not_encoded_as_it_says_is_a_bad_request(
    encoding: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_front() as front:
        headers = {"Content-Encoding": encoding, "Connection": "close"}
        assert problem(await front.call("POST", "/auth/guest", b"\xffno", **headers)) == (400, "bad_request")
        assert (await front.call("POST", "/auth/guest"))[0] == 201
    assert_no_error_is_logged(caplog)


async def test_a_client_that_hangs_up_in_its_body_is_no_error_of_the_server(caplog: pytest.LogCaptureFixture) -> None:
    async with open_front() as front:
        host, port = front.url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /api/v1/auth/guest HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx")
        await writer.drain()
        await asyncio.sleep(0.2)  # the handler waits for the rest
        writer.transport.abort()
        await asyncio.sleep(0.2)
        assert (await front.call("POST", "/auth/guest"))[0] == 201
    assert_no_error_is_logged(caplog)


def assert_no_error_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR] == []


async def test_unknown_paths_and_methods() -> None:
    async with open_front() as front:
        ana = await front.guest()
        for path in ("/nothing", "/sessions", "/auth/register", "/sessions/s/x/y"):
            assert problem(await ana.call("GET", path)) == (404, "not_found")
        assert problem(await ana.call("PUT", "/languages")) == (405, "bad_request")
        for path in ("/", "/x.js", "/../etc/passwd"):
            async with front.http.get(front.url + path) as answer:
                assert (answer.status, (await answer.json())["error"]["code"]) == (404, "not_found")
        async with front.http.get(front.url + "/ws") as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (400, "bad_request")


async def test_languages_voices_and_ice_servers() -> None:
    voice = {"id": "v", "name": "V", "licence": "CC0"}
    async with open_front(voices=lambda language: [{**voice, "language": language or "?"}]) as front:
        status, answer = await front.call("GET", "/languages")
        assert status == 200
        assert answer["pairs"] == [["en", "es"], ["es", "en"]]
        assert {"tag": "de", "name": "Deutsch", "hear": True, "speak": False} in answer["languages"]
        assert await front.call("GET", "/voices?language=es") == (200, {"voices": [{**voice, "language": "es"}]})
        ana, _ = await front.pair()
        expected = {"iceServers": list(ICE.servers), "expiresIn": 600}
        assert await ana.call("GET", "/ice-servers") == (200, expected)
        assert await front.call("GET", "/ice-servers", token=ana.resume_token) == (200, expected)
        stranger = await front.guest("Cy")
        without = [server for server in ICE.servers if "credential" not in server]
        assert await stranger.call("GET", "/ice-servers") == (200, expected | {"iceServers": without})
        await ana.call("DELETE", f"/sessions/{ana.session}")
        assert await ana.call("GET", "/ice-servers") == (200, expected | {"iceServers": without})
        gone = await front.call("GET", "/ice-servers", token=ana.resume_token)
        assert problem(gone) == (410, "session_ended")


async def test_a_session_is_shown_to_its_members_from_waiting_to_ended() -> None:
    async with open_front() as front:
        ana, bo, cy = [await front.guest(name) for name in ("Ana", "Bo", "Cy")]
        began = time.time()
        made = await ana.create("es")
        assert began + 600 - 1 < made["expiresAt"] / 1000 < time.time() + 600 + 1
        path = f"/sessions/{ana.session}"
        status, shown = await ana.call("GET", path)
        assert (status, shown["status"], shown["session"]["status"]) == (200, "waiting", "waiting")
        assert set(shown["session"]) == {"sessionId", "status", "createdAt"}
        assert [one["displayName"] for one in shown["participants"]] == ["Ana"]
        assert problem(await bo.call("GET", path)) == (403, "forbidden")

        await bo.join(ana.code)
        for one in (bo, ana):
            assert (await one.call("GET", path))[1]["status"] == "waiting"
            await one.open()
            await one.hear("session_joined")
        _, shown = await bo.call("GET", path)
        assert shown["status"] == "active" and shown["session"]["startedAt"] >= shown["session"]["createdAt"]
        assert [(one["language"], one["connected"]) for one in shown["participants"]] == [("es", False), ("en", False)]
        for method, call in [
            ("GET", path),
            ("DELETE", path),
            ("GET", f"{path}/history"),
            ("GET", f"{path}/transcript"),
        ]:
            assert problem(await cy.call(method, call)) == (403, "forbidden")
        assert await bo.call("GET", f"{path}/history") == (200, {"translations": [], "total": 0})
        assert problem(await bo.call("GET", f"{path}/transcript?format=srt")) == (404, "not_found")

        status, answer = await bo.call("DELETE", path)
        assert status == 200 and answer["success"] is True and set(answer) == {"success", "metrics"}
        for one in (ana, bo):
            _, shown = await one.call("GET", path)
            assert shown["status"] == "ended" and shown["session"]["endedAt"] and shown["participants"] == []
            assert problem(await one.call("DELETE", path)) == (410, "session_ended")
        assert problem(await cy.call("GET", path)) == (403, "forbidden")
        assert problem(await cy.call("DELETE", path)) == (403, "forbidden")
        for method in ("GET", "DELETE"):
            assert problem(await cy.call(method, "/sessions/s_unknown")) == (404, "session_not_found")


async def test_delete_tells_both_and_takes_the_resume_token() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        _, other = await front.pair()
        path = f"/sessions/{ana.session}"
        assert problem(await front.call("DELETE", path, token=other.resume_token)) == (403, "forbidden")
        assert problem(await front.call("GET", path, token=ana.resume_token)) == (401, "unauthorized")
        assert (await front.call("DELETE", path, token=ana.resume_token))[0] == 200
        for one in (ana, bo):
            assert (await one.hear("session_ended"))["reason"] == "deleted"
            assert await one.next() == 1000
        assert problem(await front.call("DELETE", path, token=ana.resume_token)) == (410, "session_ended")


async def test_joining_by_code() -> None:
    async with open_front() as front:
        ana, bo, cy = [await front.guest() for _ in range(3)]
        await ana.create("es")

        async def join(who: Client, **body: object) -> tuple[int, str]:
            return problem(
                await who.call("POST", "/sessions/join", {"sessionCode": ana.code, "language": "en", **body})
            )

        wrong = f"{(int(ana.code) + 1) % 1_000_000:06d}"
        assert await join(bo, sessionCode=wrong) == (404, "session_not_found")
        assert await join(bo, sessionCode="") == (400, "bad_request")
        assert await join(bo, sessionCode="１２３４５６") == (404, "session_not_found")
        assert await join(bo, language="tlh") == (422, "unsupported_language")
        assert await join(bo, language="de") == (422, "unsupported_pair")
        assert await join(ana) == (409, "own_session")
        first = await bo.join(ana.code)
        assert await bo.join(ana.code) == first
        assert await join(cy) == (409, "session_full")
        await ana.call("DELETE", f"/sessions/{ana.session}")
        assert await join(cy) == await join(bo) == (410, "session_ended")


async def test_an_unsupported_pair_says_what_is_possible() -> None:
    async with open_front() as front:
        ana, bo = await front.guest(), await front.guest()
        await ana.create("es")
        _, answer = await bo.call("POST", "/sessions/join", {"sessionCode": ana.code, "language": "de"})
        assert answer["error"]["details"] == {"pairs": [["en", "es"], ["es", "en"]]}
        _, answer = await bo.call("POST", "/sessions/create", {"language": "tlh"})
        assert answer["error"]["details"] == {"languages": ["de", "en", "es"]}


async def test_who_is_not_heard_but_translated_for_comes_in() -> None:
    english_ears = Languages.of(["en"], ["en", "es"], [("en", "es"), ("es", "en")])
    async with open_front(languages=english_ears) as front:
        ana, bo = await front.guest(), await front.guest()
        status, answer = await ana.call("POST", "/sessions/create", {"language": "tlh"})
        assert (status, answer["error"]["details"]) == (422, {"languages": ["en", "es"]})
        await ana.create("es-MX")
        status, answer = await bo.call("POST", "/sessions/join", {"sessionCode": ana.code, "language": "en"})
        assert (status, answer["partnerId"]) == (200, ana.me)


async def test_of_fifty_who_join_at_once_one_comes_in() -> None:
    async with open_front() as front:
        ana = await front.guest()
        await ana.create("es")
        crowd = [await front.guest(f"n{number}") for number in range(50)]
        body = {"sessionCode": ana.code, "language": "en"}
        answers = await asyncio.gather(*(one.call("POST", "/sessions/join", body) for one in crowd))
        assert sorted(status for status, _ in answers) == [200] + [409] * 49
        assert {body["error"]["code"] for status, body in answers if status == 409} == {"session_full"}
        _, shown = await ana.call("GET", f"/sessions/{ana.session}")
        assert len(shown["participants"]) == 2


async def test_the_default_limits() -> None:
    async with open_front(SignalingOptions()) as front:
        ana = await front.guest()
        for _ in range(5):
            await ana.create()
        assert problem(await ana.call("POST", "/sessions/create", {"language": "es"})) == (429, "rate_limited")
        bo = await front.guest()
        for number in range(10):
            body = {"sessionCode": f"x{number}", "language": "en"}
            assert problem(await bo.call("POST", "/sessions/join", body)) == (404, "session_not_found")
        body = {"sessionCode": ana.code, "language": "en"}
        assert problem(await bo.call("POST", "/sessions/join", body)) == (429, "rate_limited")
        for _ in range(28):
            await front.guest()
        async with front.http.post(f"{front.url}/api/v1/auth/guest") as answer:
            assert answer.status == 429 and 3500 < int(answer.headers["Retry-After"]) <= 3600
        for _ in range(100 - 11):
            assert (await bo.call("GET", "/languages"))[0] == 200
        assert problem(await bo.call("GET", "/languages")) == (429, "rate_limited")
        assert (await ana.call("GET", "/languages"))[0] == 200


async def test_parallel_creations_pass_no_limit() -> None:
    async with open_front(SignalingOptions(limits=replace(GENEROUS, sessions_of_user=Rate(5, 3600)))) as front:
        ana = await front.guest()
        creations = (ana.call("POST", "/sessions/create", {"language": "es"}) for _ in range(20))
        answers = await asyncio.gather(*creations)
        assert sorted(status for status, _ in answers) == [201] * 5 + [429] * 15


async def test_one_address_does_not_fill_the_server() -> None:
    config = SignalingOptions(limits=replace(GENEROUS, sessions=4), trusted_proxies=(ip_network("127.0.0.0/8"),))
    async with open_front(config) as front:
        ana = await front.guest()

        async def create(address: str) -> tuple[int, dict[str, Any]]:
            headers = {"X-Forwarded-For": address}
            return await front.call("POST", "/sessions/create", {"language": "es"}, ana.token, **headers)

        (one, made), (two, _), full = [await create("192.0.2.1") for _ in range(3)]
        assert (one, two) == (201, 201)
        assert problem(full) == (429, "rate_limited")
        assert (await create("192.0.2.2"))[0] == 201, "there is room for others"
        assert (await ana.call("DELETE", f"/sessions/{made['sessionId']}"))[0] == 200
        async with asyncio.timeout(SOON):
            while front.sessions.lives(made["sessionId"]):  # noqa: ASYNC110 - its room closes by itself
                await asyncio.sleep(0.01)
        assert (await create("192.0.2.1"))[0] == 201, "one that has ended no longer counts"


async def test_one_address_makes_so_many_requests() -> None:
    async with open_front(SignalingOptions(limits=replace(GENEROUS, requests_of_address=Rate(3, 60)))) as front:
        for _ in range(3):
            assert (await front.call("GET", "/languages"))[0] == 200
        assert problem(await front.call("GET", "/languages")) == (429, "rate_limited")
        async with front.http.get(f"{front.url}/ws") as answer:
            assert answer.status == 429
        async with front.http.get(f"{front.url}/health") as answer:
            assert answer.status == 200


async def test_a_site_with_many_ipv6_networks_guesses_no_faster_for_that() -> None:
    limits = replace(GENEROUS, wrong_codes_of_address=Rate(2, 60), wrong_codes_of_site=Rate(5, 60))
    config = SignalingOptions(limits=limits, trusted_proxies=(ip_network("127.0.0.0/8"),))
    async with open_front(config) as front:
        ana = await front.guest()

        async def guess(address: str) -> int:
            body = {"sessionCode": "000000", "language": "es"}
            return (await front.call("POST", "/sessions/join", body, ana.token, **{"X-Forwarded-For": address}))[0]

        assert [await guess("2001:db8:1:1::1") for _ in range(3)] == [404, 404, 429]
        assert [await guess(f"2001:db8:1:{n}::1") for n in range(2, 6)] == [404, 404, 404, 429]
        assert await guess("2001:db8:2::1") == 404, "another site"
        assert [await guess(f"192.0.2.{n}") for n in range(6)] == [404] * 6


async def test_a_site_with_many_ipv6_networks_has_ten_times_the_guests_of_one_and_no_more() -> None:
    config = SignalingOptions(
        limits=replace(GENEROUS, guests_of_address=Rate(2, 60)), trusted_proxies=(ip_network("127.0.0.0/8"),)
    )
    async with open_front(config) as front:

        async def guest(address: str) -> int:
            headers = {"X-Forwarded-For": address}
            return (await front.call("POST", "/auth/guest", {"displayName": "Ana"}, **headers))[0]

        assert [await guest("2001:db8:1:1::1") for _ in range(3)] == [201, 201, 429]
        assert [await guest(f"2001:db8:1:{n:x}::1") for n in range(2, 21)] == [201] * 18 + [429]
        assert await guest("2001:db8:1:1::1") == 429
        assert await guest("2001:db8:2::1") == 201, "another site"
        assert [await guest(f"192.0.2.{n}") for n in range(30)] == [201] * 30


async def test_a_site_with_many_ipv6_networks_makes_no_more_than_its_share_of_sessions() -> None:
    limits = replace(GENEROUS, sessions=4, address_share=0.5)
    config = SignalingOptions(limits=limits, trusted_proxies=(ip_network("127.0.0.0/8"),))
    async with open_front(config) as front:

        async def create(address: str) -> int:
            token = (await front.guest()).token
            headers = {"X-Forwarded-For": address}
            return (await front.call("POST", "/sessions/create", {"language": "en"}, token, **headers))[0]

        assert [await create(f"2001:db8:1:{n}::1") for n in range(3)] == [201, 201, 429]
        assert [await create(f"192.0.2.{n}") for n in range(3)] == [201, 201, 503], "others have the rest"


@pytest.mark.parametrize("trusted", [True, False])
async def test_only_a_trusted_proxy_speaks_for_its_clients(trusted: bool) -> None:
    config = SignalingOptions(
        limits=replace(GENEROUS, guests_of_address=Rate(1, 60)),
        trusted_proxies=(ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8")) if trusted else (),
    )
    async with open_front(config) as front:

        async def guest(forwarded: str) -> int:
            return (await front.call("POST", "/auth/guest", {}, **{"X-Forwarded-For": forwarded}))[0]

        addresses = ["192.0.2.1", "192.0.2.2, 10.1.1.1", "192.0.2.1, 192.0.2.3", "2001:db8::1", "2001:db8:0:1::1"]
        statuses = [await guest(address) for address in addresses]
        assert statuses == ([201] * 5 if trusted else [201] + [429] * 4)
        assert await guest("2001:db8::ffff") == 429, "one subscriber has a whole /64"
        assert await guest("192.0.2.1, 10.9.9.9") == 429
        assert await guest("nonsense") == (201 if trusted else 429)
        _, answer = await front.call("POST", "/auth/guest", {}, **{"X-Forwarded-For": "203.0.113.9"})
        if trusted:
            body = {"language": "es"}
            proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "call.example"}
            _, made = await front.call("POST", "/sessions/create", body, answer["token"], **proxied)
            assert made["wsUrl"] == "wss://call.example/ws"


async def test_the_public_url_names_the_socket() -> None:
    config = SignalingOptions(limits=GENEROUS, public_url="https://call.example/")
    async with open_front(config) as front:
        ana = await front.guest()
        assert (await ana.create())["wsUrl"] == "wss://call.example/ws"


async def test_a_host_that_is_none_is_refused() -> None:
    async with open_front() as front:
        ana = await front.guest()
        for host in ("evil host", "a/b?c", "x" * 10 + "@y"):
            answer = await front.call("POST", "/sessions/create", {"language": "es"}, ana.token, Host=host)
            assert answer[0] == 400


async def test_a_full_server_is_at_capacity() -> None:
    async with open_front(SignalingOptions(limits=replace(GENEROUS, sessions=1))) as front:
        ana = await front.guest()
        await ana.create()
        async with front.http.post(
            f"{front.url}/api/v1/sessions/create",
            json={"language": "es"},
            headers={"Authorization": f"Bearer {ana.token}"},
        ) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (503, "at_capacity")
            assert int(answer.headers["Retry-After"]) > 0


async def test_a_defect_is_internal_in_the_documented_shape(caplog: pytest.LogCaptureFixture) -> None:
    def broken(language: str | None) -> list[dict[str, str]]:
        raise RuntimeError("a defect")

    async with open_front(voices=broken) as front:
        assert problem(await front.call("GET", "/voices")) == (500, "internal")
        assert "500 is not in its row" in UNDOCUMENTED.pop(), "no document promises a defect"
        assert "request failed" in caplog.text
        assert (await front.call("GET", "/languages"))[0] == 200


async def test_health_ready_pages_and_headers(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "app.js").write_text("1")
    (tmp_path / "secret.py").write_text("2")
    ready = False
    async with open_front(
        SignalingOptions(limits=GENEROUS, public_url="https://b.example"), web_root=tmp_path, ready=lambda: ready
    ) as front:
        async with front.http.get(f"{front.url}/health") as answer:
            assert answer.status == 200
        async with front.http.get(f"{front.url}/ready") as answer:
            assert answer.status == 503
        ready = True
        async with front.http.get(f"{front.url}/ready") as answer:
            assert answer.status == 200
        async with front.http.get(f"{front.url}/") as answer:
            assert answer.status == 200 and await answer.text() == "<!doctype html>"
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'self'; connect-src 'self' wss://b.example; media-src 'self' blob:" in policy
            tag = answer.headers["ETag"]
        async with front.http.get(f"{front.url}/", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304 and await answer.read() == b""
        async with front.http.head(f"{front.url}/app.js") as answer:
            assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/javascript")
        for path in ("/secret.py", "/missing.js", "/%2e%2e/x.js"):
            async with front.http.get(front.url + path) as answer:
                assert answer.status == 404 and answer.headers["X-Frame-Options"] == "DENY"
        async with front.http.post(f"{front.url}/api/v1/auth/guest") as answer:
            assert answer.headers["Cache-Control"] == "no-store"
