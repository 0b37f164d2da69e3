"""How far one chain of pages has come inside its window: what is proven, what is left, where to resume. Pure.

With every page but the last, the rest of the window is recorded as a gap with the page's cursor, in the page's
own transaction: a crash at any instant leaves a gap behind that tells where to go on.

**The seam.** A window reaches below the missing land into land that was covered before, because the platform
shows items late. If a chain breaks off inside that look-back, nothing would be missing on paper, and the rest of
the look-back would never be asked again. So the lowest microsecond of the missing land, the seam, is left open
until the chain has ended; the gap that remains there carries the cursor. For the same reason a chain leaves the
seam of every other gap open whose look-back reaches below its own window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from connectors.contract import Interval, Page, Purpose, Window
from store.coverage import merge, subtract
from store.records import GapRecord, Span

UNDER_WAY = "reading was interrupted here and goes on at the next run"
OUT_OF_REACH = "the platform no longer shows this stretch"
NOT_BOUGHT = "not bought"
UNBOUGHT = "quota"
"""Reason of a gap that is there because reading it would have cost more than was left."""
_SEAM = timedelta(microseconds=1)


class Progress:
    """One chain's progress.

    Args:
        window: what was asked.
        covered: what was proven complete before this chain.
        gaps: spans of the open gaps that are still to be read; the rest is told in the same pieces, so that the
            store renews their cursors.
        foreign: spans of gaps that another chain has to read to the end; see `windows.foreign_gaps`.
        lost: spans of gaps that nobody reads any more.
        first_run: nothing was ever read of this query; what the platform does not show of it is not lost.
    """

    def __init__(
        self,
        window: Window,
        *,
        covered: Sequence[Span] = (),
        gaps: Sequence[Span] = (),
        foreign: Sequence[Span] = (),
        lost: Sequence[Span] = (),
        first_run: bool = False,
    ) -> None:
        self.window = window
        self.cursor = window.cursor
        self.pages = 0
        whole = Span(window.interval.start, window.interval.end)
        self._missing = subtract(whole, [*covered, *lost, *foreign])
        self._cuts = sorted({edge for gap in gaps for edge in (gap.start, gap.end)})
        self._foreign_seams = [gap.start for gap in foreign]
        self._seam: Span | None = None
        if self._missing and self._missing[0].start > whole.start:
            self._seam = Span(self._missing[0].start, self._missing[0].start + _SEAM)
        self._passed_seam = self._seam is not None and whole.end <= self._seam.end
        self._first_run = first_run
        self._proven: list[Span] = []
        self._low, self._high = whole.end, whole.start
        self._newest_first: bool | None = None

    def advance(self, page: Page) -> Span | None:
        """Take in a page; returns the span to commit with it.

        A page that is not the last leaves the seam open.
        """
        self.pages += 1
        self.cursor = page.cursor
        covered = None if page.covered is None else Span(page.covered.start, page.covered.end)
        if covered is not None:
            if self._newest_first is None:
                self._newest_first = covered.start > self.window.interval.start
            self._low, self._high = covered.start, covered.end
        if self._seam is None:
            committed = covered
        elif page.next is None:
            committed = self._with_seam(covered)
        else:
            committed = self._above_seam(covered)
        committed = self._sparing(committed)
        if committed is not None:
            self._proven.append(committed)
        return committed

    def rest(self) -> list[Span]:
        """What of the window is still missing, oldest first, in the pieces of the known gaps."""
        proven = merge(self._proven)
        left = [piece for missing in self._missing for piece in subtract(missing, proven)]
        return [part for piece in left for part in self._cut(piece)]

    def open_gaps(self, reason: str, text: str) -> tuple[GapRecord, ...]:
        """The rest as gaps; the cursor goes to the piece the chain was about to read."""
        pieces = self.rest()
        ahead = self._ahead(pieces)
        return tuple(GapRecord(piece, reason, text, self.cursor if piece == ahead else None) for piece in pieces)

    def lost_at_end(self) -> tuple[GapRecord, ...]:
        """What the platform's end signal leaves missing: it is out of reach.

        Silent about a first run of one page (collecting starts with what the platform shows), and about a chain
        that never proved anything (its connector does not go by time).
        """
        extend = self.window.purpose is Purpose.EXTEND
        if extend and (not self._proven or (self._first_run and self.pages == 1)):
            return ()
        return tuple(GapRecord(piece, reason="lost", text=OUT_OF_REACH) for piece in self.rest())

    def resume(self) -> Window:
        """The window with which this chain goes on after an interruption."""
        interval = self.window.interval
        if self.pages == 0:
            return self.window
        if self._newest_first is False and self._high < interval.end:
            return replace(self.window, interval=Interval(self._high, interval.end), cursor=self.cursor)
        if self._newest_first and self._low > interval.start:
            return replace(self.window, interval=Interval(interval.start, self._low), cursor=self.cursor)
        return replace(self.window, cursor=self.cursor)

    def _with_seam(self, covered: Span | None) -> Span | None:
        """The last page's span, with the seam when the chain has passed it; between the two is covered land."""
        seam = self._seam
        if seam is None or not self._passed_seam:
            return covered
        if covered is None:
            return seam if self._low <= seam.start else None
        return Span(min(covered.start, seam.start), max(covered.end, seam.end))

    def _above_seam(self, covered: Span | None) -> Span | None:
        if self._seam is None or covered is None or covered.start > self._seam.start:
            return covered
        self._passed_seam = True
        return Span(self._seam.end, covered.end) if covered.end > self._seam.end else None

    def _sparing(self, span: Span | None) -> Span | None:
        """The part of a span above the highest seam of another chain's gap in it; below lies covered land."""
        if span is None:
            return None
        start = max((seam + _SEAM for seam in self._foreign_seams if span.start <= seam < span.end), default=span.start)
        return Span(start, span.end) if start < span.end else None

    def _cut(self, piece: Span) -> list[Span]:
        """A piece, cut where known gaps begin and end."""
        edges = [piece.start, *(cut for cut in self._cuts if piece.start < cut < piece.end), piece.end]
        return [Span(start, end) for start, end in pairwise(edges)]

    def _ahead(self, pieces: Sequence[Span]) -> Span | None:
        """The piece the chain reads next; the lowest one when it was already in the look-back."""
        if self._newest_first is False:
            above = [piece for piece in pieces if piece.start >= self._high]
            return min(above, key=lambda span: span.start, default=None)
        below = [piece for piece in pieces if piece.end <= self._low]
        return max(below, key=lambda span: span.end) if below else next(iter(pieces), None)
