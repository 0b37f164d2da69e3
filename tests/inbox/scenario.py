"""Forty conversations of webcare, told as what happened when, with what that comes to, worked out by hand.

Times are local (Amsterdam). Webcare works Monday to Friday 09:00-17:00 without Dutch holidays, promises an answer
within 1 hour and a resolution within 24 hours of business time; the night team never closes and promises an answer
within 30 minutes. Summer time begins on Sunday 29 March 2026; King's Day is Monday 27 April, Easter Monday 6 April.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

S, M, H = 1.0, 60.0, 3600.0
ZONE = ZoneInfo("Europe/Amsterdam")
MET, MISSED = True, False
NOW = "04-30 16:00"
"""When the figures are asked for."""


@dataclass(frozen=True)
class Happening:
    """One thing that happens: when (aware), in which conversation, what, and with what."""

    at: datetime
    name: str
    what: str
    given: str


@dataclass(frozen=True)
class Talk:
    """A conversation: what happens in it, and the facts that come of it.

    Durations are (wall clock, business time) in seconds. Deadlines are met, missed, or the code of why they are left
    out; so are durations that are not counted.
    """

    name: str
    story: str
    first: tuple[tuple[float, float], ...] = ()
    next: tuple[tuple[float, float] | str, ...] = ()
    resolution: tuple[tuple[float, float] | tuple[float, float, str], ...] = ()
    waiting: tuple[tuple[float, float] | tuple[float, float, str], ...] = ()
    handle: tuple[float, ...] = ()
    due_first: tuple[bool | str, ...] = ()
    due_next: tuple[bool | str, ...] = ()
    due_resolution: tuple[bool | str, ...] = ()
    reopened: int = 0
    shift: tuple[float | str, ...] = ()
    proactive: int = 0

    def happenings(self) -> Iterator[Happening]:
        day = ""
        for part in self.story.split(";"):
            found = re.fullmatch(r"(?:(\d\d-\d\d) )?(\d\d:\d\d(?::\d\d)?) (\w+)(?: (.*))?", part.strip())
            assert found, part
            day = found[1] or day
            yield Happening(instant(f"{day} {found[2]}"), self.name, found[3], found[4] or "")


def instant(text: str) -> datetime:
    """An aware instant of `03-29 03:30` or `03-29 03:30:01`, local."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZONE)


NEEDLESS, BY_RULE, WITHDRAWN, UNANSWERED = "no_answer_needed", "by_rule", "withdrawn", "unanswered"

