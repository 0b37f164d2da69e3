"""Making, changing and ending alert rules, and whom they tell."""

from __future__ import annotations

import math
import secrets
from base64 import b64encode
from collections.abc import Collection, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection

from inbox import events, searching
from inbox.alerts import addresses, counting
from inbox.alerts.views import During, Kind, RuleDraft, Scope
from inbox.desk import Desk
from inbox.errors import BadInput, KeyUnusable, NotFound
from inbox.lists import source_names
from inbox.printable import printable
from inbox.sentences import Sentence
from inbox.tone.views import TONES
from inbox.views import CurrentUser
from store import alert_counts, alerts
from store.brands import all_brands
from store.theming import theme_by_id
from understanding.query import Place
from understanding.spikes.baseline import hour_of
from understanding.spikes.judging import WINDOWS, By

RULE, RECEIVER = "alert_rule", "alert_receiver"
PURPOSE = "alert"
"""What addresses are sealed for."""
LONGEST_NAME, MOST_RECEIVERS, MOST_RULES = 80, 20, 200
MOST_MESSAGES, MOST_PERCENT, MOST_DEVIATIONS = 1_000_000, 10_000.0, 50.0
LONGEST_COOL_DOWN = 24 * 14
_KEY_BYTES = 32


def save(desk: Desk, user: CurrentUser, draft: RuleDraft, *, rule_id: int | None = None, version: int = 0) -> int:
    """Make a rule, or change one; gives its id. A rule with a query has its history counted first.

    Raises:
        NotFound: no such rule, brand, source, theme, team or receiver.
        BadInput: something does not fit, the name is taken, or somebody changed the rule since.
        BadSearch: the query cannot be read.
    """
    values = _clean(desk, draft)
    now = desk.clock()
    counts, since = _counted(desk, draft.scope)
    with desk.store.write() as conn:
        before = None if rule_id is None else locked(conn, rule_id)
        if before is not None and (before.version != version or before.archived_at is not None):
            raise BadInput(Sentence("Somebody changed this rule meanwhile. Look at it again, then change it."))
        _check(conn, draft, values["name"], rule_id)
        kept = {**values, "updated_at": now, "trouble": "", "counted_since": since}
        if before is None:
            rule_id = desk.store.new_id()
            made = {"created_by": user.id, "created_at": now, "active": True, "version": 1}
            alerts.insert_rule(conn, {"id": rule_id, **made, **kept})
        else:
            rule_id = before.id
            alerts.change_rule(conn, rule_id, {**kept, "version": before.version + 1})
        alert_counts.forget_hours(conn, rule_id)
        if since is not None:
            alert_counts.keep_hours(conn, desk.store, rule_id, counts, since=since)
        record(desk, conn, user, "alert_rule_made" if before is None else "alert_rule_changed", about=(RULE, rule_id))
    return rule_id


def switch(desk: Desk, user: CurrentUser, rule_id: int, *, active: bool) -> None:
    """Let a rule look, or not. Raises: NotFound."""
    counts: Mapping[Any, int] = {}
    with desk.store.read() as conn:
        found = alerts.rule(conn, rule_id)
    since = None
    if active and found is not None and found.query:  # its counts stood still meanwhile
        counts, since = _counted(desk, counting.scope_of(found))
    with desk.store.write() as conn:
        before = locked(conn, rule_id)
        if before.active is active:
            return
        now = desk.clock()
        values: dict[str, Any] = {"active": active, "version": before.version + 1, "updated_at": now, "trouble": ""}
        if since is not None and found is not None and found.query == before.query:
            values["counted_since"] = since
            alert_counts.forget_hours(conn, rule_id)
            alert_counts.keep_hours(conn, desk.store, rule_id, counts, since=since)
        alerts.change_rule(conn, rule_id, values)
        record(desk, conn, user, "alert_rule_on" if active else "alert_rule_off", about=(RULE, rule_id))


