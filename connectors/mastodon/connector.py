"""The connector's front: which instance a line of work or an action belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from connectors.connecting import Connecting
from connectors.contract import Action, ActionResult, Connector, Duties, Options, Page, Query, Task
from connectors.errors import BadRequest, FormatChanged
from connectors.items import Item, Json
from connectors.mastodon import acting, linking
from connectors.mastodon.instance import Instance, MastodonOptions
from connectors.mastodon.lines import Lines, queries_of
from connectors.requests import HttpRequest, Request, Response, over_http


class Mastodon(Connector[MastodonOptions]):
    """Reads hashtags, search hits and mentions of our account on several instances, and answers there.

    Source of every platform fact: the platform's documentation and recorded answers
    (docs/connectors/mastodon.md).
    """

    name = "mastodon"
    platform = "mastodon"
    keeps_keys = timedelta(hours=1)
    duties = Duties(
        erase_within=timedelta(hours=24),
        recheck_every=timedelta(days=7),
        basis=(
            "Servers of this network are to honour deletions (ActivityPub, section 7.4); readers of the API are not "
            "told of them, so they have to ask"
        ),
    )
    options_type: ClassVar[type[Options]] = MastodonOptions

    def __init__(self, options: MastodonOptions) -> None:
        super().__init__(options)
        self._own = frozenset(name.lstrip("@").casefold() for name in options.own_accounts)
        self._instances = {instance.host: instance for instance in map(Instance, options.instances)}
        self._kept: Mapping[str, str] | None = None

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:
        """Each hashtag, each searched term and the mentions, per instance."""
        return [query for instance in self._instances.values() for query in queries_of(instance, tuple(terms))]

    def plan(self, task: Task) -> HttpRequest:
        """See the contract."""
        return self._lines(task.query).plan(task)

    def parse(self, task: Task, response: Response) -> Page:
        """See the contract."""
        return self._lines(task.query).parse(task, over_http(response))

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:  # noqa: ARG002 -- one namespace
        """Read one kept post again.

        Raises:
            FormatChanged: it still cannot be read.
        """
        try:
            return self._lines(query).reread(raw)
        except ValueError as error:
            raise FormatChanged(str(error)) from error

    def act(self, action: Action) -> Request:
        """See the contract."""
        return acting.request_for(self._instance(action.extra.get("instance")), action)

    def acted(self, action: Action, response: Response) -> ActionResult:
        """See the contract."""
        return acting.result_of(self._instance(action.extra.get("instance")), self._own, action, over_http(response))

    @classmethod
    def connect(cls) -> Connecting:
        """Connect an account of one instance."""
        return linking.steps()

    def login_taken(self, kept: Mapping[str, str]) -> None:
        """Use the login of a connected account, on its instance only. It has no end."""
        self._kept = dict(kept)
        instance = self._instances.get(kept.get("instance", ""))
        if instance is not None and kept.get("token"):
            instance.log_in(kept["token"])

    def login_to_keep(self) -> Mapping[str, str] | None:
        """The login as it was taken; it does not change."""
        return self._kept

    def hosts(self) -> frozenset[str]:
        """The instances' hosts."""
        return frozenset(urlsplit(instance.base).hostname or "" for instance in self._instances.values())

    def _lines(self, query: Query) -> Lines:
        instance = self._instance(query.params.get("host"))
        return Lines(instance, self._own, skip_noindex=self.options.respect_noindex)

    def _instance(self, host: Json) -> Instance:
        instance = self._instances.get(host) if isinstance(host, str) else None
        if instance is None:
            msg = f"the instance {host!r} is no longer configured for this source"
            raise BadRequest(msg)
        return instance
