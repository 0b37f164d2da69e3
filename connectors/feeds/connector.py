"""The `feeds` connector: RSS, RDF, Atom and JSON Feed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from connectors.contract import Connector, Interval, Options, Page, Purpose, Query, Task
from connectors.errors import BadRequest, FormatChanged, Gone, Transient
from connectors.feeds.addresses import Address, basic_authorization, read_addresses, same_origin
from connectors.feeds.document import Document, Entry
from connectors.feeds.identity import content_key, entry_id, tell_apart
from connectors.feeds.jsonfeed import entry_from_json
from connectors.feeds.mapping import Reading, to_item
from connectors.feeds.options import FeedsOptions
from connectors.feeds.reading import is_browser_check, read_feed
from connectors.feeds.window import (
    Memory,
    Sighting,
    Step,
    first_page,
    older_page,
    read_memory,
    read_step,
    remember,
    write_memory,
    write_step,
)
from connectors.feeds.wishes import seconds_wished
from connectors.feeds.xmlfeed import entry_from_xml
from connectors.http_status import raise_for_status
from connectors.items import Item, Json, Rejected
from connectors.requests import HttpRequest, HttpResponse, Request, Response

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
)
#: A browser check rarely goes away within minutes.
_CHALLENGE_S = 1_800.0


class FeedsConnector(Connector[FeedsOptions]):
    """Reads feeds. Each address is a query of its own, so that one dead feed stops no other.

    An unchanged feed is never parsed. Does not follow WebSub, fetch the pages behind entries, or take an
    entry that left the window for deleted.
    """

    name: ClassVar[str] = "feeds"
    platform: ClassVar[str] = "feeds"
    options_type: ClassVar[type[Options]] = FeedsOptions
    parse_seconds: ClassVar[float | None] = 15.0

    def __init__(self, options: FeedsOptions) -> None:
        super().__init__(options)
        self._addresses = {address.query_id: address for address in read_addresses(options.urls)}

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:  # noqa: ARG002 - a feed is read whole
        """One query per address, known by the address without its secrets."""
        return [Query(id=one.query_id, label=one.namespace) for one in self._addresses.values()]

    def hosts(self) -> frozenset[str]:
        """Hosts of the configured feeds."""
        return frozenset(filter(None, (urlsplit(one.url).hostname for one in self._addresses.values())))

    def plan(self, task: Task) -> Request:
        """Ask for the feed, or for the older page where an earlier chain broke off.

        Raises:
            BadRequest: the configuration no longer has this feed.
        """
        address = self._address(task.query)
        step = read_step(task.window.cursor) if task.window.cursor else None
        if step is not None:
            return self._older_request(address, step)
        # the first look must be read whole; the state it leaves is what "unchanged" is measured against
        known = read_memory(task.state).at is not None and task.window.purpose is Purpose.EXTEND
        return self._request(address, address.url, conditional=known)

    def parse(self, task: Task, response: Response) -> Page:
        """Read a feed, or say why the answer is none.

        Raises:
            ConnectorError: see docs/connectors/feeds.md.
        """
        if not isinstance(response, HttpResponse):
            msg = f"the feeds connector asked over HTTP and was handed a {type(response).__name__}"
            raise BadRequest(msg)
        address = self._address(task.query)
        memory = read_memory(task.state)
        step = read_step(response.request.step)
        if response.unchanged or response.status == 304:
            return self._unchanged(task, memory, response)
        if step is not None and response.status in {404, 410}:
            proof = older_page(step, (), None, missing=True)
            return Page(covered=_within(task, proof.covered), gaps=proof.gaps)
        _raise_for_status(response, address)
        document = read_feed(response.body, response.headers, response.url)
        if step is not None and document.cut_off:  # the end of an archive must not be taken from half a page
            msg = f"an older page of {address.namespace} broke off; it is asked again"
            raise Transient(msg)
        return self._page(task, address, memory, step=step, document=document, response=response)

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:
        """Map a kept entry again.

        Raises:
            FormatChanged: it still cannot be read.
        """
        if not isinstance(raw, dict):
            msg = "the kept payload is no entry of a feed"
            raise FormatChanged(msg)
        if namespace is None:
            known = self._addresses.get(query.id)
            namespace = known.namespace if known else query.label
        try:
            json_feed = str(raw.get("format", "")).startswith("json")
            entry = entry_from_json(raw) if json_feed else entry_from_xml(raw)
            received = datetime.fromisoformat(str(raw.get("received_at")))
            kept_id = raw.get("id")
            external_id = kept_id if isinstance(kept_id, str) else entry_id(entry)
        except ValueError as error:
            raise FormatChanged(str(error)) from error
        plain = {key: value for key, value in raw.items() if key not in {"id", "received_at"}}
        return to_item(entry, external_id, plain, self._reading(namespace, received.astimezone(UTC)))

    def _address(self, query: Query) -> Address:
        address = self._addresses.get(query.id)
        if address is None:
            msg = f"the feed {query.label} is no longer in the configuration"
            raise BadRequest(msg)
        return address

    def _reading(self, namespace: str, received_at: datetime) -> Reading:
        zone = ZoneInfo(self.options.default_timezone)
        return Reading(namespace, zone, self.options.kind, self.options.language, received_at)

    def _request(self, address: Address, url: str, *, conditional: bool, step: str = "") -> HttpRequest:
        headers = {"accept": ACCEPT}
        login = address.login
        if login is None and self.options.username is not None and self.options.password is not None:
            login = (self.options.username, self.options.password.get_secret_value())
        own = same_origin(address.url, url)  # a feed's next page may lie elsewhere; our password does not go there
        if login is not None and own:
            headers["authorization"] = basic_authorization(*login)
        return HttpRequest(
            url=url,
            params=address.secret_params if own else (),
            headers=headers,
            conditional=conditional,
            max_bytes=self.options.max_mb * 1_000_000,
            step=step,
        )

    def _older_request(self, address: Address, step: Step) -> HttpRequest:
        return self._request(address, step.url, conditional=False, step=write_step(step))

    def _unchanged(self, task: Task, memory: Memory, response: HttpResponse) -> Page:
        """The same window as at the last look: nothing came in between."""
        wish = seconds_wished(None, response.headers, response.received_at) or memory.poll_s
        asked = task.window.interval
        start = max(memory.at or asked.start, asked.start)
        return Page(
            covered=Interval(start, asked.end) if start < asked.end else None,
            state=write_memory(replace(memory, at=asked.end)),
            poll_after=timedelta(seconds=wish) if wish else None,
        )

    def _page(
        self,
        task: Task,
        address: Address,
        memory: Memory,
        *,
        step: Step | None,
        document: Document,
        response: HttpResponse,
    ) -> Page:
        reading = self._reading(address.namespace, response.received_at)
        atom = document.format.startswith("atom")
        named: list[tuple[str, Entry, dict[str, Json]]] = []
        rejected: list[Rejected] = [_stamped(each, response.received_at) for each in document.rejected]
        for entry, raw in document.entries:
            try:
                named.append((entry_id(entry), entry, raw))
            except ValueError as error:
                rejected.append(_stamped(Rejected(error=str(error), payload=raw), response.received_at))
        ids, owners = tell_apart(
            [(base, entry) for base, entry, _ in named], atom=atom, last_seen=memory.seen, owners=memory.owners
        )
        items: list[Item] = []
        sightings: list[Sighting] = []
        for external_id, (_, entry, raw) in zip(ids, named, strict=True):
            if external_id is not None:
                item = to_item(entry, external_id, raw, reading)
                items.append(item)
                sightings.append(Sighting(external_id, content_key(entry, atom=atom), item.published_at))
        if document.expired and memory.at is not None and set(remember(sightings)) <= set(memory.seen):
            msg = f"the feed {address.namespace} says that it is over and will not change again"
            raise Gone(msg)
        older = self._offered(address, step, document)
        if step is not None:
            proof = older_page(step, sightings, older, missing=False)
            if proof.stuck and task.window.purpose is Purpose.EXTEND:  # once more, as a hole, before it counts as lost
                msg = f"an older page of {address.namespace} brought nothing older; it is asked once more"
                raise Transient(msg)
        else:
            proof = first_page(memory, task.window, sightings, older=older, lookback=self.lookback)
        state: dict[str, Json] | None = None
        wish = memory.poll_s
        if step is None:
            wish = seconds_wished(document, response.headers, response.received_at)
            if task.window.purpose is Purpose.EXTEND:
                state = write_memory(Memory(task.window.interval.end, remember(sightings), owners, wish))
        return Page(
            items=tuple(items),
            rejected=tuple(rejected),
            next=self._older_request(address, proof.go_on) if proof.go_on else None,
            cursor=write_step(proof.go_on) if proof.go_on else None,
            covered=_within(task, proof.covered),
            gaps=proof.gaps,
            state=state,
            poll_after=timedelta(seconds=wish) if wish else None,
        )

    def _offered(self, address: Address, step: Step | None, document: Document) -> Step | None:
        """The older page that this document offers; its instants are filled in by the window's rules."""
        if not self.options.follow_archives:
            return None
        number = step.number + 1 if step else 2
        unset = datetime(1970, 1, 1, tzinfo=UTC)
        asked = step.url if step else address.url
        if document.older_url is not None and document.older_url != asked:
            return Step(document.older_url, number, unset, unset, counted=False)
        if document.pages:
            return Step(_paged(address.url, number), number, unset, unset, counted=True)
        return None