def archive(desk: Desk, user: CurrentUser, rule_id: int) -> None:
    """Take a rule out of use; what it found stays. Raises: NotFound."""
    with desk.store.write() as conn:
        before = locked(conn, rule_id)
        if before.archived_at is not None:
            return
        now = desk.clock()
        gone = {"archived_at": now, "active": False, "version": before.version + 1, "updated_at": now}
        alerts.change_rule(conn, rule_id, gone)
        alert_counts.forget_hours(conn, rule_id)
        record(desk, conn, user, "alert_rule_ended", about=(RULE, rule_id))


def add_receiver(desk: Desk, user: CurrentUser, *, name: str, kind: str, address: str) -> tuple[int, str | None]:
    """Keep whom to tell; gives its id, and for a webhook the key it checks signatures with: shown this once.

    Raises:
        BadInput: the name is taken, or nothing of this kind can be reached there.
        KeyUnusable: the key of this installation, with which addresses are sealed, cannot be used.
    """
    clean = _line(name)
    if not 1 <= len(clean) <= LONGEST_NAME:
        raise BadInput(Sentence("A receiver has a name of 1 to {most} characters.", most=LONGEST_NAME))
    if kind not in set(Kind):
        raise BadInput(Sentence("Choose one of these: {options}.", options=tuple(Kind)))
    if kind == Kind.MAIL and not desk.settings.can_mail:
        raise BadInput(Sentence("Mail is not set up here, so nobody can be told by mail."))
    shown, secret = addresses.checked(Kind(kind), address)
    key = f"whsec_{b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}" if kind == Kind.WEBHOOK else None
    receiver_id, now = desk.store.new_id(), desk.clock()
    sealed = seal(desk, receiver_id, address.strip(), key) if secret else None
    with desk.store.write() as conn:
        if clean.casefold() in {one.name.casefold() for one in alerts.receivers(conn)}:
            raise BadInput(Sentence("There is a receiver {name} already.", name=clean))
        made = {"created_by": user.id, "created_at": now}
        kept = {"id": receiver_id, "name": clean, "kind": kind, "shown": shown, "sealed": sealed, **made}
        alerts.insert_receiver(conn, kept)
        record(desk, conn, user, "alert_receiver_made", about=(RECEIVER, receiver_id))
    return receiver_id, key


def end_receiver(desk: Desk, user: CurrentUser, receiver_id: int) -> None:
    """Tell somebody no more; the address is forgotten. Raises: NotFound."""
    with desk.store.write() as conn:
        found = alerts.receiver(conn, receiver_id)
        if found is None:
            raise NotFound(what="receiver", key=receiver_id)
        if found.archived_at is None:
            alerts.end_receiver(conn, receiver_id, at=desk.clock())
            record(desk, conn, user, "alert_receiver_ended", about=(RECEIVER, receiver_id))


def seal(desk: Desk, receiver_id: int, address: str, key: str | None) -> bytes:
    """An address as it is kept; it can be read for this receiver only. Raises: KeyUnusable."""
    if desk.secrecy is None:
        msg = "there is no key here to seal an address with"
        raise KeyUnusable(msg)
    plain = orjson.dumps({"receiver": receiver_id, "address": address, "key": key})
    return desk.secrecy.seal(plain, PURPOSE, now=desk.clock())


def locked(conn: Connection, rule_id: int) -> alerts.RuleRow:
    """A rule, locked until the transaction ends. Raises: NotFound."""
    found = alerts.rule(conn, rule_id, lock=True)
    if found is None:
        raise NotFound(what="alert rule", key=rule_id)
    return found


def _counted(desk: Desk, scope: Scope) -> tuple[Mapping[Any, int], Any]:
    """The history of a query, and since when it is whole; nothing where the roll-ups hold it."""
    if not scope.query:
        return {}, None
    now = desk.clock()
    since = hour_of(now - counting.HISTORY)
    with desk.store.read() as conn:
        return counting.counted(desk, conn, scope, since=since, until=now)


