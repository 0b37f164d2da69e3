"""A Klankbord connector for Guestbook, an invented service (README.md shows what it answers)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from connectors.contract import Action, ActionKind, ActionResult, Connector, Interval, Options, Page, Query, Task
from connectors.errors import FormatChanged
from connectors.http_status import json_body, raise_for_status
from connectors.items import Author, Capabilities, Deleted, Item, Json, Kind, Rejected
from connectors.progress import bottom_of, proven_down
from connectors.requests import HttpRequest, HttpResponse, Request, Response


class GuestbookOptions(Options):
    """What a source of this kind may say in `config.yaml`, beside what every source may say."""

    url: str


class Guestbook(Connector[GuestbookOptions]):
    """Reads all entries of one guestbook. It has no way to answer."""

    name = "guestbook"
    platform = "guestbook"
    options_type = GuestbookOptions

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:  # noqa: ARG002 -- a guestbook is read whole
        return (Query("entries", f"Entries on {self._host}"),)

    def plan(self, task: Task) -> Request:
        before = task.window.cursor  # where an earlier chain broke off; None begins at the newest
        return self._ask(before, edge=None)

    def _ask(self, before: str | None, edge: datetime | None) -> HttpRequest:
        params = () if before is None else (("before", before),)
        # `step` comes back with the answer: here it carries how far down the window is proven already.
        return HttpRequest(f"{self.options.url}/entries", params=params, step="" if edge is None else edge.isoformat())

    def parse(self, task: Task, response: Response) -> Page:
        body = self._body(response)
        entries = body.get("entries") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(entries, list):
            msg = f"{self._host} answered without entries: is this a guestbook?"
            raise FormatChanged(msg)

        items: list[Item] = []
        rejected: list[Rejected] = []
        for entry in entries:
            try:
                items.append(self._item(entry))
            except (ValueError, KeyError, TypeError) as error:  # one bad entry never costs the page
                rejected.append(Rejected(f"an entry cannot be read: {error!r}", entry))
        times = [item.published_at for item in items if item.published_at is not None]

        edge = datetime.fromisoformat(response.request.step) if response.request.step else None
        window: Interval = task.window.interval
        bottom = bottom_of(times)
        if body.get("more") is not True or (bottom is not None and bottom < window.start):
            # Only the service's own end, or an entry older than the window, proves the rest of the window.
            return Page(tuple(items), tuple(rejected), covered=proven_down(window, None, edge))
        if not items:
            msg = f"{self._host} promises more but sent no entry to go on from"
            raise FormatChanged(msg)
        before = items[-1].external_id
        asked = dict(response.request.params).get("before")
        if asked is not None and int(before) >= int(asked):
            msg = f"{self._host} does not page: asked for entries below {asked}, got {before}"
            raise FormatChanged(msg)
        return Page(
            tuple(items),
            tuple(rejected),
            next=self._ask(before, bottom),
            cursor=before,
            covered=proven_down(window, bottom, edge),
        )

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:  # noqa: ARG002 -- the entry says it all
        return self._item(raw)

    def act(self, action: Action) -> Request:
        if action.kind is ActionKind.RECHECK:
            return HttpRequest(f"{self.options.url}/entries/{action.external_id}")
        return super().act(action)  # says that Guestbook offers no way to do it

    def acted(self, action: Action, response: Response) -> ActionResult:
        if isinstance(response, HttpResponse) and response.status == 410:
            return ActionResult(deleted=(Deleted(action.external_id, self._host),))
        return ActionResult((self._item(self._body(response)),))

    def hosts(self) -> frozenset[str]:
        return frozenset({urlsplit(self.options.url).hostname or ""})

    def _body(self, response: Response) -> Json:
        if not isinstance(response, HttpResponse):
            msg = "a guestbook is asked over http"
            raise TypeError(msg)
        raise_for_status(response, platform=self._host)
        return json_body(response, platform=self._host)

    @property
    def _host(self) -> str:
        return urlsplit(self.options.url).netloc

    def _item(self, entry: Json) -> Item:
        if not isinstance(entry, dict):
            msg = "not an object"
            raise TypeError(msg)
        key, name = str(int(str(entry["id"]))), str(entry["name"])
        changed = entry.get("changed")
        return Item(
            external_id=key,
            namespace=self._host,  # ids count from 1 in every guestbook, so they are unique in this one only
            kind=Kind.POST,
            text=str(entry["body"]),
            author=Author(external_id=name, handle=name),
            url=f"{self.options.url}/#{key}",
            published_at=datetime.fromisoformat(str(entry["written"])),
            edited_at=None if changed is None else datetime.fromisoformat(str(changed)),
            capabilities=Capabilities(why_not_reply="A guestbook cannot be answered."),
            raw=entry,
        )
