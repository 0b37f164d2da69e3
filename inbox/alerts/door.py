"""The door to alerts: checks who is there, and delegates."""

from __future__ import annotations

from inbox.alerts import deliveries, judging, keeping, showing, trying
from inbox.alerts.views import AlertView, DeliveryView, ReceiverView, RuleDraft, RuleView, Running, Trial
from inbox.entrance import Entrance
from inbox.errors import NotFound
from inbox.permissions import Permission


class Alerts:
    """Alerts as screens see them. Who sees figures reads and judges; leads make rules and receivers."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    # What fired

    def latest(self, token: str) -> tuple[AlertView, ...]:
        """What fired last, newest first, each with its explanation and who was told."""
        self._entrance.reader(token, Permission.FIGURES)
        return showing.latest(self._desk)

    def opened(self, token: str, alert_id: int) -> AlertView:
        """One alert. Raises: NotFound."""
        self._entrance.reader(token, Permission.FIGURES)
        with self._desk.store.read() as conn:
            found = showing.one_alert(self._desk, conn, alert_id)
        if found is None:
            raise NotFound(what="alert", key=alert_id)
        return found

    def running(self, token: str) -> tuple[Running, ...]:
        """Spikes that go on and that nobody closed, for the line in the inbox; nothing for who sees no figures."""
        if not self._entrance.user(token).may(Permission.FIGURES):
            return ()
        return showing.running(self._desk)

    def judge(self, token: str, alert_id: int, verdict: str | None) -> None:
        """Say whether a spike was real (`real`, `false`, or None to take it back). Raises: NotFound, BadInput."""
        judging.judge(self._desk, self._entrance.require(token, Permission.FIGURES), alert_id, verdict)

    def see(self, token: str, alert_id: int) -> None:
        """Close the line about a spike in the inbox, for everybody. Raises: NotFound."""
        judging.see(self._desk, self._entrance.require(token, Permission.FIGURES), alert_id)

    # Rules

    def rules(self, token: str) -> tuple[RuleView, ...]:
        """All rules in use, by name, each with how often it fired and was real."""
        self._entrance.reader(token, Permission.FIGURES)
        return showing.rules(self._desk)

    def back_test(self, token: str, draft: RuleDraft) -> Trial:
        """When a rule would have fired in the last ninety days. Raises: NotFound, BadInput, BadSearch."""
        self._entrance.reader(token, Permission.FIGURES)
        return trying.back_test(self._desk, draft)

    def save(self, token: str, draft: RuleDraft, *, rule_id: int | None = None, version: int = 0) -> int:
        """Make a rule, or change one; gives its id. Raises: NotFound, BadInput, BadSearch."""
        user = self._entrance.require(token, Permission.MANAGE_WORK)
        return keeping.save(self._desk, user, draft, rule_id=rule_id, version=version)

    def switch(self, token: str, rule_id: int, *, active: bool) -> None:
        """Let a rule look, or not. Raises: NotFound."""
        keeping.switch(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), rule_id, active=active)

    def archive(self, token: str, rule_id: int) -> None:
        """Take a rule out of use; what it found stays. Raises: NotFound."""
        keeping.archive(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), rule_id)

    # Who is told

    def receivers(self, token: str) -> tuple[ReceiverView, ...]:
        """All receivers in use, by name; never their secret addresses."""
        self._entrance.reader(token, Permission.FIGURES)
        return showing.receivers(self._desk)

    def add_receiver(self, token: str, *, name: str, kind: str, address: str) -> tuple[int, str | None]:
        """Keep whom to tell; gives its id, and for a webhook the key to check signatures with, shown this once.

        Raises:
            BadInput: the name is taken, or nothing of this kind can be reached there.
            KeyUnusable: addresses cannot be sealed.
        """
        user = self._entrance.require(token, Permission.MANAGE_WORK)
        return keeping.add_receiver(self._desk, user, name=name, kind=kind, address=address)

    def end_receiver(self, token: str, receiver_id: int) -> None:
        """Tell somebody no more; the address is forgotten. Raises: NotFound."""
        keeping.end_receiver(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), receiver_id)

    def test(self, token: str, receiver_id: int) -> int:
        """Send a test to a receiver; gives the id of the delivery, which the worker sends. Raises: NotFound."""
        self._entrance.require(token, Permission.MANAGE_WORK)
        return deliveries.test(self._desk, receiver_id)

    def deliveries(self, token: str) -> tuple[DeliveryView, ...]:
        """What was told last, newest first."""
        self._entrance.reader(token, Permission.FIGURES)
        return showing.deliveries(self._desk)

    def send_again(self, token: str, delivery_id: int) -> None:
        """Tell again what failed, or of which nobody knows whether it arrived. Raises: BadInput."""
        deliveries.send_again(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), delivery_id)
