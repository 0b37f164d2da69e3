"""Tables out of the house: what leaves, in which formats, under which masks, and what is told of it.

`writing` is the way in: `write` for a file, `Stream` for its pieces; `packing.pack` for several tables in one ZIP.
What a column means stands beside its query in `store.export_tables`; docs/export.md is made from that.
"""

from inbox.export.asking import expected, filter_of, now, outlook, recipient
from inbox.export.form import FORMATS, PII_MASKED, PLAIN, Form, Format, Manifest, Withheld
from inbox.export.packing import pack
from inbox.export.veiling import masked
from inbox.export.writing import Stream, write
from store.export_mentions import MENTION_COLUMNS
from store.export_shape import Column, Kind, Snapshot, snapshot
from store.export_tables import TABLES, Table
from store.handing import Recipient

COLUMNS: tuple[str, ...] = tuple(column.name for column in MENTION_COLUMNS)
"""Of mentions."""

__all__ = [
    "COLUMNS",
    "FORMATS",
    "PII_MASKED",
    "PLAIN",
    "TABLES",
    "Column",
    "Form",
    "Format",
    "Kind",
    "Manifest",
    "Recipient",
    "Snapshot",
    "Stream",
    "Table",
    "Withheld",
    "expected",
    "filter_of",
    "masked",
    "now",
    "outlook",
    "pack",
    "recipient",
    "snapshot",
    "write",
]
