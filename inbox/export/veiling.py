"""Personal data in exported rows: masked in texts, or the whole variant in which people and posts have pseudonyms.

A pseudonym is HMAC-SHA256 of what it stands for, under a secret of the workspace, cut to 80 bits: the same value has
the same one in every table and every export, so that tables still join, and nobody without the secret can make or undo
one.

This is pseudonymisation as in article 4(5) AVG/GDPR, not anonymisation: the rows are still personal data. Whoever has
the store, or the secret, finds the people back; a text can name somebody in a way that nobody recognises by rule, and
can be searched for on the web; times, follower counts and rare words can tell who somebody is.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import orjson

from inbox.export.form import PII_MASKED
from store.engine import Store
from store.export_rows import ExportRow
from store.export_shape import Batch, Column, Kind, Veil
from store.facts import fact, keep_fact
from understanding.pii import mask

_SECRET = "export_pseudonyms"  # noqa: S105  the name of the setting
_BYTES = 10
_REMEMBERED = 50_000
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# @name and @name@host; not the @ of a mail address, which is masked before. Reddit writes u/name.
_HANDLE = re.compile(r"(?<![\w@/.])(?:@(\w(?:[\w.-]{0,80}\w)?(?:@[\w.-]{1,100}\w)?)|/?u/([\w-]{2,40}))")
_KEPT_WORDS = frozenset(
    {
        "status", "why", "team_id", "visibility", "kind", "lang", "sentiment", "mode", "how", "state", "code",
        "source_id", "platform", "follow_up", "class", "tag", "tags", "theme", "rule",
    }
)  # fmt: skip
"""Words of ours in what a step changed; other texts there may be people's."""
_COLLEAGUES = frozenset({"assignee_id", "claimed_by", "user_id", "actor_id", "by", "from_id", "to_id", "said_by"})
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?")
REMOVED = "[removed]"


def secret_of(store: Store) -> bytes:
    """The secret of this workspace's pseudonyms, made when it is first asked for.

    It stands in the store: whoever reads the store sees the people themselves.
    """
    with store.read() as conn:
        kept = fact(conn, _SECRET)
    if kept is None:
        with store.write() as conn:
            store.dialect.serialize(conn, "klankbord pseudonyms")
            kept = fact(conn, _SECRET)
            if kept is None:
                kept = secrets.token_hex(32)
                keep_fact(store, conn, _SECRET, kept)
    return bytes.fromhex(str(kept))


class Pseudonyms:
    """Gives pseudonyms under a secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.of = lru_cache(_REMEMBERED)(self._made)

    def _made(self, sort: str, value: str | int) -> str:
        said = f"{sort}\0{value}".encode("utf-8", "surrogatepass")
        return f"{sort}_{hmac.new(self._secret, said, hashlib.sha256).digest()[:_BYTES].hex()}"

    def handle(self, handle: str) -> str:
        """Of a handle, however it is spelled: `@Piet` in a text is the account `piet`."""
        return self.of("handle", handle.removeprefix("@").casefold())

    def prose(self, text: str) -> str:
        """A text whose links are gone and whose handles are pseudonyms."""
        text = _URL.sub("[url]", text) if "//" in text or "www." in text.lower() else text
        if "@" in text or "u/" in text:
            text = _HANDLE.sub(lambda found: f"@{self.handle(found[1] or found[2])}", text)
        return text


class Veiled:
    """The rows of a table under masks, or under pseudonyms and masks.

    Args:
        columns: of the table.
        forms: how the company's own numbers look, see `understanding.pii`.
        pseudonyms: None masks only.

    Attributes:
        columns: as they are afterwards: an id that became a pseudonym is a text.
        masked: rows in which personal data was replaced so far.
    """

    def __init__(
        self, columns: Sequence[Column], forms: Sequence[re.Pattern[str]], pseudonyms: Pseudonyms | None
    ) -> None:
        self.masked = 0
        self.columns = tuple(columns) if pseudonyms is None else tuple(map(_veiled_column, columns))
        self._columns = columns
        self._forms = forms
        self._pseudonyms = pseudonyms

    def __call__(self, batch: Batch) -> Batch:
        """The rows as they leave."""
        columns = list(batch.columns)
        touched: set[int] = set()
        for number, column in enumerate(self._columns):
            if column.veil is Veil.PROSE:
                columns[number] = self._texts(columns[number], touched)
            elif column.veil is Veil.STEP:
                columns[number] = [value and self._step(value) for value in columns[number]]
            elif self._pseudonyms is not None and column.veil is not Veil.NONE:
                columns[number] = _under(column.veil, columns[number], self._pseudonyms)
        names = [column.name for column in self._columns]
        if touched and "flags" in names:
            flags = columns[names.index("flags")]
            columns[names.index("flags")] = [
                (*one, PII_MASKED) if place in touched else one for place, one in enumerate(flags)
            ]
        self.masked += len(touched)
        return Batch(columns, batch.n)

    def _texts(self, values: Sequence[str | None], touched: set[int]) -> list[str | None]:
        told: list[str | None] = []
        for place, value in enumerate(values):
            text = value and mask(value, forms=self._forms)
            if text != value:
                touched.add(place)
            told.append(text and self._pseudonyms.prose(text) if self._pseudonyms is not None else text)
        return told

    def _step(self, document: str) -> str:
        return orjson.dumps(self._part("", orjson.loads(document))).decode()

    def _part(self, key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._part(name, one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._part(key, one) for one in value]
        if self._pseudonyms is None:
            return mask(value, forms=self._forms) if isinstance(value, str) else value
        if key in _COLLEAGUES and value is not None:
            return self._pseudonyms.of("user", value)
        if not isinstance(value, str) or key in _KEPT_WORDS or _INSTANT.fullmatch(value):
            return value
        return REMOVED


def _under(veil: Veil, values: Sequence[Any], pseudonyms: Pseudonyms) -> list[Any]:
    if veil is Veil.GONE:
        return [None] * len(values)
    if veil is Veil.HANDLE:
        return [value and pseudonyms.handle(value) for value in values]
    of, sort = pseudonyms.of, veil.value
    return [None if value is None else of(sort, value) for value in values]


def _veiled_column(column: Column) -> Column:
    if column.veil in {Veil.ACCOUNT, Veil.USER}:
        return replace(column, kind=Kind.TEXT, meaning=f"{column.meaning}; a pseudonym")
    if column.veil in {Veil.HANDLE, Veil.NAME, Veil.POST}:
        return replace(column, meaning=f"{column.meaning}; a pseudonym")
    if column.veil is Veil.GONE:
        return replace(column, meaning="left out of the pseudonymised variant")
    return column


def masked(row: ExportRow, forms: Sequence[re.Pattern[str]]) -> ExportRow:
    """A row whose title and text hold no personal data that is recognised; who wrote it stays."""
    title, text = (each and mask(each, forms=forms) for each in (row.title, row.text))
    if (title, text) == (row.title, row.text):
        return row
    return row._replace(title=title, text=text or "", flags=(*row.flags, PII_MASKED))
