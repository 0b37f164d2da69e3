"""Alerts from the command line, and that the worker looks for spikes."""

from __future__ import annotations

import json

import pytest

from inbox import people, sessions
from inbox.permissions import Role
from inbox.service import Inbox
from klankbord import compose
from klankbord.config_file import load_config
from klankbord.work import duties
from tests.inbox.alerts.conftest import OVER_20
from tests.inbox.alerts.hooks import hooked
from tests.klankbord.conftest import Workspace
from tests.klankbord.test_mail import refusal, with_mail
from tests.pipeline.mail_server import Postbox, running


def add(workspace: Workspace, name: str, kind: str, address: str) -> None:
    from inbox.alerts.views import RuleDraft, Scope

    config = load_config(workspace.config)
    with compose.opened(config) as store:
        desk = compose.desk(store, config)
        inbox = Inbox(store, config.inbox_settings(), secrecy=desk.secrecy)
        made = people.add(desk, login=f"lead-{name}", name="Femke", role=Role.LEAD)
        token = sessions.start_for(desk, made.user.id).token
        receiver_id, _key = inbox.alerts.add_receiver(token, name=name, kind=kind, address=address)
        inbox.alerts.save(token, RuleDraft(f"Regel van {name}", Scope(), OVER_20, receivers=(receiver_id,)))
        looking = next(duty for duty in duties(store, config) if duty.name == "looking for spikes")
        looking.run()


@pytest.mark.slow
def test_a_receiver_is_tried_and_what_it_answered_is_told(workspace: Workspace) -> None:
    with hooked() as hook:
        add(workspace, "haak", "webhook", f"{hook.url}/geheim")
        assert "was not told" in refusal(workspace, "alerts", "test", "haak")  # inside the network
        assert hook.got == []
        workspace.edit("timezone:", "allow_private_hosts: [127.0.0.1]\ntimezone:")
        assert "haak took the test" in workspace.run("alerts", "test", "haak").stdout
        assert [one["type"] for one in hook.documents] == ["test"]
        hook.script = [404]
        told = refusal(workspace, "alerts", "test", "haak")
        assert "404" in told
        assert "geheim" not in told
    assert "no receiver" in refusal(workspace, "alerts", "test", "wie")


def test_a_mail_is_tried_at_once(workspace: Workspace) -> None:
    box = Postbox()
    with running(box) as port:
        with_mail(workspace, port)
        add(workspace, "baas", "mail", "baas@shop.example")
        assert "baas took the test" in workspace.run("alerts", "test", "baas").stdout
    assert [one["To"] for one in box.got] == ["baas@shop.example"]


def test_rules_and_receivers_are_listed_without_secrets(workspace: Workspace) -> None:
    add(workspace, "haak", "webhook", "https://hooks.example/geheim")
    told = workspace.run("alerts", "list").stdout
    assert "Regel van haak" in told
    assert "geheim" not in told
    listed = json.loads(workspace.run("alerts", "list", "--json").stdout)
    assert [one["name"] for one in listed["rules"]] == ["Regel van haak"]
    assert listed["rules"][0]["checked_at"] is not None
    assert listed["receivers"][0]["shown"] == "https://hooks.example"
    assert listed["fired"] == []
