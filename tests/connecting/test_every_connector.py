"""Every guided login, to its end: the real steps, the real listener, against each platform's server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from connectors.connecting import Connected
from connectors.errors import ConnectorError
from connectors.registry import known, load
from klankbord.connecting.place import Place, guided, in_the_way, source_with
from klankbord.connecting.writing import add_source, entry_of
from klankbord.outside import connector_of
from pipeline.renewing import secrets_in
from tests.conftest import Clock
from tests.connecting.mastodon_login import Instance
from tests.connecting.played import ELSEWHERE, Played, refuses
from tests.connecting.shell import allowed, parameters
from tests.connectors import loopback, meta_server
from tests.connectors.bluesky_network import Network
from tests.connectors.facebook_page import FacebookPage
from tests.connectors.instagram_account import InstagramAccount
from tests.connectors.meta_server import SECRET
from tests.connectors.reddit_site import Site as RedditSite
from tests.connectors.threads_account import ThreadsAccount
from tests.connectors.x.site import XSite
from tests.connectors.youtube_site import Site as YouTubeSite
from tests.replying import platforms
from tests.social import api_server
from tests.social.linkedin_server import LinkedInServer
from tests.social.telegram_server import TOKEN, TelegramServer
from tests.social.tiktok_server import TikTokServer

Serving = Callable[[Clock], AbstractContextManager[str]]


def heard(make: Callable[[Clock], Any]) -> Serving:
    """A platform that answers through `handle`."""
    return lambda clock: loopback.listening(make(clock).handle)


@contextmanager
def _instance(_: Clock) -> Iterator[str]:
    with loopback.listening(Instance().handle) as url:
        yield url


@dataclass(frozen=True)
class Case:
    """A guided login.

    Attributes:
        connector: its name.
        serving: the platform.
        typed: what is typed; "URL" stands for the server's address.
        far: addresses of the platform that are the server's here.
        account: whose account is found.
        browses: whether a browser is needed at all.
    """

    connector: str
    serving: Serving
    typed: Mapping[str, str]
    far: tuple[str, ...] = ()
    account: str = "acme"
    chosen: tuple[str, ...] = ()
    browses: bool = True
    finds: Callable[[str], str] | None = field(default=None)


META = {"app_id": "1", "app_secret": SECRET}
APP = {"client_id": "app", "client_secret": "geheim"}
CASES = [
    Case(
        "bluesky",
        lambda clock: platforms.served(Network(clock)),
        {"handle": "acme.example", "app_password": "geheim", "service": "URL"},
        account="@acme.example",
        browses=False,
    ),
    Case(
        "facebook",
        lambda clock: meta_server.served(FacebookPage(clock)),
        META,
        ("https://graph.facebook.com",),
        "Acme",
        chosen=("102030405060708",),
    ),
    Case(
        "instagram",
        lambda clock: meta_server.served(InstagramAccount(clock)),
        META,
        ("https://graph.instagram.com", "https://api.instagram.com"),
        chosen=("instagram",),
    ),
    Case(
        "instagram",
        lambda clock: meta_server.served(InstagramAccount(clock)),
        META,
        ("https://graph.facebook.com",),
        chosen=("facebook",),
    ),
    Case(
        "linkedin",
        lambda clock: api_server.served(LinkedInServer(clock)),
        {"client_id": "app", "client_secret": "app-secret"},
        ("https://api.linkedin.com", "https://www.linkedin.com"),
        "urn:li:organization:1234",
    ),
    Case("mastodon", _instance, {"url": "URL"}, account="@acme@social.example", finds=allowed),
    Case(
        "reddit",
        heard(RedditSite),
        {**APP, "username": "acme_helpt", "redirect_uri": ELSEWHERE, "subreddits": "r/acme, acmehelp"},
        ("https://www.reddit.com", "https://oauth.reddit.com"),
        "u/acme_helpt",
        chosen=("approved",),
    ),
    Case(
        "telegram",
        lambda clock: api_server.served(TelegramServer(clock)),
        {"token": TOKEN, "api_url": "URL"},
        account="@acme_bot",
        browses=False,
    ),
    Case(
        "threads",
        lambda clock: meta_server.served(ThreadsAccount(clock)),
        META,
        ("https://graph.threads.net",),
    ),
    Case(
        "tiktok",
        lambda clock: api_server.served(TikTokServer(clock)),
        {**APP, "authorize_url": f"https://www.tiktok.com/v2/auth?redirect_uri={ELSEWHERE}", "username": "@acme"},
        ("https://business-api.tiktok.com/open_api/v1.3",),
        "@acme",
    ),
    Case("x", heard(XSite), {"client_id": "app"}, ("https://api.x.com",), "@acme"),
    Case(
        "youtube",
        heard(YouTubeSite),
        APP,
        ("https://oauth2.googleapis.com", "https://youtube.googleapis.com"),
        "Acme",
    ),
]
IDS = [f"{case.connector}-{case.chosen[0]}" if case.chosen else case.connector for case in CASES]


def played(case: Case, clock: Clock, url: str) -> Played:
    typed = {name: value.replace("URL", url) for name, value in case.typed.items()}
    person = Played(typed, case.chosen, moved=dict.fromkeys(case.far, url), now=clock())
    if case.finds is not None:
        person.finds = case.finds
    return person


def connected(case: Case, person: Played) -> Connected:
    return person.connect(load(case.connector).connect())


def test_every_guided_login_is_tried_here() -> None:
    ours = {each.name for each in known() if each.package.startswith("klankbord ")}
    assert {case.connector for case in CASES} == set(guided()) & ours


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_login_is_walked_to_its_end_written_and_taken(case: Case, clock: Clock, tmp_path: Path) -> None:
    with case.serving(clock) as url:
        person = played(case, clock, url)
        made = connected(case, person)
    assert made.account == case.account
    assert person.sentences("works")
    assert len(person.opened) == (1 if case.browses else 0)
    assert all(secret not in repr(made) for secret in secrets_in(made.login))
    path = tmp_path / "config.yaml"
    path.write_text("# mine\nsources: []\n", "utf-8")
    entry = entry_of("ours", case.connector, made.options)
    source = add_source(path, entry).sources[0]
    assert source == source_with(Place("ours", case.connector, None), load(case.connector), made)
    assert not any(secret in path.read_text("utf-8") for secret in secrets_in(made.login))
    again = source_with(Place("ours", case.connector, source), load(case.connector), made)
    assert again == source
    agent = connector_of(source)
    assert in_the_way(agent.options, made) == []
    agent.login_taken(made.login)
    assert set((agent.login_to_keep() or made.login).values()) <= set(made.login.values())
    assert agent.queries(("acme",))


@pytest.mark.parametrize("case", [case for case in CASES if case.browses], ids=lambda case: case.connector)
def test_a_person_who_says_no_is_told_in_a_sentence(case: Case, clock: Clock) -> None:
    with case.serving(clock) as url:
        person = played(case, clock, url)
        person.finds = refuses
        with pytest.raises(ConnectorError) as refused:
            connected(case, person)
    assert len(str(refused.value)) > 20
    assert "a-code" not in str(refused.value)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_web_page_in_place_of_every_answer_is_told_in_a_sentence(case: Case, clock: Clock) -> None:
    page = loopback.Answer(b"<html>Bad gateway</html>", 502, {"Content-Type": "text/html"})
    with loopback.listening(lambda _: page) as url:
        person = played(case, clock, url)
        if case.finds is not None:
            person.finds = refuses
        with pytest.raises(ConnectorError) as refused:
            connected(case, person)
    assert len(str(refused.value).split()) > 3
    assert "failed while connecting" not in str(refused.value)


@pytest.mark.parametrize("case", [case for case in CASES if case.browses], ids=lambda case: case.connector)
def test_a_browser_is_sent_with_a_state_that_nobody_can_guess(case: Case, clock: Clock) -> None:
    states = set()
    for _ in range(2):
        with case.serving(clock) as url:
            person = played(case, clock, url)
            person.finds = refuses
            with pytest.raises(ConnectorError):
                connected(case, person)
        states.add(parameters(person.opened[0])["state"])
    assert len(states) == 2
    assert all(len(state) >= 40 for state in states)
