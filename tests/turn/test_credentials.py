"""Credentials as bytes: fixed vectors, the shape that browsers take, and what is refused."""

import re

import pytest

from turn.credentials import Credential, ice_servers, issue


@pytest.mark.parametrize(
    ("secret", "name", "ttl", "now", "username", "password"),
    [
        ("north", "alice", 86400, 1414692735.0, "1414779135:alice", "C/4qS3D2qNc6KLkOA06wg1YlKes="),
        (
            "süd-and-north",
            "guest-7",
            900,
            1700000001.9,
            "1700000901:guest-7",
            "SOZxzkq/eEOr4X4+EicTLCtmw+o=",
        ),
    ],
)
def test_fixed_vectors(secret: str, name: str, ttl: int, now: float, username: str, password: str) -> None:
    # The passwords were made by: printf %s USERNAME | openssl dgst -sha1 -hmac SECRET -binary | base64
    assert issue(secret, name, ttl, now) == Credential(username, password)


def test_ice_servers_are_what_a_browser_takes() -> None:
    urls = ["turn:turn.example.org:3478?transport=udp", "stun:turn.example.org", "turns:[2001:db8::1]:5349"]
    assert ice_servers(urls, "north", "alice", 86400, 1414692735.0) == [
        {"urls": ["stun:turn.example.org"]},
        {
            "urls": ["turn:turn.example.org:3478?transport=udp", "turns:[2001:db8::1]:5349"],
            "username": "1414779135:alice",
            "credential": "C/4qS3D2qNc6KLkOA06wg1YlKes=",
        },
    ]


def test_nothing_configured_is_an_empty_list() -> None:
    assert ice_servers([], "", "alice", 900, 0.0) == []


def test_stun_alone_needs_no_secret() -> None:
    assert ice_servers(["stun:stun.example.org:3478"], "", "alice", 900, 0.0) == [
        {"urls": ["stun:stun.example.org:3478"]}
    ]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "turn.example.org:3478",
        "http://turn.example.org",
        "turn://turn.example.org",
        "turn:turn.example.org?transport=sctp",
        "stun:turn.example.org?transport=udp",
        "turn:turn.example.org:3478\n",
        "turn:",
    ],
)
def test_an_url_that_browsers_refuse_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(url))):
        ice_servers([url], "north", "alice", 900, 0.0)


@pytest.mark.parametrize(
    ("secret", "name", "ttl"),
    [("", "alice", 900), ("north", "", 900), ("north", "al:ice", 900), ("north", "alice", 0)],
)
def test_a_credential_that_would_not_work_is_not_made(secret: str, name: str, ttl: int) -> None:
    with pytest.raises(ValueError, match="TURN"):
        issue(secret, name, ttl, 0.0)


def test_nothing_of_the_secret_shows() -> None:
    servers = ice_servers(["turn:turn.example.org"], "north-south-east", "alice", 900, 0.0)
    assert "north" not in repr(servers)
