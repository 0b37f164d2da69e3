"""Every index beside the named query it serves. Tests read EXPLAIN on both engines and hold both lists equal.

Rules behind the choices (figures: docs/search-and-lists.md):

* A list index matches the ORDER BY of its list exactly; what only filters stands behind the order, so that rows
  that fall out cost no visit to the table. Low-cardinality columns never lead a unique index.
* Open work (a few per cent of all rows) has partial indexes of its own; they hold every column that the inbox
  filters on, so lists and badges read nothing else.
* An index that no query names is deleted: each costs every ingested row.
"""

from __future__ import annotations

from store.indexes.access import ACCESS
from store.indexes.alerting import ALERTING
from store.indexes.answering import ANSWERING
from store.indexes.collecting import COLLECTING
from store.indexes.conversations import CONVERSATIONS
from store.indexes.desk import DESK
from store.indexes.exporting import EXPORTING
from store.indexes.figures import FIGURES
from store.indexes.lab import LAB
from store.indexes.messages import MESSAGES
from store.indexes.noise import NOISE
from store.indexes.reports import REPORTS
from store.indexes.shape import Index
from store.indexes.theming import THEMING
from store.indexes.tone import TONE

__all__ = ["INDEXES", "Index"]

INDEXES: tuple[Index, ...] = (
    *CONVERSATIONS,
    *MESSAGES,
    *COLLECTING,
    *ANSWERING,
    *DESK,
    *LAB,
    *ACCESS,
    *TONE,
    *THEMING,
    *NOISE,
    *FIGURES,
    *EXPORTING,
    *ALERTING,
    *REPORTS,
)
