"""A canary in the place of every secret: no mistake, no command and no log line sings it."""

from __future__ import annotations

import io
import json
import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr, ValidationError
from typer.main import get_command
from typer.testing import CliRunner

from connectors import registry
from inbox import settings as inbox_settings
from klankbord import config as config_module
from klankbord.cli import app
from klankbord.config import Config
from klankbord.config_file import ConfigError, load_config
from klankbord.console import log_to_stderr
from pipeline import settings as pipeline_settings
from tests.klankbord.conftest import Workspace

pytestmark = pytest.mark.slow

CANARY = "kAnArie-7f3a9Q+x/zz=="
"""With signs that are spelt otherwise in URLs and JSON."""


def _flat(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        yield from _flat(inner)


def _secret_places(model: type[BaseModel], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every declared secret below a model, as a path of keys; lists are entered by their first item."""
    for name, field in model.model_fields.items():
        parts = list(_flat(field.annotation))
        key = field.alias or name
        if SecretStr in parts or not field.repr:
            yield (*at, key)
        for part in parts:
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _secret_places(part, (*at, key))


CONNECTORS = sorted(known.name for known in registry.known())
OF_SOURCES = [(name, place) for name in CONNECTORS for place in _secret_places(registry.load(name).options_type)]
OF_FILE = list(_secret_places(Config))
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [CANARY, [CANARY], {"a": CANARY}, [[CANARY]], CANARY * 60, f"https://u:{CANARY}@h.example/?token={CANARY}"]
)


def _shaped(place: tuple[str, ...], value: Any) -> Any:
    """A value at a path, with a list around each further model as the options have."""
    key, *below = place
    return {key: [_shaped(tuple(below), value)] if below else value}


def _said(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def _silent(text: str) -> bool:
    return CANARY[:12] not in text and json.dumps(CANARY)[1:-1] not in text


def _tried(folder: Path, values: Any, environment: dict[str, str] | None = None) -> str:
    """Everything that loading says, with its trace."""
    file = folder / "config.yaml"
    file.write_text(values if isinstance(values, str) else yaml.safe_dump(values, allow_unicode=True), "utf-8")
    try:
        load_config(file, environment or {})
    except ConfigError as error:
        return str(error) + _said(error)
    return ""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("canary")


@pytest.mark.parametrize(("connector", "place"), OF_SOURCES, ids=str)
@given(value=ODD, other=st.sampled_from(["nonsense", "every", "connector"]))
@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_refused_option_of_a_connector_never_shows_a_secret(
    folder: Path, connector: str, place: tuple[str, ...], value: Any, other: str
) -> None:
    source = {"id": "one", "connector": connector, "every": "5m", **_shaped(place, value)}
    source |= {"nonsense": {"nonsense": 5}, "every": {"every": "soon"}, "connector": {"connector": f"{connector}x"}}[
        other
    ]
    said = _tried(folder, {"sources": [source]})
    assert said, "nothing was refused, so nothing was shown"
    assert _silent(said)


@pytest.mark.parametrize("place", OF_FILE, ids=str)
@given(value=ODD)
@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_refused_key_of_the_file_never_shows_a_secret(folder: Path, place: tuple[str, ...], value: Any) -> None:
    key, *below = place
    listed = {"webhooks": {"hooks": [{below[-1]: value}]}} if key == "webhooks" else None
    nested: Any = value
    for name in reversed(below):
        nested = {name: nested}
    said = _tried(folder, {**(listed or {key: nested}), "timezone": "Nowhere/At-all"})
    assert said
    assert _silent(said)


WORDS = st.sampled_from(
    ["{}", "x{}y", "https://{}", "https://a.example/{}", "*{}", "&{}", "!{}", "@{}", "%{}", '"{}', "[{}"]
)


@given(
    key=st.sampled_from(["url", "timezone", "contact", "every", "id", "query", "languages", "from", "terms", "token"]),
    shape=WORDS,
)
@example(key="token", shape="*{}")
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_comes_out_of_the_environment_or_breaks_the_file_is_never_shown(
    folder: Path, key: str, shape: str
) -> None:
    for where in ("{}\n", "sources:\n  - {{id: a, connector: discourse, {}}}\n", "brands:\n  - {{id: a, {}}}\n"):
        line = f"{key}: '{shape.format('${CANARY}')}'"
        assert _silent(_tried(folder, where.format(line), {"CANARY": CANARY}))
    bare = re.sub(r"[^A-Za-z0-9-]", "", CANARY)
    said = _tried(folder, f"sources:\n  - id: a\n    connector: mastodon\n    token: {shape.format(bare)}\n")
    assert bare not in said


def test_every_model_of_settings_keeps_what_it_refuses_to_itself() -> None:
    models = [
        each
        for module in (config_module, inbox_settings, pipeline_settings)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, BaseModel) and each is not BaseModel
    ]
    models += [registry.load(name).options_type for name in CONNECTORS]
    assert len(models) > 20
    for model in models:
        with pytest.raises(ValidationError) as caught:
            model.model_validate({"an_unknown_key": CANARY})
        assert _silent(str(caught.value)), model


def _commands() -> Iterator[tuple[str, ...]]:
    """Every command that reads the configuration, with something for each argument that it demands."""
    known = {"backup": ["b.db"], "collect": ["--once"], "connect": ["bluesky"], "restore": ["nothing.db"]}
    group: Any = get_command(app)
    for name, command in group.commands.items():
        below = getattr(command, "commands", None) or {"": command}
        for inner, one in below.items():
            if any(each.name == "config" for each in one.params):
                demanded = [each for each in one.params if each.param_type_name == "argument" and each.required]
                yield (name, *filter(None, [inner]), *known.get(name, ["1"] * len(demanded)))


STAYS = {"up", "example-server", "worker", "dashboard", "web", "webhooks"}
"""Go on until they are stopped, unless the configuration is refused."""


@pytest.mark.parametrize(
    ("command", "trouble"),
    [
        pytest.param(command, trouble, marks=[pytest.mark.slow] * (trouble == "database"))
        for command in _commands()
        for trouble in ("options", "database", "unreachable")
        if trouble == "options" or command[0] not in STAYS
    ],
    ids=str,
)
def test_no_command_shows_a_secret_when_it_fails(
    workspace: Workspace, command: tuple[str, ...], trouble: str, monkeypatch: pytest.MonkeyPatch, dead_port: int
) -> None:
    monkeypatch.chdir(workspace.folder)
    monkeypatch.setenv("CANARY", CANARY)
    source = {
        "options": f"{{id: t, connector: mastodon, instances: [{{url: a.example, token: ['{CANARY}']}}]}}",
        "database": "{id: t, connector: discourse, url: 'https://a.example', api_key: '${CANARY}', api_username: a}",
        "unreachable": f"{{id: t, connector: mastodon, instances: [{{url: 'http://127.0.0.1:{dead_port}', "
        f"token: '{CANARY}', notifications: true}}]}}",
    }[trouble]
    workspace.edit("teams:", f"  - {source}\nteams:")
    if trouble == "database":
        workspace.edit("sqlite:///data/test.db", f"postgresql://me:{CANARY}@127.0.0.1:{dead_port}/nothing")
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        result = CliRunner().invoke(app, [*command, "--config", str(workspace.config)], input="n\n" * 9)
    said = result.output + out.getvalue() + err.getvalue()
    if result.exc_info is not None and not isinstance(result.exception, SystemExit):
        said += _said(result.exception or Exception())
    assert result.exit_code != 0 or trouble != "options"
    assert _silent(said)


def test_a_log_line_with_a_trace_hides_what_the_configuration_holds_of_secrets(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    from klankbord.console import load

    source = f"{{id: t, connector: discourse, url: 'https://a.example', api_key: '{CANARY}', api_username: a}}"
    workspace.edit("teams:", f"  - {source}\nteams:")
    load(workspace.config)
    log_to_stderr()
    try:
        msg = f"we sent {CANARY}"
        raise RuntimeError(msg)
    except RuntimeError:
        logging.getLogger("pipeline.worker").exception("source %s: a fault with %s", "t", CANARY)
    said = capsys.readouterr().err
    assert "a fault with" in said
    assert "RuntimeError" in said
    assert _silent(said)
