"""Connecting an account by hand, step by step, against a network on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.bluesky import Bluesky, BlueskyOptions
from connectors.connecting import Ask, Call, Connected, Tell, Tone
from connectors.errors import AuthDead, BadRequest
from connectors.requests import HttpRequest
from tests.conftest import Clock
from tests.connectors.bluesky_network import Network
from tests.connectors.driver import perform
from tests.connectors.lexicons import request_misses
from tests.replying.platforms import served


@pytest.fixture
def network(clock: Clock) -> Network:
    return Network(clock)


@pytest.fixture
def url(network: Network) -> Iterator[str]:
    with served(network) as address:
        yield address


def walk(clock: Clock, **typed: str) -> tuple[list[Tell], list[HttpRequest], Connected]:
    steps = Bluesky.connect()
    assert steps is not None
    told: list[Tell] = []
    asked: list[HttpRequest] = []
    said: Any = None
    try:
        while True:
            step = steps.send(said)
            said = None
            if isinstance(step, Ask):
                assert [each.secret for each in step.fields] == [False, True, False]
                said = typed
            elif isinstance(step, Call):
                asked.append(step.request)
                said = perform(step.request, clock())
            elif isinstance(step, Tell):
                told.append(step)
    except StopIteration as ended:
        return told, asked, ended.value


def test_an_app_password_is_tried_and_what_works_is_said(network: Network, url: str, clock: Clock) -> None:
    told, asked, found = walk(clock, handle=" @acme.example ", app_password="geheim", service=url)
    assert [each.text for each in told if each.tone is Tone.WORKS][:2] == [
        "Searching works.",
        "Reading mentions, replies and quotes works.",
    ]
    assert found.account == "@acme.example"
    assert "Reading and answering direct messages works." in [each.text for each in told]
    assert found.options == {"handle": "acme.example", "service": url, "messages": True}
    assert "geheim" not in repr(found)
    for request in asked:
        assert request_misses(request) == []
    made = Bluesky(BlueskyOptions.model_validate({**found.options, "terms": ["acme"]}))
    made.login_taken(found.login)
    assert made.login_to_keep() == found.login
    assert made.refresh() is not None
    network.password = "another"
    assert made.login_ends_at() is not None


def test_what_does_not_work_is_said_in_words_and_the_rest_goes_on(network: Network, url: str, clock: Clock) -> None:
    network.refusing |= {"app.bsky.feed.searchPosts", "chat.bsky.convo.listConvos"}
    told, _, found = walk(clock, handle="acme.example", app_password="geheim", service=url)
    lacks = [each.text for each in told if each.tone is Tone.LACKS]
    assert "Searching does not work now" in lacks[0]
    assert "direct messages does not work now" in lacks[1]
    assert "messages" not in found.options
    assert found.account == "@acme.example"


def test_a_wrong_app_password_says_what_to_do(url: str, clock: Clock, network: Network) -> None:  # noqa: ARG001
    with pytest.raises(AuthDead, match="app password"):
        walk(clock, handle="acme.example", app_password="fout", service=url)


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"handle": "acme.example"},
        {"handle": "jo@mail.example", "app_password": "geheim"},
        {"handle": "acme.example", "app_password": "geheim", "service": "acme"},
        {"handle": "geheim wachtwoord", "app_password": "x"},
    ],
)
def test_what_cannot_be_an_account_is_refused_without_showing_it(typed: dict[str, str], clock: Clock) -> None:
    with pytest.raises(BadRequest) as caught:
        walk(clock, **typed)
    assert "geheim" not in str(caught.value)


def test_the_accounts_own_password_is_advised_against(network: Network, url: str, clock: Clock) -> None:
    network.scope = "com.atproto.access"
    told, _, _ = walk(clock, handle="acme.example", app_password="geheim", service=url)
    assert any("Make an app password" in each.text for each in told)
