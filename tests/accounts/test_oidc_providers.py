"""The operator's file of identity providers: what is taken, and what is refused by which words."""

from __future__ import annotations

import pytest

from accounts.oidc.providers import BadProviders, Kind, is_endpoint, parse

TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"


def no_file(path: str) -> str:
    raise FileNotFoundError(path)


def test_presets_need_a_client_and_little_else() -> None:
    google, microsoft, github, company = parse(
        f"""
        [google]
        client_id = "g"
        client_secret = "s1"

        [microsoft]
        tenant = "{TENANT}"
        client_id = "m"
        client_secret = "s2"

        [github]
        client_id = "h"
        client_secret_file = "/run/secrets/github"

        [company]
        preset = "keycloak"
        label = "Our company"
        issuer = "https://id.example.org/realms/company"
        client_id = "dragoman"
        """,
        {"/run/secrets/github": "s3\n"}.__getitem__,
    )
    assert (google.label, google.issuer, google.client_secret) == ("Google", "https://accounts.google.com", "s1")
    assert microsoft.issuer == f"https://login.microsoftonline.com/{TENANT}/v2.0"
    assert google.trust_email and not microsoft.trust_email
    assert (github.kind, github.client_secret) == (Kind.GITHUB, "s3")
    assert github.scopes == ("read:user", "user:email")
    assert (company.name, company.label, company.kind, company.client_secret) == (
        "company",
        "Our company",
        Kind.OPENID,
        "",
    )
    assert "s1" not in repr(google)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[google", "not TOML"),
        ("google = 1", "must be a table"),
        ('[Google]\nclient_id = "a"', "a-z"),
        ('["a/b"]\nclient_id = "a"', "a-z"),
        ("[google]", "client_id must be a text"),
        ('[google]\nclient_id = " "', "client_id must be a text"),
        ("[google]\nclient_id = 1", "client_id must be a text"),
        ('[google]\nclient_id = "a"\nclientsecret = "hush"', "no key clientsecret"),
        ('[google]\npreset = "gugel"\nclient_id = "a"', "preset must be one of"),
        ('[company]\nclient_id = "a"', "issuer must be a text"),
        ('[company]\nissuer = "http://id.example.org"\nclient_id = "a"', "https"),
        ('[company]\nissuer = "https://id.example.org?x=1"\nclient_id = "a"', "https"),
        ('[company]\nissuer = "https://me@id.example.org"\nclient_id = "a"', "https"),
        ('[microsoft]\nclient_id = "a"', "tenant must be a text"),
        ('[microsoft]\ntenant = "common"\nclient_id = "a"', "directory's id"),
        ('[google]\ntenant = "x"\nclient_id = "a"', "tenant belongs to"),
        ('[google]\nclient_id = "a"\nscopes = ["email"]', "scopes must hold openid"),
        ('[google]\nclient_id = "a"\nscopes = "openid"', "scopes must be a list"),
        ('[google]\nclient_id = "a"\ntrust_email = 1', "true or false"),
        ('[google]\nclient_id = "a"\nclient_secret = "hush"\nclient_secret_file = "/x"', "exclude each other"),
        ('[google]\nclient_id = "a"\nclient_secret_file = "/x"', "can't be read"),
    ],
)
def test_a_bad_file_is_refused_by_the_providers_name_and_without_secrets(text: str, words: str) -> None:
    with pytest.raises(BadProviders, match=words) as refused:
        parse(text, no_file)
    assert "hush" not in str(refused.value)


def test_a_secret_must_be_printable_ascii() -> None:
    with pytest.raises(BadProviders, match="ASCII"):
        parse('[google]\nclient_id = "a"\nclient_secret = "schlüssel"', no_file)


@pytest.mark.parametrize(
    ("url", "local", "fits"),
    [
        ("https://id.example.org/authorize", False, True),
        ("https://id.example.org:8443/a?b=c", False, True),
        ("http://id.example.org/authorize", True, False),
        ("http://127.0.0.1:8080/a", True, True),
        ("http://[::1]/a", True, True),
        ("http://127.0.0.1:8080/a", False, False),
        ("javascript:alert(1)", True, False),
        ("//id.example.org/a", True, False),
        ("https://", True, False),
        ("https://me:pass@id.example.org/", True, False),
        ("https://id.example.org/#f", True, False),
        ("https://id.example.org/\r\nSet-Cookie: a=b", True, False),
        ("https://id.example.org:99999/", True, False),
        ("https://[::1/", True, False),
        ("https://id.example.org/" + "a" * 2000, True, False),
        (None, True, False),
    ],
)
def test_endpoints_are_https_or_on_this_machine(url: object, local: bool, fits: bool) -> None:
    assert is_endpoint(url, local=local) is fits
