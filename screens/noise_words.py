"""Noise in the reader's words: kinds of rules, what became of them, what speaks for a suggestion."""

from __future__ import annotations

from collections.abc import Mapping

from inbox.noise.index import Kind
from inbox.noise.views import Aside, NoiseDraft, NoiseRow, NoiseTrial, Stand, Suggestion
from screens import words
from screens.i18n import N_, _, moment, number, plural
from screens.rule_past import period_in_words

KINDS: Mapping[Kind, str] = {
    Kind.AUTHOR: N_("Author"),
    Kind.SITE: N_("Site"),
    Kind.WORD: N_("Words"),
    Kind.PATTERN: N_("Pattern"),
    Kind.LIKE: N_("Texts like one"),
}
EXAMPLES: Mapping[Kind, str] = {
    Kind.AUTHOR: N_("such as @winning_now"),
    Kind.SITE: N_("such as casino.example; every page of it counts"),
    Kind.WORD: N_("a word, or words next to each other, such as free holiday"),
    Kind.PATTERN: N_("in the language of searches, such as win* AND (free OR “no cost”)"),
}
_VERSIONS: Mapping[str, str] = {
    "noise_made": N_("made it"),
    "noise_on": N_("switched it on"),
    "noise_off": N_("switched it off"),
    "noise_proposes": N_("let it only propose"),
    "noise_sets_aside": N_("let it set aside by itself"),
    "noise_taken_back": N_("took it back"),
    "noise_applied": N_("set aside what was open"),
}
_ORIGINS: Mapping[str, str] = {
    "conversation": N_("made from a conversation"),
    "page": N_("made on this page"),
    "list": N_("out of a list"),
    "suggestion": N_("suggested"),
}


def kind(one: Kind) -> str:
    """What a rule looks at."""
    return _(KINDS[one])


def about(one: NoiseRow | Aside | NoiseDraft, shown: str) -> str:
    """What a rule is about; said in words where the author or the text was erased."""
    if shown:
        return f"“{shown}”" if one.kind in {Kind.WORD, Kind.LIKE} else shown
    return _("an author who was erased") if one.kind is Kind.AUTHOR else _("a text")


def facts(row: NoiseRow, names: Mapping[str, str]) -> str:
    """Where a rule holds and where it comes from."""
    told = [_(_ORIGINS[row.origin])] if row.origin in _ORIGINS else []
    if row.by is not None:
        told = [", ".join((row.by.name, *told))]
    if row.platform:
        told.append(row.platform)
    told += [names.get(key, key) for key in (row.brand_id, row.source_id) if key]
    if row.direct:
        told.append(_("also in direct messages"))
    if row.ends_at is not None:
        told.append(_("until {date}").format(date=moment(row.ends_at, row.created_at)))
    if row.why:
        told.append(row.why)
    return " · ".join(told)


def set_aside(row: NoiseRow) -> str:
    """How much a rule set aside, and how much of it came back."""
    told = plural("{n} set aside", "{n} set aside", row.set_aside)
    if row.brought_back:
        told += " · " + plural("{n} of them is work after all", "{n} of them are work after all", row.brought_back)
    return told


def version(code: str) -> str:
    """What somebody did with a rule, to be read after their name."""
    return _(_VERSIONS[code]) if code in _VERSIONS else code


def trial(told: NoiseTrial) -> str:
    """What a rule would have done, in one sentence, the price in it."""
    head = _("In the {period} it would have set aside {met} of {n} conversations").format(
        period=period_in_words(told.days), met=number(told.met), n=number(told.looked_at)
    )
    parts = [
        _("{n} marked as noise by hand").format(n=number(told.stands.get(Stand.NOISE, 0))),
        _("{n} not decided").format(n=number(told.stands.get(Stand.OPEN, 0))),
        _("{n} that were kept").format(n=number(told.good)),
    ]
    return f"{head}: {', '.join(parts)}."


def evidence(one: Suggestion) -> str:
    """What speaks for a suggestion."""
    noise = plural("{n} marked as noise", "{n} marked as noise", one.n_noise)
    return f"{noise}, " + plural("{n} kept", "{n} kept", one.n_good)


def stand(one: Stand) -> str:
    """How a conversation stands, in a word."""
    return {Stand.NOISE: _("noise"), Stand.GOOD: _("kept as work"), Stand.OPEN: _("not decided")}[one]


def status(one: Aside) -> str:
    """How a conversation that was set aside stands now."""
    return words.status(one.status)
