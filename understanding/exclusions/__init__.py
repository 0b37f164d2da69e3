"""Ready-made exclusion sets: what job boards, stock tickers, sports pages and the like say, per language.

One file per subject, `<id>.toml`: its name, and words, beginnings (`word*`) and "phrases" per language, in the query
language. Written for this project. A set is added to a query as text, so that a version always says itself what it
leaves out, also after a release has changed the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ExclusionSet:
    """A subject that is seldom meant, in one language.

    Attributes:
        id: subject and language, such as `jobs-nl`.
        subject: such as `jobs`.
        name: in English.
        lang: ISO 639-1.
        terms: as they are written in a query.
    """

    id: str
    subject: str
    name: str
    lang: str
    terms: tuple[str, ...]

    @property
    def clause(self) -> str:
        """What a query is given to leave all of it out."""
        return f"NOT ({' OR '.join(self.terms)})"


@cache
def exclusion_sets() -> Mapping[str, ExclusionSet]:
    """All sets by id, in the order of their subjects."""
    found: dict[str, ExclusionSet] = {}
    for path in sorted(_HERE.glob("*.toml")):
        held = tomllib.loads(path.read_text("utf-8"))
        for lang, terms in held["terms"].items():
            made = ExclusionSet(f"{path.stem}-{lang}", path.stem, held["name"], lang, tuple(terms))
            found[made.id] = made
    return found
