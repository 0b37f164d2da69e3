"""Connecting a Mastodon account, against an instance on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.contract import Interval, Task, Window
from connectors.errors import AuthDead, BadRequest, ConnectorError, Transient
from connectors.mastodon import Mastodon, MastodonOptions
from connectors.mastodon.linking import has_right
from tests.connecting.mastodon_login import WHOLE, Instance
from tests.connecting.played import Played
from tests.connecting.shell import allowed, parameters
from tests.connectors.loopback import listening

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def instance() -> Instance:
    return Instance()


@pytest.fixture
def url(instance: Instance) -> Iterator[str]:
    with listening(instance.handle) as url:
        yield url


def person(url: str, token: str = "") -> Played:
    return Played({"url": url, "token": token}, finds=allowed)


def task(connector: Mastodon, kind: str) -> Task:
    (query,) = [each for each in connector.queries(("acme",)) if each.params["kind"] == kind]
    return Task("social", query, Window(Interval(NOW.replace(hour=1), NOW)))


def test_an_account_is_connected_by_the_browser(instance: Instance, url: str) -> None:
    instance.longest = 5_000
    played = person(url)
    connected = played.connect(Mastodon.connect())
    assert connected.account == "@acme@social.example"
    assert connected.options == {
        "instances": [{"url": url, "notifications": True, "search": True, "max_characters": 5_000}]
    }
    assert connected.login["token"] in instance.tokens
    asked = parameters(played.opened[0])
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"].split() == [
        "read:accounts",
        "read:statuses",
        "read:notifications",
        "read:search",
        "write:statuses",
        "write:favourites",
    ]
    assert len(played.sentences("works")) == 6


def test_the_kept_login_reads_and_answers_on_its_instance_and_goes_nowhere_else(url: str) -> None:
    connected = person(url).connect(Mastodon.connect())
    instances = [*connected.options["instances"], {"url": "https://other.example", "hashtags": ["acme"]}]
    connector = Mastodon(MastodonOptions.model_validate({"instances": instances}))
    with pytest.raises(AuthDead, match="klankbord connect mastodon"):
        connector.plan(task(connector, "notifications"))
    connector.login_taken(connected.login)
    request = connector.plan(task(connector, "notifications"))
    assert request.headers["Authorization"] == f"Bearer {connected.login['token']}"
    elsewhere = connector.plan(task(connector, "tag"))
    assert elsewhere.url.startswith("https://other.example")
    assert "Authorization" not in elsewhere.headers
    assert connector.login_to_keep() == connected.login
    assert connector.login_ends_at() is None
    assert connector.refresh() is None


def test_a_token_in_the_options_goes_before_the_kept_login(url: str) -> None:
    options = {"instances": [{"url": url, "token": "from-the-options", "notifications": True}]}
    connector = Mastodon(MastodonOptions.model_validate(options))
    connector.login_taken({"instance": url.removeprefix("http://"), "token": "kept"})
    request = connector.plan(task(connector, "notifications"))
    assert request.headers["Authorization"] == "Bearer from-the-options"


def test_an_older_instance_is_asked_without_what_it_does_not_know(instance: Instance, url: str) -> None:
    instance.modern = False
    played = person(url)
    played.connect(Mastodon.connect())
    assert "code_challenge" not in parameters(played.opened[0])


def test_an_instance_that_knows_only_whole_scopes_is_asked_for_those(instance: Instance, url: str) -> None:
    instance.knows = "read write follow push"
    played = person(url)
    played.connect(Mastodon.connect())
    assert parameters(played.opened[0])["scope"] == "read write"
    assert len(played.sentences("works")) == 6


def test_what_was_not_granted_is_said_and_not_asked_for_later(instance: Instance, url: str) -> None:
    instance.grants = "read:accounts read:statuses read:search"
    played = person(url)
    connected = played.connect(Mastodon.connect())
    assert connected.options["instances"][0]["notifications"] is False
    lacks = " ".join(played.sentences("lacks"))
    assert "Answering, and taking back own posts: will not work, because write:statuses was not granted." in lacks
    assert "read:notifications" in lacks


def test_a_pasted_token_is_looked_at(instance: Instance, url: str) -> None:
    instance.tokens["typed-token"] = "read"
    played = person(url, "typed-token")
    connected = played.connect(Mastodon.connect())
    assert dict(connected.login) == {"instance": url.removeprefix("http://"), "token": "typed-token"}
    assert "write:statuses" in " ".join(played.sentences("lacks"))
    assert played.opened == []


def test_a_pasted_token_is_tried_where_its_rights_are_not_told(instance: Instance, url: str) -> None:
    instance.modern = False
    instance.tokens["typed-token"] = "read:accounts read:search"
    played = person(url, "typed-token")
    connected = played.connect(Mastodon.connect())
    assert connected.options["instances"][0] == {"url": url, "notifications": False, "search": True}
    assert "does not say which rights" in " ".join(played.sentences("note"))


def test_a_token_that_is_not_accepted_connects_nothing(url: str) -> None:
    with pytest.raises(AuthDead, match="does not accept our token") as refused:
        person(url, "wrong-token").connect(Mastodon.connect())
    assert "wrong-token" not in str(refused.value)


def test_a_person_who_says_no_connects_nothing(instance: Instance, url: str) -> None:
    instance.denies = True
    with pytest.raises(AuthDead, match="The person said no"):
        person(url).connect(Mastodon.connect())


def test_a_code_that_is_refused_is_told_in_the_words_of_the_instance(instance: Instance, url: str) -> None:
    played = person(url)
    played.finds = lambda address: allowed(address).replace("code=code-0", "code=another")
    with pytest.raises(AuthDead, match="Client authentication failed"):
        played.connect(Mastodon.connect())
    assert len(instance.tokens) == 1


def test_a_web_page_in_place_of_an_answer_is_told(instance: Instance, url: str) -> None:
    instance.page = b"<html>Bad gateway</html>"
    with pytest.raises(Transient):
        person(url).connect(Mastodon.connect())


@pytest.mark.parametrize("typed", ["", "not an address", "https://social.example/@acme", "ftp://social.example"])
def test_what_is_no_address_of_an_instance_is_refused(typed: str) -> None:
    with pytest.raises(BadRequest, match="is not the address of an instance"):
        person(typed).connect(Mastodon.connect())


def test_a_search_without_an_account_says_what_to_run() -> None:
    connector = Mastodon(MastodonOptions.model_validate({"instances": [{"url": "home.example", "search": True}]}))
    with pytest.raises(ConnectorError, match="run `klankbord connect mastodon`"):
        connector.plan(task(connector, "search"))


def test_a_whole_right_holds_its_parts() -> None:
    assert has_right(["read"], "read:search")
    assert has_right(WHOLE.split(), "write:statuses")
    assert not has_right(["read:statuses", "write:favourites"], "write:statuses")
