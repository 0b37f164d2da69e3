"""The figures: each is registered once, defined here and in docs/kpis.md in the same words."""

from __future__ import annotations

from dataclasses import dataclass

from inbox.errors import BadInput
from inbox.measuring.kinds import Kind
from inbox.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Kpi:
    """A registered figure.

    Attributes:
        id: its code.
        name: in English.
        unit: count, share (0-1), seconds, or points (-2 to 2).
        definition: what it means, exactly.
        kinds: the facts it adds up; none where it rests on something else.
        of_people: whether it can be told of one person.
    """

    id: str
    name: str
    unit: str
    definition: str
    kinds: tuple[Kind, ...] = ()
    of_people: bool = False


_DEADLINES = (Kind.DEADLINE_FIRST, Kind.DEADLINE_NEXT)
_DURATION = "Median, mean and P90, wall clock and business time."

KPIS: tuple[Kpi, ...] = (
    Kpi(
        "inflow",
        "Inflow",
        "count",
        "Inbound mentions by the local day on which they were published (or first seen, when the platform did not "
        "say), duplicates folded into one. Whole days of the workspace's time zone. Teams are not told apart.",
    ),
    Kpi(
        "inflow_first_seen",
        "Inflow by first sight",
        "count",
        "Inbound mentions first seen in the period, duplicates folded into one. Left out: folded duplicates. "
        "Teams are not told apart.",
    ),
    Kpi(
        "relevance_rate",
        "Relevance rate",
        "share",
        "Of the conversations whose first message came in the period: those that are not spam and not ignored now. "
        "Left out: archived ones, which nobody judged.",
    ),
    Kpi(
        "answer_rate_24h",
        "Answer rate within 24 hours",
        "share",
        "Of the answerable conversations whose first message came in the period: those with an answer by a person "
        "within 24 hours after it. Left out: spam, ignored and archived ones, and those resolved because no answer was "
        "needed. Still open: those that are not 24 hours old yet and have no answer.",
    ),
    Kpi(
        "answer_rate_7d",
        "Answer rate within 7 days",
        "share",
        "Of the answerable conversations whose first message came in the period: those with an answer by a person "
        "within 7 days after it. Left out: spam, ignored and archived ones, and those resolved because no answer was "
        "needed. Still open: those that are not 7 days old yet and have no answer.",
    ),
    Kpi(
        "first_response_time",
        "First response time",
        "seconds",
        "From the customer's first message of a cycle to the first answer by a person, for answers given in the "
        f"period; recorded by hand or seen on the platform. {_DURATION} Left "
        "out: answers before the message they belong to. Still open: conversations that wait for the first answer of "
        "their cycle now.",
        (Kind.FIRST_RESPONSE,),
        of_people=True,
    ),
    Kpi(
        "next_response_time",
        "Next response time",
        "seconds",
        "For every later time that the customer wrote in a cycle: from the oldest message without an answer to the "
        f"answer by a person, for answers given in the period. {_DURATION} Left out: what was "
        "resolved in the period with a later message unanswered. Still open: conversations that wait for a later "
        "answer now.",
        (Kind.NEXT_RESPONSE,),
        of_people=True,
    ),
    Kpi(
        "resolution_time",
        "Resolution time",
        "seconds",
        "From the customer's first message of a cycle to its resolving, for cycles resolved in the period. "
        f"{_DURATION} Left out: cycles resolved without any answer needed, and those resolved "
        "by a rule or the clock. Still open: the backlog.",
        (Kind.RESOLUTION,),
        of_people=True,
    ),
    Kpi(
        "waiting_time",
        "Waiting time of the customer",
        "seconds",
        "How long a cycle stood in the states new, open and waiting for a colleague together, from the customer's "
        f"first message on, for cycles resolved in the period. {_DURATION} Each stretch counts by "
        "the hours of the team that had it. Left out: the same as for resolution time. Still open: conversations in "
        "one of these states now.",
        (Kind.WAITING,),
    ),
    Kpi(
        "handle_time",
        "Handle time",
        "seconds",
        "How long people were at work on a conversation between taking it and giving it back, for claims that ended in "
        "the period: the time between one sign of activity (a step, typing) and the next, of which 5 minutes count at "
        "most. Median, mean and P90, wall clock. Left out: nothing; a claim without any activity is no claim to count. "
        "Still open: conversations that somebody has now.",
        (Kind.HANDLE,),
        of_people=True,
    ),
    Kpi(
        "sla_met",
        "Deadlines met",
        "share",
        "Of the promised times (first answer, later answers, resolution) that fell in the period: those that were met. "
        "One that has passed and is still open counts as missed. Promises run from the moment we saw the message, in "
        "business time of the team. Left out: deadlines of what was resolved before they fell, without an answer, with "
        "no answer needed, or by a rule. Still open: conversations with a deadline in the rest of the period.",
        (*_DEADLINES, Kind.DEADLINE_RESOLUTION),
        of_people=True,
    ),
    Kpi(
        "sla_response_met",
        "Deadlines of answers met",
        "share",
        "The same for promised answers alone, the first one of a cycle and later ones.",
        _DEADLINES,
        of_people=True,
    ),
    Kpi(
        "sla_resolution_met",
        "Deadlines of resolution met",
        "share",
        "The same for the promised resolution alone.",
        (Kind.DEADLINE_RESOLUTION,),
        of_people=True,
    ),
    Kpi(
        "reopen_rate",
        "Reopen rate",
        "share",
        "Cycles that were reopened in the period after they were resolved, by the customer or by hand, against cycles "
        "resolved in the period by anybody. A mere thank-you within 48 hours reopens nothing.",
        (Kind.RESOLUTION, Kind.REOPENED),
    ),
    Kpi(
        "backlog",
        "Backlog",
        "count",
        "Conversations that are open: new, open, waiting or snoozed. Now, or for a period that is over at its last "
        "quarter of an hour. Sources, brands and people are told apart only now.",
    ),
    Kpi(
        "oldest_open",
        "Oldest open",
        "seconds",
        "How long ago the open conversation that is longest without a newer message was last written in; at the same "
        "moment as the backlog.",
    ),
    Kpi(
        "promises_kept",
        "Promises kept",
        "share",
        "Of the confirmed promises that fell due in the period: those kept on or before the moment they were due, by "
        "an answer of a person or marked as done by hand. One that is past its moment and still open counts as not "
        "kept, and one kept later stays not kept. Left out: promises that were recognised and never confirmed, and "
        "dropped ones. Still open: confirmed promises of the period whose moment is yet to come.",
    ),
    Kpi(
        "proactive_share",
        "Proactive share",
        "share",
        "Of the answers by people given in the period: those to somebody who had not addressed us, neither in private, "
        "nor on a channel of our own, nor by naming our account.",
        (Kind.ANSWER,),
        of_people=True,
    ),
    Kpi(
        "sentiment_shift",
        "Sentiment shift",
        "points",
        "For conversations resolved in the period in which the customer wrote more than once: the tone of their last "
        "message less that of their first (negative -1, neutral 0, positive 1), as it was judged when the conversation "
        "was resolved. The mean. Resolved more often, it counts once, as it stood last. Left out: where one of the two "
        "tones is unsure or unknown.",
        (Kind.SENTIMENT_SHIFT,),
    ),
    Kpi(
        "load",
        "Load",
        "count",
        "Inflow of the period per hour that people have planned, by their planned hours without holidays and absence. "
        "Not told for fewer people than the smallest group.",
    ),
)

_BY_ID = {kpi.id: kpi for kpi in KPIS}


def named(kpi_id: str) -> Kpi:
    """A figure by its code.

    Raises:
        BadInput: there is no such figure.
    """
    kpi = _BY_ID.get(kpi_id)
    if kpi is None:
        raise BadInput(
            Sentence("There is no figure “{figure}”; choose one of: {options}.", figure=kpi_id, options=tuple(_BY_ID)),
            figure=kpi_id,
        )
    return kpi
