"""Sentences that people read, kept in two parts so that another language can say them too: a template and its values.

    Sentence("A tag has 1 to {most} characters.", most=40)

`str(...)` is the English sentence. The screens look the template up in their catalogs and fill in the values in the
reader's way (numbers, names of things of ours). Templates are written out where a sentence is made, so that a test
can find each one and ask for its translation. This module does *not* translate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inbox.printable import printable

_LONGEST_VALUE = 200


class Sentence:
    """A sentence in English, and what another language needs to say the same.

    Values are text of people (shown as it is, shortened), whole numbers, sentences or words of ours that are
    translated on their own (`Sentence`), and tuples of these (a list with commas).
    """

    __slots__ = ("template", "values")

    def __init__(self, template: str, /, **values: Any) -> None:
        self.template = template
        self.values = values

    def said(self, translate: Callable[[str], str], number: Callable[[int], str]) -> str:
        """The sentence in another language.

        Args:
            translate: gives the template in that language.
            number: writes a whole number as that language does.
        """
        told = {name: _told(value, translate, number) for name, value in self.values.items()}
        return translate(self.template).format(**told)

    def __str__(self) -> str:
        return self.said(str, "{:,}".format)

    def __repr__(self) -> str:
        return f"Sentence({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sentence) and (self.template, self.values) == (other.template, other.values)

    def __hash__(self) -> int:
        return hash((self.template, str(self)))


def _told(value: object, translate: Callable[[str], str], number: Callable[[int], str]) -> str:
    if isinstance(value, Sentence):
        return value.said(translate, number)
    if isinstance(value, tuple):
        return ", ".join(_told(one, translate, number) for one in value)
    if isinstance(value, int):
        return number(value)
    text = " ".join(printable(str(value)).split())
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


class UnfitValueError(ValueError):
    """A value that cannot be read. `said` says so to a person; `str(error)` is the same in the middle of a line."""

    def __init__(self, said: Sentence) -> None:
        text = str(said)
        super().__init__(text[:1].lower() + text[1:].rstrip("."))
        self.said = said
