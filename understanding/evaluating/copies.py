"""Which texts of a labelled set fold under which: as the store does it, in memory and without a window of time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from understanding.duplicates import ENOUGH, Words, fingerprint, likeness
from understanding.evaluating.lines import GroupLine
from understanding.measuring import Judged

COPY, FIRST, OTHER = "copy", "first", "copy of something else"
_UNDER_A_KEY = 20
_READ = 8
"""Texts that one key leads to, and those that are compared, which share most keys; as in the store."""


def copies_told(lines: Iterable[GroupLine]) -> Iterator[Judged]:
    """Whether each text is taken for a copy, in the order of the file.

    The truth of the first text of a group is `first`, of the others `copy`. A text that folds under one of another
    group is told as `copy` where it should be a first, and as `copy of something else` where it should be a copy.
    """
    exact: dict[int, int] = {}
    near: defaultdict[int, list[int]] = defaultdict(list)
    firsts: list[GroupLine] = []
    groups: set[str] = set()
    for line in lines:
        found = fingerprint(Words(line.text))
        under = exact.get(found.exact) if found.exact is not None else None
        if under is None:
            shared = Counter(at for key in found.near for at in near[key])
            compared = (
                (likeness(Words(line.text), Words(firsts[at].text)), -at) for at, _ in shared.most_common(_READ)
            )
            like, place = max(compared, default=(0.0, 0))
            under = -place if like >= ENOUGH else None
        if under is None:
            for key in found.near:
                near[key] += [len(firsts)] * (len(near[key]) < _UNDER_A_KEY)
            if found.exact is not None:
                exact[found.exact] = len(firsts)
            firsts.append(line)
            said = FIRST
        else:
            said = COPY if line.group not in groups or firsts[under].group == line.group else OTHER
        yield Judged(COPY if line.group in groups else FIRST, said, 1.0, sure=True, length=len(line.text))
        groups.add(line.group)
