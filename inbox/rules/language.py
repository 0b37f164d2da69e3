"""What a rule says: conditions, actions and when it looks. Frozen values, kept in the store as JSON. Pure.

Conditions are two lists: all of the first must hold, and at least one of the second when it is not empty. That is
what people can read as one sentence; deeper nesting belongs in the text query, which has AND, OR, NOT and brackets.

Conditions never look at what rules or people did with a conversation (tags, priority, state): so no rule can set off
another one, and rules cannot loop.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from inbox.annotate import clean_tag
from inbox.errors import BadInput
from inbox.searching import parse
from inbox.sentences import Sentence, UnfitValueError
from inbox.views import PRIORITIES, WHYS
from understanding.query import Place

UNKNOWN = "unknown"
"""The value of `sentiment` for what was not scored yet, and of `language` for what could not be told."""

Text100 = Annotated[str, Field(min_length=1, max_length=100)]
Values = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(min_length=1, max_length=200)]


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Listed(StrEnum):
    """Facts of which a rule names the wanted values."""

    SOURCE = "source"
    PLATFORM = "platform"
    KIND = "kind"
    LANGUAGE = "language"
    BRAND = "brand"
    VISIBILITY = "visibility"
    SENTIMENT = "sentiment"
    HANDLE = "handle"
    BADGE = "badge"


class Written(StrEnum):
    """Texts in which a rule looks for a stretch of characters."""

    TITLE = "title"
    URL = "url"
    AUTHOR = "author"


class Said(StrEnum):
    """What is so, or is not."""

    FIRST_CONTACT = "first_contact"
    HAS_LINK = "has_link"
    OPEN_HOURS = "open_hours"


class OneOf(_Value):
    """A fact is one of some values; with `negated`, it is none of them. Handles are compared without @ and case."""

    test: Literal["one_of"] = "one_of"
    field: Listed
    values: Values
    negated: bool = False


class Rating(_Value):
    """A rating between bounds (0-1, both included). A message without rating does not fit."""

    test: Literal["rating"] = "rating"
    at_least: float | None = Field(default=None, ge=0, le=1)
    at_most: float | None = Field(default=None, ge=0, le=1)

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise UnfitValueError(Sentence("Say from which rating, or up to which."))
        return self


class Text(_Value):
    """Title and text fit a query in the language of searches and brands."""

    test: Literal["text"] = "text"
    query: str = Field(min_length=1, max_length=5_000)


class Followers(_Value):
    """The author has at least so many followers. An author whose followers are not known does not fit."""

    test: Literal["followers"] = "followers"
    at_least: int = Field(ge=0)


class Is(_Value):
    """It is the author's first conversation; the text holds a link; it was said within the team's opening hours."""

    test: Literal["is"] = "is"
    what: Said
    yes: bool = True


class Age(_Value):
    """How old the message was when it was found, in hours; both bounds included."""

    test: Literal["age"] = "age"
    at_least_h: float | None = Field(default=None, ge=0, le=100_000)
    at_most_h: float | None = Field(default=None, ge=0, le=100_000)

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.at_least_h is None and self.at_most_h is None:
            raise UnfitValueError(Sentence("Say from how many hours, or up to how many."))
        return self


class Contains(_Value):
    """Title, address or author's name hold these characters, whatever their case; with `negated`, they do not."""

    test: Literal["contains"] = "contains"
    field: Written
    text: str = Field(min_length=1, max_length=500)
    negated: bool = False


Condition = OneOf | Rating | Text | Followers | Is | Age | Contains


class Conditions(_Value):
    """All of `all_of` must hold, and one of `any_of` when there are any. Without any condition nothing fits."""

    all_of: tuple[Annotated[Condition, Field(discriminator="test")], ...] = Field(default=(), max_length=50)
    any_of: tuple[Annotated[Condition, Field(discriminator="test")], ...] = Field(default=(), max_length=50)

    @property
    def everything(self) -> tuple[Condition, ...]:
        """The conditions of both lists."""
        return self.all_of + self.any_of


class Closing(StrEnum):
    """Where a rule may move a conversation; the table of moves has the last word."""

    SPAM = "spam"
    IGNORED = "ignored"
    RESOLVED = "resolved"


class Actions(_Value):
    """What a rule does. `priority` is 0 (risk) to 4 (low); `resolved` means: no answer needed."""

    tags: tuple[str, ...] = Field(default=(), max_length=20)
    priority: int | None = Field(default=None, ge=0, lt=len(PRIORITIES))
    why: str | None = None
    team_id: str | None = None
    assignee_id: int | None = None
    mute: bool = False
    move: Closing | None = None
    reason: str | None = Field(default=None, max_length=500)

    @field_validator("tags")
    @classmethod
    def _clean(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(clean_tag(one) for one in tags))

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.why is not None and self.why not in WHYS:
            raise UnfitValueError(Sentence("The reason for contact is one of: {options}.", options=tuple(WHYS)))
        if self.move is Closing.IGNORED and not (self.reason or "").strip():
            raise UnfitValueError(Sentence("Say why it is ignored."))
        return self

    @property
    def empty(self) -> bool:
        """Whether it does nothing."""
        return self == Actions()


class Draft(_Value):
    """A rule as it is written: `moment` first looks at the first message only, every at each new one.

    A rule that stops without doing anything keeps what fits it away from the rules behind it.
    """

    name: Text100
    conditions: Conditions = Conditions()
    actions: Actions = Actions()
    moment: Literal["first", "every"] = "first"
    stop: bool = False


def checked(draft: Draft) -> Draft:
    """A rule that may be kept.

    Raises:
        BadInput: it would fit everything, do nothing, or its text cannot be read.
    """
    if not draft.conditions.everything:
        raise BadInput(Sentence("Say when this rule applies: add at least one condition."), rule="conditions")
    if draft.actions.empty and not draft.stop:
        raise BadInput(
            Sentence("Say what this rule does: choose an action, or let it stop the rules behind it."), rule="actions"
        )
    for one in draft.conditions.everything:
        if isinstance(one, Text):
            parse(one.query, Place.RULE)
    return draft


def written(**parts: Any) -> Draft:
    """A rule made of plain values, such as those of a form.

    Raises:
        BadInput: a value that cannot be used; the sentence says which.
    """
    try:
        return Draft.model_validate(parts)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if not isinstance(part, int))
        unfit = first.get("ctx", {}).get("error")
        if isinstance(unfit, UnfitValueError):
            raise BadInput(unfit.said, rule=where) from error
        if where == "name":
            raise BadInput(Sentence("Give the rule a name of 1 to {most} characters.", most=100), rule=where) from error
        told = Sentence("The rule cannot be kept: {where}: {problem}.", where=where, problem=first["msg"])
        raise BadInput(told, rule=where) from error