def _within(task: Task, covered: Interval | None) -> Interval | None:
    """Cut what was proven to what was asked."""
    if covered is None:
        return None
    start, end = max(covered.start, task.window.interval.start), min(covered.end, task.window.interval.end)
    return Interval(start, end) if start < end else None


def _paged(url: str, number: int) -> str:
    """The address of an older page of a WordPress feed (`?paged=2`)."""
    parts = urlsplit(url)
    pairs = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "paged"]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode([*pairs, ("paged", str(number))]), ""))


def _stamped(rejected: Rejected, received_at: datetime) -> Rejected:
    """Note when the answer came beside the payload, as reading it again needs it."""
    payload = rejected.payload
    if isinstance(payload, dict):
        payload = {**payload, "received_at": received_at.isoformat()}
    return replace(rejected, payload=payload)


def _raise_for_status(response: HttpResponse, address: Address) -> None:
    """The house's rules, except that a feed's 404 is no end: YouTube's feeds gave it for days in 2024 and 2026."""
    if response.status == 404:
        msg = f"{address.namespace} has no feed at this address now (404); it is tried again, ever less often"
        raise Transient(msg)
    if response.status in {403, 429, 503} and is_browser_check(response.body):
        msg = f"{address.namespace} shows a browser check instead of the feed; ask its administrator to let us in"
        raise Transient(msg, retry_after_s=_CHALLENGE_S)
    raise_for_status(response, platform=address.namespace)
