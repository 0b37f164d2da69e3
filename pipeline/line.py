"""One query of one source at work: what every step of a run needs to know of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import BaseModel, SecretStr

from connectors.contract import Connector, Options, Query, Task, Window
from connectors.items import Json
from pipeline.metering import Held, Share
from pipeline.report import Tally
from pipeline.settings import SourceSettings
from store.records import Span, ValidatorRecord


@dataclass(slots=True)
class Login:
    """The login of a source during one run: it is renewed once at most.

    Attributes:
        stamp: which one the requests go out with (`pipeline.logins`).
    """

    renewed: bool = False
    stamp: int = 0


@dataclass(slots=True)
class Line:
    """One query of one source during one run.

    Attributes:
        secrets: values that may never be shown or stored.
        hosts: the only private hosts this source may reach.
        fence: of the lease; None outside the worker.
        state: the connector's own state as last committed.
        validators: by URL, as last committed.
        covered: spans proven complete before this run.
        gaps: spans of open gaps that are still to be read.
        lost: spans of gaps that nobody reads any more.
        unbought: those of `gaps` that are there because their reading would have cost more than was left.
        share: the part of limited meters that the window under way may use.
        wish: the platform's own wish for the time between polls, as this run heard it.
        left: what reading could still use of each meter with a limit, before the call under way.
        held: what is held of meters for the call under way.
    """

    source: SourceSettings
    connector: Connector[Options]
    query: Query
    secrets: tuple[str, ...]
    hosts: frozenset[str]
    login: Login
    fence: int | None = None
    state: Mapping[str, Json] = field(default_factory=dict)
    validators: Mapping[str, ValidatorRecord] = field(default_factory=dict)
    covered: Sequence[Span] = ()
    gaps: Sequence[Span] = ()
    lost: Sequence[Span] = ()
    unbought: Sequence[Span] = ()
    share: Share = Share.READING
    first_run: bool = False
    wish: timedelta | None = None
    tally: Tally = field(default_factory=Tally)
    left: Mapping[str, float] = field(default_factory=dict)
    held: Held | None = None

    def task(self, window: Window) -> Task:
        """The connector's task for a window, with the newest state and what is left."""
        return Task(source_id=self.source.id, query=self.query, window=window, state=self.state, left=self.left)


def secrets_of(options: BaseModel) -> tuple[str, ...]:
    """Every secret value in a connector's options, however deep."""
    return tuple(dict.fromkeys(secret for secret in _secrets(options) if secret))


def _secrets(value: object) -> Iterator[str]:
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case BaseModel():
            for name in type(value).model_fields:
                yield from _secrets(getattr(value, name))
        case Mapping():
            for each in value.values():
                yield from _secrets(each)
        case list() | tuple() | set() | frozenset():
            for each in value:
                yield from _secrets(each)
        case _:
            return
