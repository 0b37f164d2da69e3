"""The connector's front: which line of work or action a call belongs to, and the login it is made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from connectors.connecting import Connecting
from connectors.contract import Action, ActionResult, Connector, Duties, Options, Page, Query, Target, Task
from connectors.errors import FormatChanged
from connectors.facebook import linking, webhooks
from connectors.facebook.acting import Acting
from connectors.facebook.lines import Lines, queries_of
from connectors.facebook.options import FacebookOptions
from connectors.facebook.reading import MESSAGE, SITE, Reader
from connectors.items import Item, Json
from connectors.meta.graph import Graph
from connectors.meta.kept import around_of
from connectors.meta.messages import Desk
from connectors.meta.webhooks import MetaSigning
from connectors.requests import HttpRequest, Request, Response, over_http
from connectors.webhooks import Delivery, Told

MESSAGE_LENGTH = 2000


class Facebook(Connector[FacebookOptions]):
    """Reads one page's posts, comments, reviews and messages, and answers there.

    Source of every platform fact: Meta's Graph API documentation and field lists (docs/connectors/facebook.md).
    """

    name = "facebook"
    platform = "facebook"
    options_type: ClassVar[type[Options]] = FacebookOptions
    recheck_many = 50
    signing = MetaSigning
    duties = Duties(
        recheck_every=timedelta(days=7),
        basis=(
            "Meta Platform Terms, section 3.d: what was removed, or is no longer needed, is deleted "
            "(developers.facebook.com/terms)."
        ),
    )

    def __init__(self, options: FacebookOptions) -> None:
        super().__init__(options)
        self._kept: Mapping[str, str] = {}

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:  # noqa: ARG002 -- Facebook has no search over words
        """Posts with comments, visitors' posts, tags, reviews and messages, as configured."""
        return queries_of(self.options)

    def plan(self, task: Task) -> HttpRequest:
        """See the contract."""
        return self._lines.plan(task)

    def parse(self, task: Task, response: Response) -> Page:
        """See the contract."""
        return self._lines.parse(task, over_http(response))

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:  # noqa: ARG002 -- one namespace
        """Read one kept entry again.

        Raises:
            FormatChanged: it still cannot be read.
        """
        if not isinstance(raw, dict):
            msg = "the kept entry is no object"
            raise FormatChanged(msg)
        try:
            return self._desk.read(raw) if around_of(raw).get("what") == MESSAGE else self._reader.read(raw)
        except ValueError as error:
            raise FormatChanged(str(error)) from error

    def act(self, action: Action) -> Request:
        """See the contract."""
        return self._acting.request(action)

    def acted(self, action: Action, response: Response) -> ActionResult:
        """See the contract."""
        return self._acting.result(action, over_http(response))

    def recheck(self, targets: Sequence[Target]) -> Request:
        """See the contract."""
        return self._acting.rechecking.begin(targets)

    def rechecked(self, targets: Sequence[Target], response: Response) -> ActionResult:
        """See the contract."""
        return self._acting.rechecking.answer(targets, over_http(response))

    def told(self, delivery: Delivery) -> Told | None:
        """See the contract."""
        return webhooks.told(delivery, self.options)

    @classmethod
    def connect(cls) -> Connecting:
        """The way a person connects a page."""
        return linking.connect()

    def login_taken(self, kept: Mapping[str, str]) -> None:
        """Use the page token that `klankbord connect facebook` left."""
        self._kept = dict(kept)

    def hosts(self) -> frozenset[str]:
        """The API's host."""
        return frozenset({urlsplit(self.options.url).hostname or ""})

    @property
    def _graph(self) -> Graph:
        token, secret = self.options.token, self.options.app_secret
        return Graph(
            "Facebook",
            f"{self.options.url}/{self.options.version}",
            "klankbord connect facebook",
            token.get_secret_value() if token is not None else self._kept.get("token"),
            secret.get_secret_value() if secret is not None else self._kept.get("app_secret"),
        )

    @property
    def _reader(self) -> Reader:
        return Reader(self.options.page, writes_privately=self.options.messages)

    @property
    def _desk(self) -> Desk:
        page = self.options.page
        return Desk(
            page,
            frozenset({page}),
            "messenger",
            f"{SITE}/{page}/inbox",
            MESSAGE_LENGTH,
            human_agent=self.options.human_agent,
        )

    @property
    def _lines(self) -> Lines:
        return Lines(self._graph, self.options, self._reader, self._desk)

    @property
    def _acting(self) -> Acting:
        return Acting(self._graph, self._reader, self._desk)
