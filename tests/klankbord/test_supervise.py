"""`klankbord up` keeps its parts running and stops them in order."""

from __future__ import annotations

from klankbord.supervise import pause_before_restart


def test_a_part_that_keeps_dying_is_started_again_at_growing_pauses() -> None:
    assert [pause_before_restart(deaths) for deaths in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
