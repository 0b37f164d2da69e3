"""A rule as a sentence in the reader's language, and what rules did, in words. Pure: values in, text out.

The text may hold words of others (names of rules, tags, authors, stretches of messages): show it through `verbatim`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inbox.rules.evaluate import Reason
from inbox.rules.language import (
    UNKNOWN,
    Actions,
    Age,
    Condition,
    Contains,
    Draft,
    Followers,
    Is,
    Listed,
    OneOf,
    Rating,
    Said,
    Text,
    Written,
)
from inbox.rules.views import RuleVersion
from inbox.views import PRIORITIES
from screens import words
from screens.i18n import N_, _, number, plural
from screens.platforms import sign_of


@dataclass(frozen=True, slots=True)
class Names:
    """Names of what rules know by id."""

    sources: Mapping[str, str] = field(default_factory=dict)
    brands: Mapping[str, str] = field(default_factory=dict)
    teams: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)


_IS: Mapping[Listed, tuple[str, str]] = {
    Listed.SOURCE: (N_("the source is {values}"), N_("the source is not {values}")),
    Listed.PLATFORM: (N_("the platform is {values}"), N_("the platform is not {values}")),
    Listed.KIND: (N_("the kind is {values}"), N_("the kind is not {values}")),
    Listed.LANGUAGE: (N_("the language is {values}"), N_("the language is not {values}")),
    Listed.BRAND: (N_("it is about {values}"), N_("it is not about {values}")),
    Listed.VISIBILITY: (N_("the message is {values}"), N_("the message is not {values}")),
    Listed.SENTIMENT: (N_("the sentiment is {values}"), N_("the sentiment is not {values}")),
    Listed.HANDLE: (N_("the account is {values}"), N_("the account is not {values}")),
    Listed.BADGE: (N_("the author is marked {values}"), N_("the author is not marked {values}")),
}
_HOLDS: Mapping[Written, tuple[str, str]] = {
    Written.TITLE: (N_("the title contains “{text}”"), N_("the title does not contain “{text}”")),
    Written.URL: (N_("the address contains “{text}”"), N_("the address does not contain “{text}”")),
    Written.AUTHOR: (N_("the author's name contains “{text}”"), N_("the author's name does not contain “{text}”")),
}
_SO: Mapping[Said, tuple[str, str]] = {
    Said.FIRST_CONTACT: (N_("it is the author's first contact"), N_("the author was in contact before")),
    Said.HAS_LINK: (N_("the text holds a link"), N_("the text holds no link")),
    Said.OPEN_HOURS: (N_("it was said within opening hours"), N_("it was said outside opening hours")),
}
FACTS: Mapping[str, str] = {
    "source": N_("Source"),
    "platform": N_("Platform"),
    "kind": N_("Kind"),
    "language": N_("Language|fact"),
    "brand": N_("Brand|fact"),
    "visibility": N_("Public or private"),
    "sentiment": N_("Sentiment|fact"),
    "handle": N_("Account"),
    "badge": N_("Badge of the author"),
    "rating": N_("Rating"),
    "text": N_("Words in the text"),
    "followers": N_("Followers"),
    "first_contact": N_("First contact"),
    "has_link": N_("Link in the text"),
    "open_hours": N_("Opening hours"),
    "age": N_("Age when found"),
    "title": N_("Title"),
    "url": N_("Address"),
    "author": N_("Name of the author"),
    "noise_site": N_("Site"),
    "noise_word": N_("Words"),
    "noise_pattern": N_("Pattern"),
}
_VERSIONS: Mapping[str, str] = {
    "rule_made": N_("made this rule"),
    "rule_changed": N_("changed it"),
    "rule_on": N_("switched it on"),
    "rule_off": N_("switched it off"),
    "rule_moved": N_("moved it"),
    "rule_archived": N_("took it out of use"),
    "rule_applied": N_("ran it over what was open"),
    "rule_run_taken_back": N_("took the last run back"),
}
FIELDS: Mapping[str, str] = {
    "tags": N_("Tag"),
    "priority": N_("Priority"),
    "why": N_("Reason for contact"),
    "team_id": N_("Team"),
    "assignee_id": N_("Assigned to"),
    "muted": N_("Mute"),
    "spam": N_("Spam"),
    "ignored": N_("Ignore"),
    "resolved": N_("No answer needed"),
    "move": N_("Closing"),
}


def translated(msgid: str) -> str:
    """A text of a table here; what stands after a bar is for the translator only."""
    text = _(msgid)
    return text.partition("|")[0] if text == msgid else text


def sentence(draft: Draft, names: Names) -> str:
    """The whole rule as one sentence: when this, do that; and what is out of the ordinary about it."""
    every = [condition(one, names) for one in draft.conditions.all_of]
    some = [condition(one, names) for one in draft.conditions.any_of]
    parts = [*every, *([_listed(some, _("or"))] if some else [])]
    when = _listed(parts, _("and")) if parts else _("nothing is chosen yet")
    does = _listed(deeds(draft.actions, names), _("and")) or _("do nothing")
    told = _("When {conditions}, {actions}.").format(conditions=when, actions=does)
    if draft.stop:
        told += " " + _("Rules behind it are not asked then.")
    if draft.moment == "every":
        told += " " + _("It looks at every message, not only at the first one.")
    return told


def condition(one: Condition, names: Names) -> str:  # noqa: PLR0911 - one line per kind of condition
    """One condition."""
    match one:
        case OneOf():
            values = _listed([value(one.field, each, names) for each in one.values], _("or"))
            return _(_IS[one.field][one.negated]).format(values=values)
        case Rating(at_least=low, at_most=high):
            if high is None:
                return _("the rating is at least {stars}").format(stars=_stars(low or 0))
            if low is None:
                return _("the rating is at most {stars}").format(stars=_stars(high))
            return _("the rating is {low} to {stars}").format(low=f"{low * 5:g}", stars=_stars(high))
        case Text():
            return _("the text fits “{query}”").format(query=one.query)
        case Followers():
            return _("the author has at least {n} followers").format(n=number(one.at_least))
        case Is():
            return _(_SO[one.what][0 if one.yes else 1])
        case Age(at_least_h=low, at_most_h=high):
            if high is None:
                return _("the message was at least {n} hours old when it was found").format(n=number(low or 0))
            return _("the message was at most {n} hours old when it was found").format(n=number(high))
        case Contains():
            return _(_HOLDS[one.field][one.negated]).format(text=one.text)


def deeds(actions: Actions, names: Names) -> list[str]:
    """What a rule does, one text per action."""
    told = [_("add the tag {tag}").format(tag=_listed(actions.tags, _("and")))] if actions.tags else []
    if actions.priority is not None:
        told.append(_("give it priority {priority}").format(priority=words.priority(PRIORITIES[actions.priority])))
    if actions.why is not None:
        told.append(_("record the reason for contact {contact}").format(contact=words.why(actions.why)))
    if actions.team_id is not None:
        told.append(_("give it to team {team}").format(team=names.teams.get(actions.team_id, actions.team_id)))
    if actions.assignee_id is not None:
        person = names.people.get(actions.assignee_id, _("somebody who left"))
        told.append(_("assign it to {name}").format(name=person))
    if actions.mute:
        told.append(_("mute it"))
    if actions.move is not None:
        told.append(_closing(actions.move.value, actions.reason))
    return told


def _closing(move: str, reason: str | None) -> str:
    if move == "spam":
        return _("mark it as spam")
    if move == "ignored":
        return _("ignore it ({reason})").format(reason=words.reason(reason or ""))
    return _("close it: no answer needed")


def value(listed: Listed, key: str, names: Names) -> str:
    """One wanted value as people read it."""
    if key == UNKNOWN:
        return _("unknown")
    named: dict[Listed, Callable[[], str]] = {
        Listed.SOURCE: lambda: names.sources.get(key, key),
        Listed.BRAND: lambda: names.brands.get(key, key),
        Listed.PLATFORM: lambda: sign_of(key).name,
        Listed.KIND: lambda: words.kind(key),
        Listed.LANGUAGE: lambda: words.language(key) or key,
        Listed.SENTIMENT: lambda: words.sentiment(key),
        Listed.BADGE: lambda: words.badge(key),
        Listed.VISIBILITY: lambda: {"public": _("public"), "private": _("private")}.get(key, key),
        Listed.HANDLE: lambda: f"@{key.lstrip('@')}",
    }
    return named[listed]()


def because(reasons: Sequence[Reason], names: Names) -> str:
    """Why a rule hit: `Source: Reviews · Rating: 1 star`."""
    return " · ".join(_reason(one, names) for one in reasons)


def _reason(one: Reason, names: Names) -> str:
    label = translated(FACTS.get(one.fact, one.fact))
    if one.fact in set(Listed):
        found = ", ".join(value(Listed(one.fact), each, names) for each in one.found.split(", ") if each)
    elif one.fact == "rating":
        found = _stars(float(one.found or 0))
    elif one.fact in set(Said):
        return translated(_SO[Said(one.fact)][0 if one.found == "yes" else 1])
    else:
        found = one.found
    return f"{label}: {found}" if found else label


def done(params: Mapping[str, Any]) -> str:
    """What a hit did, from the facts of its event, to be read after the rule's name."""
    priority = params.get("priority")
    told = [_("added the tag {tag}").format(tag=tag) for tag in params.get("tags") or ()]
    if isinstance(priority, int) and 0 <= priority < len(PRIORITIES):
        told.append(_("set the priority to {priority}").format(priority=words.priority(PRIORITIES[priority])))
    if params.get("why"):
        told.append(_("set the reason for contact to {contact}").format(contact=words.why(str(params["why"]))))
    if params.get("team_id"):
        told.append(_("gave it to team {team}").format(team=params["team_id"]))
    if params.get("assignee_id"):
        told.append(_("gave it to somebody"))
    if params.get("muted_at"):
        told.append(_("muted it"))
    if params.get("status"):
        reason = words.reason(str(params["reason"])) if params.get("reason") else ""
        told.append(words.status(str(params["status"])).lower() + (f" ({reason})" if reason else ""))
    facts = [Reason(str(fact), str(found)) for fact, found in params.get("because") or ()]
    why = because(facts, Names())
    return _listed(told, _("and")) + (f" ({why})" if why else "")


def version(one: RuleVersion) -> str:
    """What somebody did with a rule, to be read after their name."""
    return _(_VERSIONS[one.code]) if one.code in _VERSIONS else one.code


def _stars(rating: float) -> str:
    stars = rating * 5
    if abs(stars - round(stars)) < 0.05:
        return plural("{n} star", "{n} stars", round(stars))
    return _("{n} of 5 stars").format(n=number(round(stars, 1)))


def _listed(parts: Sequence[str], last: str) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"
