"""Whether kept items still stand. "Not there" (100/33) is also what a login that lost a right gets to hear.

So a removal is believed only when the same login then sees what surely is there: the account itself, asked for last.
One missing id spoils the answer for all (`?ids=`): the others are asked for again without it. What was not settled
within a few calls stays as it is until the next recheck.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import orjson

from connectors.contract import ActionResult, Target
from connectors.errors import BadRequest, FormatChanged
from connectors.fields import text_of
from connectors.items import Deleted, Item, Json
from connectors.meta.graph import Graph, node
from connectors.meta.refusals import NotThere
from connectors.requests import HttpRequest, HttpResponse

_MOST_TRIES = 6
ReadAgain = Callable[[Target, dict[str, Json]], Item]


@dataclass(frozen=True, slots=True)
class _Step:
    """Where a recheck is; with nothing left to ask for, we ask for us.

    Attributes:
        left: items that are asked for.
        aside: items of which one is missing, if those that are asked for all stand.
        missing: items that were missing.
        tries: answers so far that a missing item spoilt.
    """

    left: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    tries: int = 0

    def dump(self) -> str:
        return orjson.dumps([self.left, self.aside, self.missing, self.tries]).decode()

    @classmethod
    def load(cls, written: str) -> _Step:
        left, aside, missing, tries = orjson.loads(written)
        return cls(tuple(left), tuple(aside), tuple(missing), int(tries))


@dataclass(frozen=True, slots=True)
class Rechecking:
    """Asks one API.

    Attributes:
        us: path of the account itself, which the login surely sees.
        fields: asked of every item.
        read: makes an item of an answer.
    """

    graph: Graph
    us: str
    fields: str
    read: ReadAgain

    def begin(self, targets: Sequence[Target]) -> HttpRequest:
        """Ask for one item, or for several at once."""
        return self._ask(_Step(tuple(_native(each) for each in targets)))

    def answer(self, targets: Sequence[Target], response: HttpResponse) -> ActionResult:
        """Read an answer; `next` asks on until it is clear what is gone."""
        step = _Step.load(response.request.step)
        by_key = {_native(each): each for each in targets}
        if not step.left:
            if text_of(self.graph.body(response), "id") is None:
                msg = f"{self.graph.platform} answered with something else than our account"
                raise FormatChanged(msg)
            gone = tuple(Deleted(by_key[key].external_id, by_key[key].namespace) for key in step.missing)
            return ActionResult(deleted=gone)
        try:
            body = self.graph.body(response)
        except NotThere as error:
            return ActionResult(next=self._ask(_without(step, str(error))))
        answered = {step.left[0]: body} if len(step.left) == 1 else body
        stand = {key: each for key in step.left if isinstance(each := answered.get(key), dict)}
        items = tuple(item for key, each in stand.items() if (item := self._read(by_key[key], each)) is not None)
        missing = (*step.missing, *(key for key in step.left if key not in stand))
        if step.aside and not missing:
            return ActionResult(items, next=self._ask(_halved(step.aside, step.tries)))
        return ActionResult(items, next=self._ask(_Step(missing=missing)) if missing else None)

    def _ask(self, step: _Step) -> HttpRequest:
        ask, written = self.graph.request, step.dump()
        if not step.left:
            return ask(self.us, params=(("fields", "id"),), step=written)
        if len(step.left) == 1:
            return ask(step.left[0], params=(("fields", self.fields),), step=written)
        return ask("", params=(("ids", ",".join(step.left)), ("fields", self.fields)), step=written)

    def _read(self, target: Target, body: dict[str, Json]) -> Item | None:
        try:
            return self.read(target, body)
        except ValueError:
            return None  # it stands, and that is what was asked


def _without(step: _Step, words: str) -> _Step:
    """What to ask after a missing item spoilt an answer: all but the one that it names, else half of them."""
    tries = step.tries + 1
    named = tuple(key for key in step.left if re.search(rf"\b{re.escape(key)}\b", words))
    if not named:
        return _halved(step.left, tries)
    left = tuple(key for key in step.left if key not in named)
    return _Step(left if tries < _MOST_TRIES else (), missing=(*step.missing, *named), tries=tries)


def _halved(among: tuple[str, ...], tries: int) -> _Step:
    """One of these is missing: ask for half of them; fifty are down to the one within six more calls."""
    if len(among) == 1:
        return _Step(missing=among)
    middle = (len(among) + 1) // 2
    return _Step(among[:middle], among[middle:], tries=tries)


def _native(target: Target) -> str:
    key = target.extra.get("id")
    if not isinstance(key, str) or "," in key:
        msg = "this was kept without its id on the platform"
        raise BadRequest(msg)
    return node(key)
