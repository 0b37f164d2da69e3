"""`klankbord mail`: whether mail goes out."""

from __future__ import annotations

from typing import Annotated

import typer

from inbox.mail.addresses import clean_address
from inbox.mail.texts import MailKind, write
from klankbord import compose
from klankbord.console import CommandError, ConfigFile, Friendly, load, screen
from pipeline.mailing import Outcome, Parcel, deliver

app = typer.Typer(cls=Friendly, no_args_is_help=True, rich_markup_mode=None, help="Try whether mail goes out.")


@app.callback()
def group() -> None:
    """Try whether mail goes out."""


@app.command("test")
def send_test(
    address: Annotated[str, typer.Argument(help="Where to send a mail to.")],
    config: ConfigFile = None,
) -> None:
    """Send one mail at once, past the queue, and say what the server said.

    Raises:
        CommandError: no mail is configured, or the server did not take it.
    """
    loaded = load(config)
    if loaded.mail is None:
        msg = "no mail is configured; write `mail:` in the configuration (docs/configuration.md)"
        raise CommandError(msg)
    to = clean_address(address)
    letter = write(MailKind.TEST, loaded.inbox_settings().language, link=loaded.base_url())
    parcel = Parcel(number=0, to=to, subject=letter.subject, text=letter.text, html=letter.html)
    ended = deliver(loaded.mail, parcel, now=compose.utc_now(), before_text=lambda: True)
    if ended.outcome is not Outcome.SENT:
        raise CommandError(ended.text)
    screen.print(f"{loaded.mail.host} took the mail to {to}: {ended.text}", soft_wrap=True)
