"""What people say of what fired: that it is seen, and whether it was real: from that follows how good a rule is."""

from __future__ import annotations

from inbox import events
from inbox.alerts.keeping import RULE
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.sentences import Sentence
from inbox.views import CurrentUser
from store import alerts

VERDICTS = ("real", "false")


def judge(desk: Desk, user: CurrentUser, alert_id: int, verdict: str | None) -> None:
    """Say whether a spike was real, or take that back with None.

    Raises:
        NotFound: no such alert.
        BadInput: no such verdict.
    """
    if verdict not in (*VERDICTS, None):
        raise BadInput(Sentence("Choose one of these: {options}.", options=VERDICTS))
    now = desk.clock()
    with desk.store.write() as conn:
        found = alerts.one_alert(conn, alert_id)
        if found is None:
            raise NotFound(what="alert", key=alert_id)
        if found.verdict == verdict:
            return
        by = (user.id, now) if verdict is not None else (None, None)
        alerts.change_alert(conn, alert_id, {"verdict": verdict, "verdict_by": by[0], "verdict_at": by[1]})
        told = {"facts": {"alert_id": alert_id, "verdict": verdict}}
        events.append(desk, conn, (RULE, str(found.rule_id)), "alert_judged", actor_id=user.id, after=told)


def see(desk: Desk, user: CurrentUser, alert_id: int) -> None:
    """Close the line about a spike in the inbox, for everybody. Raises: NotFound."""
    now = desk.clock()
    with desk.store.write() as conn:
        found = alerts.one_alert(conn, alert_id)
        if found is None:
            raise NotFound(what="alert", key=alert_id)
        if found.seen_at is None:
            alerts.change_alert(conn, alert_id, {"seen_by": user.id, "seen_at": now})
            told = {"facts": {"alert_id": alert_id}}
            events.append(desk, conn, (RULE, str(found.rule_id)), "alert_seen", actor_id=user.id, after=told)
