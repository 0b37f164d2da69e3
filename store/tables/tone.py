"""Tables around the sentiment: words that users adjusted, fits to their corrections, samples that they label."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class ToneWord(SQLModel, table=True):
    """What somebody said about a word: it counts for something, or for nothing. Rows are ended, never changed.

    `word` is folded; `lang` is a language code, "" for all. `weight` is -1 to 1; empty where the word counts for
    nothing. Those without `ended_at` count now. `ended_by` is empty where the word went because it named somebody.
    """

    __tablename__ = "tone_word"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    word: str = Field(max_length=100)
    lang: str = Field(default="", max_length=10)
    weight: float | None = None
    made_at: datetime = Field(sa_type=Instant)
    made_by: int = Field(sa_type=BigInteger)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: int | None = Field(default=None, sa_type=BigInteger)


class ToneFit(SQLModel, table=True):
    """One night's attempt to fit the model to the corrections, and what came of it.

    `night` is the local day. `corrections` tells which corrections it was about, so that the same ones are not tried
    again. Held-back corrections that the model of before and the new one have right: `right_before`, `right_after`;
    `better` and `worse` are those that only the one or the other has right; the same of the labelled sample under
    `sample_`. `outcome`: adopted, or why not (few, no_gain, worse, sample_worse). `model` is empty where none was made.
    """

    __tablename__ = "tone_fit"
    night: date = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    corrections: str
    n_learnt: int = 0
    n_held: int = 0
    right_before: int = 0
    right_after: int = 0
    better: int = 0
    worse: int = 0
    sample_n: int = 0
    sample_better: int = 0
    sample_worse: int = 0
    outcome: str
    model: str | None = None


class LabelSample(SQLModel, table=True):
    """The random sample of a month that people label, to know how often the sentiment is right.

    Drawn from `seed` and the mentions of the local month (`2026-11`); `wanted` as was set, `strata` how many mentions
    of each language there were.
    """

    __tablename__ = "label_sample"
    month: str = Field(primary_key=True, max_length=7)
    seed: str
    wanted: int
    strata: Any = Field(default_factory=dict, sa_type=JsonDoc)
    drawn_at: datetime = Field(sa_type=Instant)


class LabelItem(SQLModel, table=True):
    """A mention of a sample: what stood with it when the sample was drawn, and what a person said.

    `answer` is negative, neutral, positive or unsure; `by_hand` where an agent had corrected it before. `label` is
    negative, neutral or positive, or unclear; empty until somebody said it.
    """

    __tablename__ = "label_item"
    month: str = Field(primary_key=True, max_length=7)
    place: int = Field(primary_key=True)
    mention_id: int = Field(sa_type=BigInteger)
    lang: str
    answer: str
    by_hand: bool = False
    label: str | None = None
    labelled_by: int | None = Field(default=None, sa_type=BigInteger)
    labelled_at: datetime | None = Field(default=None, sa_type=Instant)