def checked(draft: RuleDraft) -> None:
    """Whether the condition of a draft can be judged. Raises: BadInput."""
    condition = draft.condition
    most = {By.COUNT: MOST_MESSAGES, By.PERCENT: MOST_PERCENT}.get(condition.by, MOST_DEVIATIONS)
    if not math.isfinite(condition.value) or not 0 < condition.value <= most:
        raise BadInput(Sentence("The number of a rule lies above 0 and is at most {most}.", most=int(most)))
    if condition.window_h not in WINDOWS:
        raise BadInput(Sentence("A rule looks at one of these numbers of hours: {options}.", options=WINDOWS))
    if not 1 <= condition.minimum <= MOST_MESSAGES:
        raise BadInput(Sentence("The least number of messages is 1 to {most}.", most=MOST_MESSAGES))
    if not 1 <= condition.cool_down_h <= LONGEST_COOL_DOWN:
        raise BadInput(Sentence("A rule is quiet for 1 to {most} hours after it fired.", most=LONGEST_COOL_DOWN))
    scope = draft.scope
    if scope.theme_id is not None and (scope.query or scope.source_ids or scope.sentiments or scope.brand_id):
        raise BadInput(Sentence("A rule about a theme counts all of its conversations; leave the other choices empty."))
    if condition.by is By.SILENCE and scope != Scope(source_ids=scope.source_ids):
        raise BadInput(Sentence("A rule about silence looks at sources alone; leave the other choices empty."))
    if not set(scope.sentiments) <= set(TONES):
        raise BadInput(Sentence("Choose one of these: {options}.", options=tuple(TONES)))


def _clean(desk: Desk, draft: RuleDraft) -> dict[str, Any]:
    checked(draft)
    name, condition, scope = _line(draft.name), draft.condition, draft.scope
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadInput(Sentence("A rule has a name of 1 to {most} characters.", most=LONGEST_NAME))
    if draft.during != During.ALWAYS and draft.team_id not in {team.id for team in desk.settings.teams}:
        raise BadInput(Sentence("Choose the team whose opening hours are meant."))
    if len(draft.receivers) > MOST_RECEIVERS:
        raise BadInput(Sentence("A rule tells at most {most} receivers.", most=MOST_RECEIVERS))
    query = printable(scope.query).strip()
    searching.parse(query, Place.SEARCH)
    return {
        "name": name,
        "brand_id": scope.brand_id,
        "source_ids": sorted(set(scope.source_ids)),
        "sentiments": sorted(set(scope.sentiments)),
        "theme_id": scope.theme_id,
        "query": query,
        "by_what": condition.by.value,
        "value": float(condition.value),
        "window_h": condition.window_h,
        "minimum": condition.minimum,
        "cool_down_h": condition.cool_down_h,
        "during": During(draft.during).value,
        "team_id": draft.team_id if draft.during != During.ALWAYS else None,
        "receivers": sorted(set(draft.receivers)),
    }


def _check(conn: Connection, draft: RuleDraft, name: str, rule_id: int | None) -> None:
    standing = alerts.rules(conn)
    if rule_id is None and len(standing) >= MOST_RULES:
        raise BadInput(Sentence("There are {most} alert rules already; end some first.", most=MOST_RULES))
    if any(one.name.casefold() == name.casefold() and one.id != rule_id for one in standing):
        raise BadInput(Sentence("There is a rule {name} already.", name=name), name=name)
    known(conn, draft.scope)
    receivers = {one.id for one in alerts.receivers(conn)}
    _all_known("receiver", draft.receivers, receivers)


def known(conn: Connection, scope: Scope) -> None:
    """Whether what a scope names is there. Raises: NotFound."""
    if scope.brand_id:
        _all_known("brand", (scope.brand_id,), {one.id for one in all_brands(conn)})
    if scope.source_ids:
        _all_known("source", scope.source_ids, set(source_names(conn)))
    if scope.theme_id is not None and theme_by_id(conn, scope.theme_id) is None:
        raise NotFound(what="theme", key=scope.theme_id)


def _all_known(what: str, wanted: Collection[Any], there: Collection[Any]) -> None:
    for one in wanted:
        if one not in there:
            raise NotFound(what=what, key=one)


def record(desk: Desk, conn: Connection, user: CurrentUser, action: str, *, about: tuple[str, int]) -> None:
    """Append a line about a rule, a receiver or a delivery to the record."""
    events.append(desk, conn, (about[0], str(about[1])), action, actor_id=user.id)


def _line(text: str) -> str:
    return " ".join(printable(text).split())
