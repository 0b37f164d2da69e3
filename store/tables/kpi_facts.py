"""Tables of figures: durations and outcomes as they happened, and how the backlog stood every quarter of an hour."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class KpiFact(SQLModel, table=True):
    """One duration or outcome, appended in the transaction of the step that ended it. Never changed afterwards.

    `kind`: answer, first_response, next_response, resolution, waited, waiting, handle, deadline_first, deadline_next,
    deadline_resolution, reopened, sentiment_shift. `team_id`, `source_id` and `brand_ids` are those of that moment.
    `user_id` is who did it, empty for rules, the clock and posts seen on the platform; `actor_type` as in `event`.
    A fact belongs to the period that holds `ended_at`: when it happened, or when a deadline fell due. Seconds in
    `wall_s` and, by the calendar of the team that was valid then, `business_s`. `met`: a deadline that was kept, an
    answer to somebody who had not addressed us, a duration that counts. `value` is what is no duration. `left_out` is
    the code of why it is not counted: no_answer_needed, by_rule, before_message, unanswered, withdrawn, untold.
    `event_id` is the step; empty for what the clock noted. `retracted_by` is the step that took it back; such rows
    do not count.
    """

    __tablename__ = "kpi_fact"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    kind: str = Field(max_length=40)
    conversation_id: int = Field(sa_type=BigInteger)
    cycle: int
    team_id: str | None = None
    source_id: str
    brand_ids: Any = Field(default_factory=list, sa_type=JsonDoc)
    user_id: int | None = Field(default=None, sa_type=BigInteger)
    actor_type: str
    started_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime = Field(sa_type=Instant)
    wall_s: float | None = None
    business_s: float | None = None
    met: bool | None = None
    value: float | None = None
    left_out: str | None = None
    event_id: int | None = Field(default=None, sa_type=BigInteger)
    retracted_by: int | None = Field(default=None, sa_type=BigInteger)


class BacklogSnapshot(SQLModel, table=True):
    """How the open work of one team stood at a quarter of an hour. `team_id` is "" for work without a team."""

    __tablename__ = "backlog_snapshot"
    at: datetime = Field(primary_key=True, sa_type=Instant)
    team_id: str = Field(primary_key=True, max_length=100)
    n_new: int = 0
    n_open: int = 0
    n_waiting_customer: int = 0
    n_waiting_internal: int = 0
    n_snoozed: int = 0
    overdue: int = 0
    unanswered: int = 0
    oldest_open_at: datetime | None = Field(default=None, sa_type=Instant)
    oldest_unanswered_at: datetime | None = Field(default=None, sa_type=Instant)
