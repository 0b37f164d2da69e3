"""The collector of cycles leaves alone what a worker loaded, and looks at the rest less often."""

from __future__ import annotations

import gc

from pipeline import heap


def test_what_lives_is_set_aside_and_a_page_of_new_objects_is_not_looked_through() -> None:
    before = gc.get_threshold()
    try:
        heap.set_aside()
        assert gc.get_freeze_count() > 10_000
        looked = gc.get_stats()[0]["collections"]
        page = [[number] for number in range(20_000)]
        assert gc.get_stats()[0]["collections"] == looked
        assert len(page) == 20_000
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
