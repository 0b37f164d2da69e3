"""The connector's front: which line of work or action a call belongs to, and the login it is made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from connectors.connecting import Connecting
from connectors.contract import Action, ActionResult, Connector, Duties, Meter, Options, Page, Query, Task
from connectors.errors import FormatChanged
from connectors.instagram import linking, webhooks
from connectors.instagram.acting import Acting
from connectors.instagram.hashtags import METER
from connectors.instagram.lines import Lines, queries_of
from connectors.instagram.options import InstagramOptions
from connectors.instagram.reading import MESSAGE, SITE, Reader
from connectors.items import Item, Json, LengthUnit
from connectors.meta.graph import Graph
from connectors.meta.kept import around_of
from connectors.meta.messages import Desk
from connectors.meta.sixty_days import SixtyDays
from connectors.meta.webhooks import MetaSigning
from connectors.requests import HttpRequest, Request, Response, over_http
from connectors.webhooks import Delivery, Told

MESSAGE_BYTES = 1000


class Instagram(Connector[InstagramOptions]):
    """Reads what is said to one professional account, and answers there.

    Source of every platform fact: Meta's Graph API documentation and field lists (docs/connectors/instagram.md).
    """

    name = "instagram"
    platform = "instagram"
    options_type: ClassVar[type[Options]] = InstagramOptions
    signing = MetaSigning
    duties = Duties(
        recheck_every=timedelta(days=7),
        basis=(
            "Meta Platform Terms, section 3.d: what was removed, or is no longer needed, is deleted "
            "(developers.facebook.com/terms)."
        ),
    )

    def __init__(self, options: InstagramOptions) -> None:
        super().__init__(options)
        self._kept = SixtyDays()

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:  # noqa: ARG002 -- Instagram has no search over words
        """Own media with comments, tags, messages and hashtags, as configured."""
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

    def told(self, delivery: Delivery) -> Told | None:
        """See the contract."""
        return webhooks.told(delivery, self.options)

    def meters(self) -> Sequence[Meter]:
        """Hashtags that were searched for the first time; Meta itself counts thirty in seven days."""
        return (Meter(METER, "hashtags", None, writes=False),) if self.options.hashtags else ()

    @classmethod
    def connect(cls) -> Connecting:
        """The way a person connects an account."""
        return linking.connect()

    def login_taken(self, kept: Mapping[str, str]) -> None:
        """Use the token that `klankbord connect instagram` left, or that another process renewed."""
        self._kept = SixtyDays.of(kept)

    def login_to_keep(self) -> Mapping[str, str] | None:
        """The login as it stands."""
        return self._kept.kept()

    def login_ends_at(self) -> datetime | None:
        """Sixty days after it was given or renewed; a page's token has no end."""
        return self._kept.ends_at

    def refresh(self) -> HttpRequest | None:
        """Only a kept login of Instagram itself is renewed: a renewed one of the options could not be kept."""
        if not self._renewable:
            return None
        return self._kept.refresh(self._graph, self.options.base, "ig_refresh_token")

    def refreshed(self, response: Response) -> None:
        """See the contract."""
        self._kept = self._kept.refreshed(self._graph, over_http(response))

    def hosts(self) -> frozenset[str]:
        """The API's host."""
        return frozenset({urlsplit(self.options.base).hostname or ""})

    @property
    def _renewable(self) -> bool:
        return self.options.login == "instagram" and self.options.token is None and self._kept.token is not None

    @property
    def _graph(self) -> Graph:
        token, secret = self.options.token, self.options.app_secret
        return Graph(
            "Instagram",
            f"{self.options.base}/{self.options.version}",
            "klankbord connect instagram",
            token.get_secret_value() if token is not None else self._kept.token,
            secret.get_secret_value() if secret is not None else self._kept.app_secret,
            renewable=self._renewable,
        )

    @property
    def _own(self) -> frozenset[str]:
        return frozenset(key for key in (self.options.account, self.options.page) if key is not None)

    @property
    def _reader(self) -> Reader:
        return Reader(frozenset({self.options.account}), writes_privately=self.options.messages)

    @property
    def _desk(self) -> Desk:
        facebook = self.options.login == "facebook"
        return Desk(
            self.options.page or "" if facebook else self.options.account,
            self._own,
            "instagram",
            f"{SITE}/direct/inbox/",
            MESSAGE_BYTES,
            LengthUnit.BYTES,
            human_agent=self.options.human_agent,
        )

    @property
    def _lines(self) -> Lines:
        return Lines(self._graph, self.options, self._reader, self._desk)

    @property
    def _acting(self) -> Acting:
        return Acting(self._graph, self.options.account, self._reader, self._desk)