TALKS = (
    Talk(
        "answered and resolved within the hour",
        "03-23 09:00 wrote; 09:30 answer; 09:45 resolve",
        first=((30 * M, 30 * M),),
        resolution=((45 * M, 45 * M),),
        waiting=((45 * M, 45 * M),),
        due_first=(MET,),  # until 10:00
        due_resolution=(MET,),  # 24 h of 8 a day: Mon, Tue, Wed; 17:00 is outside, so until Thu 09:00
    ),
    Talk(
        "over a weekend in which the clock goes forward, to the last second",
        "03-27 16:30 wrote; 03-30 09:30 answer; 10:00 resolve",
        first=((64 * H, 1 * H),),  # Fri 16:30 - Mon 09:30 is 65 h by the clock on the wall, of which one did not exist
        resolution=((64.5 * H, 1.5 * H),),
        waiting=((64.5 * H, 1.5 * H),),
        due_first=(MET,),  # 30 min on Friday, 30 min on Monday: Mon 09:30:00
        due_resolution=(MET,),
    ),
    Talk(
        "the same, one second later",
        "03-27 16:30 wrote; 03-30 09:30:01 answer; 10:00 resolve",
        first=((64 * H + 1 * S, 1 * H + 1 * S),),
        resolution=((64.5 * H, 1.5 * H),),
        waiting=((64.5 * H, 1.5 * H),),
        due_first=(MISSED,),
        due_resolution=(MET,),
    ),
    Talk(
        "written before King's Day",
        "04-24 16:00 wrote; 04-28 09:30 answer; 10:00 resolve",
        first=((89.5 * H, 1.5 * H),),  # Fri 16:00 - Tue 16:00 is 96 h, less 6.5; 1 h on Friday, 0.5 on Tuesday
        resolution=((90 * H, 2 * H),),
        waiting=((90 * H, 2 * H),),
        due_first=(MISSED,),  # Fri 17:00 is outside: Tue 09:00
        due_resolution=(MET,),
    ),
    Talk(
        "written on King's Day",
        "04-27 10:00 wrote; 04-28 09:59 answer; 10:30 resolve",
        first=((24 * H - 1 * M, 59 * M),),
        resolution=((24.5 * H, 1.5 * H),),
        waiting=((24.5 * H, 1.5 * H),),
        due_first=(MET,),  # until Tue 10:00
        due_resolution=(MET,),
    ),
    Talk(
        "written on the Saturday before Easter Monday",
        "04-04 12:00 wrote; 04-07 09:10 answer; 09:20 resolve",
        first=((72 * H - 2 * H - 50 * M, 10 * M),),  # Sat 12:00 - Tue 12:00 is 72 h
        resolution=((72 * H - 2 * H - 40 * M, 20 * M),),
        waiting=((72 * H - 2 * H - 40 * M, 20 * M),),
        due_first=(MET,),
        due_resolution=(MET,),
    ),
    Talk(
        "reopened by the customer",
        "03-24 10:00 wrote; 10:10 answer; 10:20 resolve; 03-25 10:00 wrote; 10:20 answer; 10:30 resolve",
        first=((10 * M, 10 * M), (20 * M, 20 * M)),
        resolution=((20 * M, 20 * M), (30 * M, 30 * M)),
        waiting=((20 * M, 20 * M), (30 * M, 30 * M)),
        due_first=(MET, MET),
        due_resolution=(MET, MET),
        reopened=1,
        shift=(0.0,),  # neutral, neutral; the first time they had written once
    ),
    Talk(
        "reopened by hand, nothing more to say",
        "03-24 11:00 wrote; 11:10 answer; 11:20 resolve; 11:30 open; 11:40 resolve",
        first=((10 * M, 10 * M),),
        resolution=((20 * M, 20 * M), (10 * M, 10 * M, NEEDLESS)),
        waiting=((20 * M, 20 * M), (10 * M, 10 * M, NEEDLESS)),
        due_first=(MET,),
        due_resolution=(MET, NEEDLESS),
        reopened=1,
    ),
    Talk(
        "a mere thank-you reopens nothing",
        "03-24 12:00 wrote; 12:10 answer; 12:20 resolve; 12:40 thanked",
        first=((10 * M, 10 * M),),
        resolution=((20 * M, 20 * M),),
        waiting=((20 * M, 20 * M),),
        due_first=(MET,),
        due_resolution=(MET,),
    ),
    Talk(
        "snoozed until the morning",
        "03-24 13:00 wrote; 13:05 claim; 13:10 snooze 03-25 09:00; 03-25 09:00 tick; 09:05 answer; 09:15 resolve",
        first=((20 * H + 5 * M, 4 * H + 5 * M),),  # 13:00-17:00 and 5 min
        resolution=((20 * H + 15 * M, 4 * H + 15 * M),),
        waiting=((25 * M, 25 * M),),  # 13:00-13:10 and 09:00-09:15; snoozed does not count
        handle=(5 * M,),
        due_first=(MISSED,),  # until 14:00; snoozing stops no promise
        due_resolution=(MET,),
    ),
    Talk(
        "snoozed, and the customer writes again",
        "03-24 14:00 wrote; 14:10 answer; 14:20 snooze 04-01 09:00; 03-25 11:00 wrote; 11:30 answer; 11:40 resolve",
        first=((10 * M, 10 * M),),
        next=((30 * M, 30 * M),),
        resolution=((21 * H + 40 * M, 3 * H + 2 * H + 40 * M),),  # Tue 14:00-17:00, Wed 09:00-11:40
        waiting=((60 * M, 60 * M),),  # 20 min and 40 min
        due_first=(MET,),
        due_next=(MET,),
        due_resolution=(MET,),
        shift=(0.0,),
    ),
    Talk(
        "waits for the customer, who answers two days later",
        "03-24 15:00 wrote; 15:05 answer; 15:06 ask; 03-26 15:00 wrote; 15:45 answer; 16:00 resolve",
        first=((5 * M, 5 * M),),
        next=((45 * M, 45 * M),),
        resolution=((49 * H, 17 * H),),  # Tue 2 h, Wed 8 h, Thu 7 h
        waiting=((66 * M, 66 * M),),  # 6 min and 60 min
        due_first=(MET,),
        due_next=(MET,),
        due_resolution=(MET,),
        shift=(0.0,),
    ),
    Talk(
        "waiting for a colleague is waiting",
        "03-25 09:00 wrote; 09:10 answer; 09:20 colleague; 10:00 open; 10:30 resolve",
        first=((10 * M, 10 * M),),
        resolution=((90 * M, 90 * M),),
        waiting=((90 * M, 90 * M),),  # open 20, waiting for a colleague 40, open 30
        due_first=(MET,),
        due_resolution=(MET,),
    ),
    Talk(
        "given to the night team before it was due",
        "03-25 16:00 wrote; 16:30 team night; 18:00 answer; 18:30 resolve",
        first=((2 * H, 2 * H),),  # by the hours of the night team
        resolution=((2.5 * H, 2.5 * H),),
        waiting=((2.5 * H, 2.5 * H),),  # 30 min of webcare, 2 h of the night
        due_first=(MISSED,),  # 30 min of the night team: 16:30; that of webcare went along
    ),
    Talk(
        "given to the night team after it was missed",
        "03-25 09:00 wrote; 11:00 team night; 11:15 answer; 11:30 resolve",
        first=((2.25 * H, 2.25 * H),),
        resolution=((2.5 * H, 2.5 * H),),
        waiting=((2.5 * H, 2.5 * H),),  # 2 h of webcare, 30 min of the night
        due_first=(MISSED, MISSED),  # webcare's of 10:00, the night's of 09:30
    ),
    Talk(
        "written in the evening",
        "03-25 20:00 wrote; 03-26 09:30 answer; 09:40 resolve",
        first=((13.5 * H, 30 * M),),
        resolution=((13 * H + 40 * M, 40 * M),),
        waiting=((13 * H + 40 * M, 40 * M),),
        due_first=(MET,),  # until 10:00
        due_resolution=(MET,),
    ),
    Talk("set aside as spam by a rule", "03-26 09:00 wrote casino"),
    Talk(
        "resolved by a rule",
        "03-26 09:05 wrote uitgeloot",
        resolution=((0.0, 0.0, BY_RULE),),
        waiting=((0.0, 0.0, BY_RULE),),
        due_first=(WITHDRAWN,),
        due_resolution=(BY_RULE,),
    ),
    Talk(
        "a bot of ours answers first",
        "03-26 10:00 wrote; 10:01 bot; 10:40 answer; 10:50 resolve",
        first=((40 * M, 40 * M),),
        resolution=((50 * M, 50 * M),),
        waiting=((50 * M, 50 * M),),
        due_first=(MET,),  # until 11:00
        due_resolution=(MET,),
    ),
    Talk("still open and overdue", "04-30 09:00 wrote", due_first=()),  # until 10:00; nobody has noted it
    Talk("still open and in time", "04-30 15:30 wrote"),  # until 16:30
    Talk(
        "no answer needed",
        "03-27 10:00 wrote; 10:15 resolve",
        resolution=((15 * M, 15 * M, NEEDLESS),),
        waiting=((15 * M, 15 * M, NEEDLESS),),
        due_first=(WITHDRAWN,),
        due_resolution=(NEEDLESS,),
    ),
    Talk(
        "dealt with by telephone",
        "03-27 11:00 wrote; 11:20 resolve gebeld",
        resolution=((20 * M, 20 * M),),
        waiting=((20 * M, 20 * M),),
        due_first=(WITHDRAWN,),
        due_resolution=(MET,),
    ),
    Talk(
        "an answer that was taken back",
        "04-01 09:00 wrote; 09:10 answer; 09:10:05 undo; 09:30 answer; 09:40 resolve",
        first=((30 * M, 30 * M),),
        resolution=((40 * M, 40 * M),),
        waiting=((40 * M, 40 * M),),
        due_first=(MET,),
        due_resolution=(MET,),
    ),
    Talk(
        "a resolve that was taken back",
        "04-01 10:00 wrote; 10:10 answer; 10:20 resolve; 10:20:08 undo; 11:00 resolve",
        first=((10 * M, 10 * M),),
        resolution=((60 * M, 60 * M),),
        waiting=((60 * M, 60 * M),),
        due_first=(MET,),
        due_resolution=(MET,),
    ),
    Talk(
        "a reopening that was taken back",
        "04-01 11:00 wrote; 11:10 answer; 11:20 resolve; 11:40 open; 11:40:09 undo",
        first=((10 * M, 10 * M),),
        resolution=((20 * M, 20 * M),),
        waiting=((20 * M, 20 * M),),
        due_first=(MET,),
        due_resolution=(MET,),
    ),
    Talk(
        "a second answer to the same message answers nothing new",
        "04-01 12:00 wrote; 12:10 answer; 12:20 answer; 12:30 resolve",
        first=((10 * M, 10 * M),),
        resolution=((30 * M, 30 * M),),
        waiting=((30 * M, 30 * M),),
        due_first=(MET,),
        due_resolution=(MET,),
    ),
    Talk(
        "two more messages, one more answer",
        "04-01 13:00 wrote; 13:10 answer; 13:30 wrote; 13:50 wrote; 14:00 answer; 14:10 resolve",
        first=((10 * M, 10 * M),),
        next=((30 * M, 30 * M),),  # from the oldest, 13:30
        resolution=((70 * M, 70 * M),),
        waiting=((70 * M, 70 * M),),
        due_first=(MET,),
        due_next=(MET,),
        due_resolution=(MET,),
        shift=(0.0,),
    ),
    Talk(
        "resolved with a later message unanswered",
        "04-01 14:00 wrote; 14:05 answer; 14:10 wrote; 14:20 resolve",
        first=((5 * M, 5 * M),),
        next=(UNANSWERED,),
        resolution=((20 * M, 20 * M),),
        waiting=((20 * M, 20 * M),),
        due_first=(MET,),
        due_next=(WITHDRAWN,),
        due_resolution=(MET,),
        shift=(0.0,),
    ),
    Talk(
        "answered on the platform, seen a quarter of an hour later",
        "04-02 09:00 wrote; 09:35 seen 04-02 09:20; 09:50 resolve",
        first=((20 * M, 20 * M),),
        resolution=((50 * M, 50 * M),),
        waiting=((50 * M, 50 * M),),
        due_first=(MET,),
        due_resolution=(MET,),
    ),
    Talk(
        "answered in time on the platform, seen after the clock had noted a miss",
        "04-02 10:00 wrote; 11:30 tick; 11:40 seen 04-02 10:50; 12:00 resolve",
        first=((50 * M, 50 * M),),
        resolution=((2 * H, 2 * H),),
        waiting=((2 * H, 2 * H),),
        due_first=(MET,),
        due_resolution=(MET,),
    ),
    Talk("ignored", "04-02 11:00 wrote; 11:10 ignore"),
    Talk(
        "spam by hand, and not spam after all",
        "04-02 13:00 wrote; 13:10 spam; 13:20 notspam; 13:40 answer; 13:50 resolve",
        first=((40 * M, 40 * M),),
        resolution=((50 * M, 50 * M),),
        waiting=((40 * M, 40 * M),),  # 10 min and 30 min
        due_first=(MET,),  # until 14:00
        due_resolution=(MET,),
    ),
    Talk(
        "at work with pauses",
        "04-02 14:00 wrote; 14:10 claim; 14:12 tag; 14:16 keep; 14:25 note; 14:26 answer; 14:27 resolve",
        first=((26 * M, 26 * M),),
        resolution=((27 * M, 27 * M),),
        waiting=((27 * M, 27 * M),),
        handle=(2 * M + 4 * M + 5 * M + 1 * M + 1 * M,),  # of the 9 min without a sign 5 count
        due_first=(MET,),
        due_resolution=(MET,),
    ),
    Talk(
        "a claim that lapsed",
        "04-02 15:00 wrote; 15:10 claim; 15:13 note; 15:23 tick; 15:30 answer; 15:40 resolve",
        first=((30 * M, 30 * M),),
        resolution=((40 * M, 40 * M),),
        waiting=((40 * M, 40 * M),),
        handle=(3 * M,),  # until the last sign
        due_first=(MET,),
        due_resolution=(MET,),
    ),
    Talk(
        "taken over by a lead",
        "04-07 13:00 wrote; 13:10 claim; 13:12 tag; 13:14 takeover; 13:19 leadanswer; 13:20 leadresolve",
        first=((19 * M, 19 * M),),
        resolution=((20 * M, 20 * M),),
        waiting=((20 * M, 20 * M),),
        handle=(2 * M, 5 * M + 1 * M),
        due_first=(MET,),
        due_resolution=(MET,),
    ),
    Talk(
        "from anger to thanks",
        "04-07 14:00 wrote negative; 14:10 answer; 14:20 wrote positive; 14:30 resolve",
        first=((10 * M, 10 * M),),
        next=(UNANSWERED,),
        resolution=((30 * M, 30 * M),),
        waiting=((30 * M, 30 * M),),
        due_first=(MET,),
        due_next=(WITHDRAWN,),
        due_resolution=(MET,),
        shift=(2.0,),  # positive 1 less negative -1
    ),
    Talk(
        "a tone that is unsure",
        "04-07 15:00 wrote unsure; 15:10 answer; 15:20 wrote positive; 15:30 answer; 15:40 resolve",
        first=((10 * M, 10 * M),),
        next=((10 * M, 10 * M),),
        resolution=((40 * M, 40 * M),),
        waiting=((40 * M, 40 * M),),
        due_first=(MET,),
        due_next=(MET,),
        due_resolution=(MET,),
        shift=("untold",),
    ),
    Talk(
        "somebody who did not speak to us",
        "04-08 09:00 overheard; 09:10 answer; 09:20 resolve",
        first=((10 * M, 10 * M),),
        resolution=((20 * M, 20 * M),),
        waiting=((20 * M, 20 * M),),
        due_first=(MET,),
        due_resolution=(MET,),
        proactive=1,
    ),
    Talk(
        "answered after three days, resolved at the last moment",
        "04-07 10:00 wrote; 04-10 10:00 answer; 10:00 resolve",
        first=((72 * H, 24 * H),),  # Tue 7 h, Wed 8 h, Thu 8 h, Fri 1 h
        resolution=((72 * H, 24 * H),),
        waiting=((72 * H, 24 * H),),
        due_first=(MISSED,),  # until Tue 11:00
        due_resolution=(MET,),  # until Fri 10:00:00
    ),
)
