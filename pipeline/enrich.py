"""From an item as a platform gave it to a mention as the store keeps it.

Pure: the same item, settings and instant give the same record. An item that cannot be understood raises
`UnreadableItemError`; the collector sets it aside in quarantine.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Lock

from connectors.items import Item, Json, MediaKind
from connectors.sought import Sought
from pipeline.identity import record_namespace
from pipeline.itemfields import (
    UnreadableItemError,
    attached_to,
    author_of,
    capabilities_of,
    check_identity,
    content_hash_of,
    count_of,
    fitting_url,
    flag_date,
    instant_of,
    rating_of,
    texts_of,
    thread_key_of,
)
from pipeline.meaning import Meaning
from pipeline.settings import CollectSettings, SourceSettings
from pipeline.sought import sought
from store.records import MentionRecord, Near, UnmatchedRecord
from understanding.duplicates import Fingerprint, Said, Words, fingerprint, glance, likeness
from understanding.language import Detector, Language, detector_of
from understanding.match import Document, Rules
from understanding.pii import mask, number_form
from understanding.prepared import Prepared, prepare
from understanding.query import Facts, Node, Place, QueryError, needs_something, parse_query
from understanding.sentiment import Scorer, scored_text, tier_one

_REMEMBERED = 2_000
"""Items whose record is remembered, because polls bring the same ones again and again."""

Record = MentionRecord | UnmatchedRecord
Compress = Callable[[Json], tuple[bytes, int]]
"""Compresses a raw payload; returns the bytes and the id of the dictionary used (0: none)."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """An item whose texts were read and cleaned. Its language is told next, for a page together."""

    item: Item
    title: str | None
    html: str | None
    text: str | None
    flags: list[str]
    prepared: Prepared


class Enricher:
    """Turns items into mention records: plain text, brands, language, sentiment, duplicate key.

    Safe to share between threads.

    Does not read the clock, fetch, or store.

    Args:
        settings: brands, languages.
        compress: packs the raw payload.
        queries: brand query per brand id where the store has a newer version than the configuration.
        detector: names the language; the configured one when left out.
        scorer: of sentiment; tier 1 as it comes when left out.

    Raises:
        QueryError: a brand query cannot be read, or only excludes.
    """

    def __init__(
        self,
        settings: CollectSettings,
        compress: Compress,
        *,
        queries: Mapping[str, str] | None = None,
        detector: Detector | None = None,
        scorer: Scorer | None = None,
    ) -> None:
        texts = {brand.id: (queries or {}).get(brand.id, brand.query) for brand in settings.brands}
        self.queries = {brand_id: read_brand_query(brand_id, text) for brand_id, text in texts.items()}
        self._rules = Rules(self.queries)
        self._compress = compress
        found = detector or detector_of(settings.language_detector, settings.languages)
        self.meaning = Meaning(found, scorer or tier_one())
        self._media = settings.media
        self._forms = tuple(map(number_form, settings.order_numbers))
        own = [brand.id for brand in settings.brands if not brand.competitor]
        self._own_brand = (own[0],) if len(own) == 1 else ()
        self._remembered: OrderedDict[tuple[str, ...], tuple[Item, Record]] = OrderedDict()
        self._lock = Lock()

    def terms(self) -> tuple[Sought, ...]:
        """What connectors search for, so that they find at least what the brand queries match."""
        return sought(self.queries.values())

    def records(
        self, items: Sequence[Item], *, source: SourceSettings, platform: str, fetched_at: datetime
    ) -> list[Record | Exception]:
        """Make the record of each item; an item that is the same as last time gets the same record.

        Args:
            items: as the connector read them.
            source: where they were found; `match: all` keeps them whatever they say.
            platform: the connector's platform name.
            fetched_at: aware UTC instant the answer arrived.

        Returns:
            In the order of the items; an `UnmatchedRecord` when no brand query matches and nothing else keeps it. In
            place of an item that cannot be read stands why: an `UnreadableItemError` when it has no identity, or no
            word, title, rating or attachment to go by.
        """
        made: dict[int, Record | Exception] = {}
        drafts: dict[int, _Draft] = {}
        for place, item in enumerate(items):
            known = self._known(item, source)
            if known is not None:
                made[place] = known
                continue
            try:
                drafts[place] = self._draft(item, source)
            except Exception as error:  # noqa: BLE001 - whatever a poisoned item does to us, the others go on
                made[place] = error
        languages = self.meaning.languages(
            [draft.prepared for draft in drafts.values()], hints=[draft.item.lang_hint for draft in drafts.values()]
        )
        for (place, draft), language in zip(drafts.items(), languages, strict=True):
            try:
                record = made[place] = self._make(draft, language, source, platform, fetched_at)
            except Exception as error:  # noqa: BLE001 - as above
                made[place] = error
            else:
                self._remember(draft.item, source, record, fetched_at)
        return [made[place] for place in range(len(items))]

    def _known(self, item: Item, source: SourceSettings) -> Record | None:
        with self._lock:
            known = self._remembered.get(_key(item, source))
        return known[1] if known is not None and known[0] == item else None

    def _remember(self, item: Item, source: SourceSettings, record: Record, fetched_at: datetime) -> None:
        if item.published_at is None or item.published_at <= fetched_at:  # a date in the future will have passed
            with self._lock:
                self._remembered[_key(item, source)] = (item, record)
                if len(self._remembered) > _REMEMBERED:
                    self._remembered.popitem(last=False)

    def _draft(self, item: Item, source: SourceSettings) -> _Draft:
        check_identity(item)
        flags: list[str] = []
        title, html, text = texts_of(item, flags)
        if source.redact:
            title, html, text = self._redacted(source, title, html, text, flags)
        if not text and not title and item.rating is None and not item.media:
            msg = f"item {item.external_id!r} has no text, title, rating or attachment"
            raise UnreadableItemError(msg)
        return _Draft(item, title, html, text, flags, prepare(text or title or ""))

    def _make(
        self, draft: _Draft, language: Language, source: SourceSettings, platform: str, fetched_at: datetime
    ) -> Record:
        item, title, text, flags, prepared = draft.item, draft.title, draft.text, draft.flags, draft.prepared
        namespace = record_namespace(platform, item.namespace)
        published_at = instant_of(item.published_at, "published_at", item)
        edited_at = instant_of(item.edited_at, "edited_at", item)
        flag_date(published_at, fetched_at, flags)
        if item.addressed:
            flags.append("addressed")
        url = fitting_url(item.url)
        rating, scale = rating_of(item, flags)
        author = author_of(item.author, platform)
        media = attached_to(item, source, self._media)
        facts = Facts(
            source=source.id,
            platform=platform,
            lang=language.code,
            author=() if author is None else (author.handle, author.name),
            url=url,
            kind=item.kind.value,
            visibility=item.visibility.value,
            rating=rating,
            followers=None if author is None else author.followers,
            text=text or "",
            titled=bool(title),
            pictured=any(each.kind == MediaKind.IMAGE for each in media),
            reply=item.parent_external_id is not None,
            own=item.is_own,
            bot=author is not None and bool(author.is_bot),
            staff=author is not None and bool(author.is_staff),
        )
        brands = self._rules.match(Document(title, text, facts=facts))
        if source.own and not brands:
            brands = self._own_brand
        if not (brands or item.is_own or item.addressed or source.match == "all"):
            return UnmatchedRecord(
                external_id=item.external_id,
                namespace=namespace,
                title=title,
                text=text or "",
                lang=language.code,
                url=url,
                published_at=published_at,
                author=None if item.author is None else (platform, item.author.external_id),
            )
        thread_key = thread_key_of(item, namespace)
        said = Words(text or "", title, item.kind.value, url)
        found = None if item.is_own else fingerprint(said)
        whole = prepare(scored_text(title, text)) if title and text else prepared
        kept = item.raw is not None and not source.redact
        payload, zdict_id = self._compress(item.raw) if kept else (None, 0)
        return MentionRecord(
            external_id=item.external_id,
            namespace=namespace,
            platform=platform,
            kind=item.kind.value,
            title=title,
            text=text or "",
            html=draft.html,
            content_hash=content_hash_of(title, text, rating, item.visibility.value, url),
            thread_key=thread_key,
            direction="outbound" if item.is_own else "inbound",
            visibility=item.visibility.value,
            lang=language.code,
            lang_confidence=language.confidence,
            sentiment=None if item.is_own else self.meaning.sentiment(whole, language.code, rating=rating),
            enriched=self.meaning.code,
            rating_raw=item.rating if rating is not None else None,
            rating_scale=scale,
            rating=rating,
            url=url,
            parent_external_id=item.parent_external_id,
            thread_external_id=item.thread_external_id,
            likes=count_of(item.counts.likes),
            replies=count_of(item.counts.replies),
            shares=count_of(item.counts.shares),
            views=count_of(item.counts.views),
            published_at=published_at,
            edited_at=edited_at,
            capabilities=capabilities_of(item, url),
            extra={**item.extra, **({"tags": list(item.tags)} if item.tags else {})},
            dup_hash=None if found is None else found.exact,
            near=near_of(found, said) if found is not None and found.near else None,
            flags=tuple(flags),
            author=author,
            brand_ids=brands,
            payload=payload,
            zdict_id=zdict_id,
            media=media,
        )

    def _redacted(
        self, source: SourceSettings, title: str | None, html: str | None, text: str | None, flags: list[str]
    ) -> tuple[str | None, str | None, str | None]:
        """The texts without the personal data that this source must not keep; of HTML that held any nothing is kept."""
        hidden = tuple(each and mask(each, kinds=source.redact, forms=self._forms) for each in (title, html, text))
        if hidden == (title, html, text):
            return title, html, text
        flags.append("pii_redacted")
        return hidden[0], html if hidden[1] == html else None, hidden[2]


def near_of(found: Fingerprint, said: Said) -> Near:
    """How copies of something said are found and judged."""
    return Near(found.near, partial(likeness, said), found.shape, glance(found.shape).may_be_alike)


def _key(item: Item, source: SourceSettings) -> tuple[str, ...]:
    return source.id, source.match, item.namespace, item.external_id


def read_brand_query(brand_id: str, text: str) -> Node:
    """Read a brand's query.

    Raises:
        QueryError: malformed, or it only excludes and would match nearly everything; names the brand.
    """
    try:
        node = parse_query(text, Place.BRAND)
    except QueryError as error:
        msg = f"the query of brand {brand_id!r} cannot be read: {error}"
        raise QueryError(msg, position=error.position, suggestion=error.suggestion) from error
    if not needs_something(node):
        msg = f"the query of brand {brand_id!r} only excludes, so it would match nearly everything; add a word to find"
        raise QueryError(msg, position=0)
    return node
