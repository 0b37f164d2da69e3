"""Every method of every door asks first who is there: nobody gets in without a session, nor beyond their role."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from inbox.errors import InboxError, NotAllowed, NotSignedIn
from inbox.permissions import Role
from inbox.service import Inbox
from inbox.views import View
from inbox.writing.views import Mode
from tests.inbox.accessing import secured
from tests.inbox.conftest import World

BEFORE_A_SESSION = {
    "now", "reading_together", "sign_in", "look_at_link", "use_link",
    "access.half_way", "access.half_way_enrolment", "access.finish_sign_in", "access.ask_link",
    "specialists.page", "specialists.answer", "specialists.link",
    "single_sign_on.depart", "single_sign_on.arrive",
    "trends.previous", "zone",
}  # fmt: skip
"""What needs no session: the clock and its time zone, sharing a read that asks by itself, signing in, the page behind
a specialist's link, which its own token opens; and arithmetic on what is asked, which reads nothing."""

QUIET = {"sign_out"}
"""What says nothing when there is no session: it had ended already."""

READS_OR_OWN = {
    "access.account", "access.begin_second_factor", "access.change_password", "access.confirm_second_factor",
    "alerts.running",
    "access.end_session", "access.renew_recovery_codes", "access.sessions", "access.turn_off_second_factor",
    "bulk.count", "choices", "counts", "current_user", "detail", "earlier_messages", "hand_over.earlier",
    "hand_over.standing", "health_bar", "lab.query_changes",
    "listening.last_looks", "listening.set_aside", "listing", "mail.choose",
    "mail.mine", "mentions.count", "mentions.seen", "noise.listing", "noise.open", "noise.proposed", "noise.set_aside",
    "noise.totals", "persons.badges", "persons.customer",
    "pictures.jpeg", "presence.around",
    "presence.people", "presence.touch", "promises.mine", "promises.of", "promises.preview", "replies.of",
    "replies.checks_of",
    "replies.parent_of", "replies.n_waiting_for_approval",
    "replies.troubled", "replies.waiting_for_approval", "rules.explain", "rules.listing", "rules.open",
    "saved_views.all", "saved_views.badges", "saved_views.change", "saved_views.create", "saved_views.delete",
    "saved_views.move", "saved_views.rename", "set_language", "sources", "tags.listing", "talks",
    "themes.back_test", "themes.discover", "themes.lesson", "themes.listing", "themes.names", "themes.of",
    "themes.opened",
    "tones.accuracy", "tones.catching_up", "tones.learning", "tones.months", "tones.past_words", "tones.words",
    "tour.done", "tour.wanted", "writing.my_drafts", "writing.set_initials", "writing.writer",
}  # fmt: skip
"""What everybody may who is signed in: reading, and what is their own."""


def methods(inbox: Inbox) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public method of the inbox and of its doors, by name."""
    for name, value in inspect.getmembers(inbox):
        if name.startswith("_"):
            continue
        if inspect.ismethod(value):
            yield name, value
        else:
            for inner, method in inspect.getmembers(value, inspect.ismethod):
                if not inner.startswith("_"):
                    yield f"{name}.{inner}", method


def call(method: Callable[..., Any], token: str, world: World) -> object:
    """Call it with this token and with values of the right kind for the rest."""
    given: dict[str, Any] = {}
    for name, one in inspect.signature(method).parameters.items():
        if name == "token":
            given[name] = token
        elif one.default is inspect.Parameter.empty:
            given[name] = value(str(one.annotation), world)
    return method(**given)


def value(kind: str, world: World) -> object:
    values: dict[str, object] = {
        "int": 1, "bool": True, "str": "x", "datetime": world.clock() + timedelta(hours=1), "Mapping": {}, "dict": {},
        "Iterable": (), "Sequence": (), "tuple": (), "Collection": (), "Mode": Mode.NOTE, "View": View.ALL,
        "Role": Role.AGENT,
    }  # fmt: skip
    return values.get(kind.partition("[")[0].removesuffix(" | None"))


@pytest.fixture
def world(world: World) -> World:
    return secured(world)


def test_nothing_is_done_or_told_without_a_session(world: World) -> None:
    let_in = []
    for name, method in methods(world.inbox):
        if name in BEFORE_A_SESSION | QUIET:
            continue
        for token in ("", "made up"):
            try:
                call(method, token, world)
            except NotSignedIn:
                continue
            except Exception as problem:  # noqa: BLE001 - whatever it is, it was not the refusal
                let_in.append((name, repr(problem)))
            else:
                let_in.append((name, "was done"))
    assert not let_in


def test_who_only_reads_is_refused_everything_else(world: World) -> None:
    token = world.token(world.person(Role.READ_ONLY))
    done = set()
    for name, method in methods(world.inbox):
        if name in BEFORE_A_SESSION | QUIET | {"sign_out_everywhere"}:
            continue
        try:
            call(method, token, world)
        except NotAllowed:
            continue
        except (InboxError, AttributeError, TypeError):
            pass
        done.add(name)
    assert done == READS_OR_OWN


def test_the_list_of_what_needs_no_session_is_not_longer_than_it_must_be(world: World) -> None:
    there = dict(methods(world.inbox))
    assert BEFORE_A_SESSION - there.keys() == set()
    for name in BEFORE_A_SESSION:
        assert "token" not in inspect.signature(there[name]).parameters or name.startswith("specialists.")
