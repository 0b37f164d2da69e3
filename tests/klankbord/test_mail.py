"""Mail from the command line, and that the worker sends what waits."""

from __future__ import annotations

from datetime import UTC, datetime

from inbox import people
from inbox.permissions import Role
from klankbord import compose
from klankbord.config_file import load_config
from klankbord.work import duties
from store.schema import user_account
from tests.klankbord.conftest import Workspace
from tests.pipeline.mail_server import Postbox, running

MAIL = """public_url: https://inbox.acme.example
mail: {{host: 127.0.0.1, port: {port}, tls: none, from: 'Acme <a@acme.example>'}}
"""


def with_mail(workspace: Workspace, port: int) -> None:
    workspace.edit("timezone:", MAIL.format(port=port) + "timezone:")


def refusal(workspace: Workspace, *arguments: str) -> str:
    result = workspace.run(*arguments)
    assert result.exit_code == 1
    return " ".join(result.stderr.split())


def test_one_mail_is_tried_and_what_the_server_said_is_told(workspace: Workspace) -> None:
    box = Postbox()
    with running(box) as port:
        with_mail(workspace, port)
        told = workspace.run("mail", "test", "piet@shop.example").stdout
        assert "took the mail to piet@shop.example: 250" in told
        assert "https://inbox.acme.example" in str(box.got[0].get_body(("plain",)))
        box.refuse = "550 no such box"
        assert "550 no such box" in refusal(workspace, "mail", "test", "piet@shop.example")
        assert "no mail address" in refusal(workspace, "mail", "test", "piet")
    assert "cannot be reached" in refusal(workspace, "mail", "test", "piet@shop.example")


def test_without_settings_it_says_what_to_write(workspace: Workspace) -> None:
    assert "`mail:`" in refusal(workspace, "mail", "test", "piet@shop.example")


def test_the_worker_sends_the_link_of_somebody_new(workspace: Workspace) -> None:
    box = Postbox()
    with running(box) as port:
        with_mail(workspace, port)
        workspace.run("user", "add", "an", "--name", "An", "--email", "an@shop.example")
        config = load_config(workspace.config)
        with compose.opened(config) as store:
            sending = next(duty for duty in duties(store, config) if duty.name == "sending mail")
            sending.run()
            sending.run()
    assert [one["To"] for one in box.got] == ["an@shop.example"]
    assert "https://inbox.acme.example/welcome/" in str(box.got[0].get_body(("plain",)))


def test_a_lost_second_factor_is_reset_from_the_command_line(workspace: Workspace) -> None:
    workspace.run("user", "add", "an", "--name", "An", "--role", Role.LEAD.value)
    config = load_config(workspace.config)
    with compose.opened(config) as store:
        desk = compose.desk(store, config)
        with store.write() as conn:
            conn.execute(user_account.update().values(totp_secret=b"x", totp_confirmed_at=datetime.now(UTC)))
        assert people.find(desk, "an").second_factor
        told = workspace.run("user", "reset-second-factor", "an").stdout
        assert not people.find(desk, "an").second_factor
    assert "no second factor any more" in told
