"""An agent who corrects and labels, to be killed: `python -m tests.inbox.tone.correcting_process DATABASE USER_ID`."""

from __future__ import annotations

import random
import sys

from sqlalchemy import select

from inbox import sessions
from inbox.bulk.views import Action, Kind
from inbox.desk import Desk
from inbox.service import Inbox
from inbox.tone.views import TONES
from store.engine import open_store
from store.schema import mention
from tests.inbox.conftest import SETTINGS


def main(url: str, user_id: int) -> None:
    """Work until the process is killed; says so once it is at work."""
    store = open_store(url)
    inbox = Inbox(store, SETTINGS)
    who = sessions.start_for(Desk(store, SETTINGS), user_id).token
    chance = random.Random(user_id)
    with store.read() as conn:
        rows = conn.execute(select(mention.c.id, mention.c.conversation_id)).all()
    for n in range(1_000_000):
        some = chance.sample(rows, 5)
        inbox.tones.correct(who, some[0].id, chance.choice((*TONES, "machine")))
        inbox.bulk.apply(
            who, dict.fromkeys(one.conversation_id for one in some), Action(Kind.TONE, chance.choice(TONES))
        )
        text = inbox.tones.next_text(who)
        if text is not None:
            inbox.tones.label(who, text.month, text.place, chance.choice(TONES))
        if n == 1:
            sys.stdout.write("at work\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
