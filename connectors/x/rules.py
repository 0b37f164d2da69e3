"""The rules of the filtered stream, kept in step with our searches: each search is a rule, marked as ours by its tag.

Rules stand at X until somebody takes them away, and belong to the app: other programs may keep theirs beside ours. So
only rules with our tag are taken away, and a search that somebody else's rule asks for already needs none of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connectors.contract import Page, Task
from connectors.errors import BadRequest, Forbidden, FormatChanged, Transient
from connectors.fields import items_of, part, text_of
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse
from connectors.x.answers import PLATFORM, Object, body_of, kind_of, problems_of
from connectors.x.house import House
from connectors.x.steps import RULES, Step

_LOOKS = 3
"""Times the rules are looked at in one go: what still differs then is not ours to mend."""


def look(house: House, step: Step) -> HttpRequest:
    """Ask which rules there are."""
    return house.calls.rules(token=house.login.app(), step=replace(step, asks=RULES).dump())


def parse(house: House, task: Task, response: HttpResponse, wanted: Sequence[str]) -> Page | None:
    """Read which rules there are, or what came of a change; the page goes on with the next step.

    Returns:
        None when all stand as they should; see `known`.

    Raises:
        Forbidden: there is no room for our rules.
        BadRequest: X refuses one of them.
    """
    step, body = Step.load(response.request.step), body_of(response)
    if response.request.method == "POST":
        _refused(body)
        return Page(next=look(house, replace(step, read=step.read + 1)))
    rules, tag = _rules(body), tag_of(task)
    kept = {text_of(each, "value"): text_of(each, "id") for each in rules}
    superfluous = [
        key
        for each in rules
        if (key := text_of(each, "id")) is not None
        and text_of(each, "tag") == tag
        and (text_of(each, "value") not in wanted or kept[text_of(each, "value")] != key)
    ]
    missing = [value for value in wanted if value not in kept]
    if not superfluous and not missing:
        return None
    if step.read >= _LOOKS:
        msg = f"the rules of the stream at {PLATFORM} do not stay as we set them: does another program change them?"
        raise Transient(msg)
    if superfluous:  # first, so that there is room
        written = step.dump()
        return Page(next=house.calls.without_rules(superfluous, token=house.login.app(), step=written))
    _ensure_room(house, len(rules), len(missing))
    return Page(next=house.calls.with_rules(missing, tag, token=house.login.app(), step=step.dump()))


def known(response: HttpResponse, wanted: Sequence[str]) -> list[Json]:
    """The numbers of the rules that ask for what we want, from the answer that found them all in place."""
    return [text_of(each, "id") for each in _rules(body_of(response)) if text_of(each, "value") in wanted]


def tag_of(task: Task) -> str:
    """The mark of our rules: several sources may share one app."""
    return f"klankbord {task.source_id}"


def _rules(body: Object) -> list[Object]:
    data = body.get("data", [])
    if not isinstance(data, list):
        msg = f"{PLATFORM} answered without a list of rules"
        raise FormatChanged(msg)
    return [each for each in data if isinstance(each, dict)]


def _ensure_room(house: House, there: int, more: int) -> None:
    most = house.options.stream_rules
    if there + more > most:
        msg = (
            f"our words need {more} more rules of the stream, the app has {there} already and its access allows {most}:"
            " take some away, set stream_rules to what the access allows, or set stream to false"
        )
        raise Forbidden(msg)


def _refused(body: Object) -> None:
    """Raise for a rule that was not taken; one that was there already is no trouble."""
    trouble = [each for each in problems_of(body) if kind_of(each) not in {"duplicate-rules", "duplicate-rule"}]
    trouble = [each for each in trouble if text_of(each, "title") != "DuplicateRule"]
    if not trouble:
        return
    first = trouble[0]
    said = text_of(first, "detail") or text_of(first, "title") or "no reason given"
    details = items_of(first, "details")
    if details and isinstance(details[0], str):
        said = details[0]
    if kind_of(first) == "rule-cap" or "cap" in (text_of(first, "title") or "").casefold():
        msg = f"{PLATFORM} has no room for our rules of the stream: {said[:200]}; set stream_rules, or stream to false"
        raise Forbidden(msg)
    value = text_of(first, "value") or text_of(part(first, "parameters"), "value") or ""
    msg = f"{PLATFORM} does not take the rule {value[:100]!r} for its stream: {said[:200]}"
    raise BadRequest(msg)
