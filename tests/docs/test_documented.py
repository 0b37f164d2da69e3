"""What exists is documented, and what is documented exists."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, entry_points, metadata
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
import yaml
from pydantic import BaseModel

import connectors.errors
import inbox.errors
import store.backup
import store.errors
import store.transfer
from benchmarks.__main__ import BENCHES
from connectors.registry import GROUP, load
from inbox.kpis.catalogue import KPIS
from klankbord import __version__, config_file, console
from klankbord.cli import app
from klankbord.config import Config
from klankbord.config_file import load_config
from store.engine import Store
from tests.conftest import Clock
from web.api.meter import Meter
from web.metrics import render

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
CONNECTORS = sorted(
    {point.name for point in entry_points(group=GROUP) if point.dist and point.dist.name == "klankbord"}
)
FILLED_BY_ITSELF = {"options"}
"""Keys that are in the models and not in the file: a source's options stand beside its keys."""


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def sections(text: str) -> dict[str, str]:
    """Heading of the second level → what stands under it."""
    parts = re.split(r"^## +(.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def table_names(text: str) -> set[str]:
    """Names in the first column of tables: every `code` there."""
    cells = re.findall(r"^\|([^|\n]*)\|", text, flags=re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and all models its fields hold."""
    yield model
    for field in model.model_fields.values():
        for inner in nested(field.annotation):
            yield from models(inner)


def nested(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from nested(argument)


def keys(model: type[BaseModel]) -> set[str]:
    return {name for each in models(model) for name in each.model_fields} - FILLED_BY_ITSELF


# --- configuration --------------------------------------------------------------------------------------------------

CONFIG_SECTIONS = {
    "The whole": ["Config"],
    "Listeners": ["WebListener", "DashboardListener", "ApiSettings"],
    "Brands": ["BrandSettings"],
    "Sources": ["SourceSettings"],
    "Media": ["MediaSettings"],
    "Exports": ["ExportsSettings", "ObjectStoreSettings"],
    "Teams": ["TeamSettings", "SlaSettings"],
    "Signing in": ["SignInSettings", "OidcSettings"],
    "Webhooks": ["WebhookSettings", "HookSettings"],
    "Mail": ["MailSettings"],
}


@pytest.mark.parametrize("heading", CONFIG_SECTIONS)
def test_every_configuration_key_is_documented_where_it_belongs_and_no_other(heading: str) -> None:
    known = {
        model.__name__: {field.alias or name for name, field in model.model_fields.items()} - FILLED_BY_ITSELF
        for model in models(Config)
    }
    expected = set().union(*(known[name] for name in CONFIG_SECTIONS[heading]))
    assert table_names(sections(page("configuration.md"))[heading]) == expected


def test_every_model_of_the_configuration_has_its_section() -> None:
    assert {model.__name__ for model in models(Config)} == {
        name for names in CONFIG_SECTIONS.values() for name in names
    }


@pytest.mark.parametrize("name", CONNECTORS)
def test_every_option_of_a_connector_is_on_its_page_and_no_other(name: str) -> None:
    described = table_names(sections(page(f"connectors/{name}.md"))["Options"])
    assert described == keys(load(name).options_type)


def test_every_connector_has_its_page_and_a_place_in_the_list_of_connectors() -> None:
    assert {path.stem for path in (DOCS / "connectors").glob("*.md")} == set(CONNECTORS)
    for name in CONNECTORS:
        assert f"connectors/{name}.md" in page("configuration.md")
        assert f"docs/connectors/{name}.md" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted({*CONNECTORS} - {"discourse", "feeds", "files", "hackernews"}))
def test_a_platforms_page_says_what_you_get_and_need_how_to_connect_and_how_to_see_that_it_works(name: str) -> None:
    told = sections(page(f"connectors/{name}.md"))
    wanted = ("What you need", "How to connect", "Options", "What you get", "Limits", "Retention")
    for heading in (*wanted, "How to see that it works"):
        assert len(told.get(heading, "").split()) > 8, f"{name}: {heading}"
    assert f"klankbord connect {name}" in told["How to connect"]
    assert "klankbord check --live" in told["How to see that it works"] or "|" in told["How to see that it works"]


def examples() -> Iterator[Any]:
    for path in [*PAGES, ROOT / "README.md"]:
        for number, block in enumerate(
            re.findall(r"^```yaml\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL), 1
        ):
            yield pytest.param(block, id=f"{path.relative_to(ROOT)}-{number}")


@pytest.mark.parametrize("block", list(examples()))
def test_every_example_of_a_configuration_is_accepted(block: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(block, "utf-8")
    used = dict.fromkeys(re.findall(r"\$\{([A-Z_]+)", block), "a-secret")
    assert isinstance(load_config(path, used), Config)


def test_the_shipped_configuration_and_its_commented_sources_are_accepted(tmp_path: Path) -> None:
    text = (ROOT / "config.yaml").read_text("utf-8")
    commented = [line.strip().removeprefix("# ") for line in text.splitlines() if line.strip().startswith("# - {id")]
    assert commented
    path = tmp_path / "config.yaml"
    path.write_text(text.replace("\nteams:", "".join(f"\n  {line}" for line in commented) + "\nteams:"), "utf-8")
    assert len(load_config(path, {}).sources) > len(commented)


# --- commands -------------------------------------------------------------------------------------------------------


def commands() -> dict[str, Any]:
    """Every visible command by its words, with its click object."""
    found: dict[str, Any] = {}

    def walk(group: Any, words: tuple[str, ...]) -> None:
        for name, command in group.commands.items():
            if command.hidden:
                continue
            if hasattr(command, "commands"):
                walk(command, (*words, name))
            else:
                found[" ".join((*words, name))] = command

    walk(typer.main.get_command(app), ())
    return found


COMMANDS = commands()


def options(command: Any) -> set[str]:
    own = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    return {spelt for parameter in own for spelt in (*parameter.opts, *parameter.secondary_opts)}


def test_every_command_has_its_section_and_no_section_describes_another() -> None:
    described = set(sections(page("commands.md"))) - {"When it cannot be done"}
    assert described == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_documented_and_no_other(name: str) -> None:
    everywhere = {"--config", "-c", "--help"}
    words = {word for cell in table_names(sections(page("commands.md"))[name]) for word in cell.split()}
    assert {word for word in words if word.startswith("-")} == options(COMMANDS[name]) - everywhere


def test_options_that_every_command_has_are_documented_once() -> None:
    head = page("commands.md").split("\n## ")[0]
    spelt = {*options(typer.main.get_command(app)), *options(COMMANDS["check"])} - {"--live", "--no-live"}
    assert all(f"`{option}" in head or f"{option}`" in head for option in spelt - {"--help"})


def test_commands_named_anywhere_in_the_documentation_or_to_people_exist() -> None:
    first = {name.split()[0] for name in COMMANDS}
    texts = [
        path for part in ("connectors", "inbox", "pipeline", "screens", "store") for path in (ROOT / part).rglob("*.py")
    ]
    for path in [*PAGES, *texts, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        for word in re.findall(r"(?:`|^|/)klankbord ([a-z][a-z-]*)", path.read_text("utf-8"), re.MULTILINE):
            assert word in first, f"{path.name} names klankbord {word}"


def test_options_shown_with_a_command_anywhere_in_the_documentation_are_its_own() -> None:
    for path in [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        shown = re.findall(r"(?:`|^|/)klankbord ([a-z][^`\n#|]*)", path.read_text("utf-8"), re.MULTILINE)
        for line in shown:
            words = line.split()
            name = next((name for name in (" ".join(words[:2]), words[0]) if name in COMMANDS), None)
            known = options(COMMANDS[name]) if name else set()
            used = {word.partition("=")[0].rstrip(".,;)") for word in words if word.startswith("--")}
            assert used <= known, f"{path.name} shows klankbord {line}"


def test_every_bench_is_named_and_no_other() -> None:
    told = re.search(r"^The benches are (.*?)\.", page("benchmarks.md"), re.MULTILINE | re.DOTALL)
    assert told is not None
    assert re.findall(r"`([a-z]+)`", told[1]) == list(BENCHES)
    assert {name for name in BENCHES if f"\n* **{name}**: " not in page("benchmarks.md")} == set()


# --- figures, errors ------------------------------------------------------------------------------------------------


def test_every_figure_is_documented_and_no_other() -> None:
    described = re.findall(r"^`([a-z0-9_]+)`, unit: (\w+)", page("kpis.md"), re.MULTILINE)
    assert set(described) == {(kpi.id, kpi.unit) for kpi in KPIS}
    assert set(sections(page("kpis.md"))) == {kpi.name for kpi in KPIS}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_every_metric_is_documented_and_no_other(store: Store, clock: Clock) -> None:
    families = re.findall(r"^# TYPE (\S+)", render(store, clock(), Meter()).decode(), re.MULTILINE)
    described = table_names(sections(page("operating.md"))["Health and metrics"])
    assert {name for name in described if name.startswith("klankbord_")} == set(families)


def errors() -> set[str]:
    modules = (connectors.errors, inbox.errors, store.errors, store.backup, store.transfer, config_file, console)
    return {
        name
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == module.__name__
    }


def test_every_error_a_person_or_plug_in_can_meet_is_documented() -> None:
    told = page("commands.md") + page("writing-a-connector.md")
    assert {name for name in errors() if f"`{name}" not in told} == set()


def test_no_error_is_documented_that_does_not_exist() -> None:
    described = table_names(sections(page("commands.md"))["When it cannot be done"])
    assert described - errors() == {"ConnectorNotUsable"}  # stands in connectors.registry


# --- the project ----------------------------------------------------------------------------------------------------


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def requirement(text: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", text, maxsplit=1)[0].lower()


def dependencies() -> tuple[set[str], set[str]]:
    """Names in pyproject: to run, and to change."""
    given = project()
    groups = [line for group in given["dependency-groups"].values() for line in group if isinstance(line, str)]
    return {requirement(line) for line in given["project"]["dependencies"]}, {requirement(line) for line in groups}


def listed(heading: str) -> set[str]:
    rows = re.findall(r"^\| ([^|]+) \|", sections(page("dependencies.md"))[heading], re.MULTILINE)
    return {name.split()[0].lower() for row in rows for name in row.split(", ")} - {"package", "---"}


def test_every_dependency_is_listed_with_its_reason_and_no_other() -> None:
    to_run, to_change = dependencies()
    assert listed("To run") == to_run
    extras = project()["project"]["optional-dependencies"].values()
    wished = {requirement(line) for lines in extras for line in lines}
    assert listed("On wish") == wished
    stubs = {name for name in to_change if name.startswith("types-")}
    assert listed("To change") == to_change - stubs - wished


def locked(file: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / file).read_text("utf-8"), re.MULTILINE))


def test_nothing_that_is_installed_is_gpl_or_agpl() -> None:
    refused = []
    for name in sorted(locked("requirements-dev.lock")):
        try:
            told = metadata(name)
        except PackageNotFoundError:
            continue  # for another system
        licence = " ".join(
            (told.get("License-Expression") or "", (told.get("License") or "")[:200], *told.get_all("Classifier", ()))
        )
        if re.search(r"\bA?GPL|(?<!Lesser )General Public License|Affero", licence) and not re.search(
            r"LGPL|Lesser", licence
        ):
            refused.append((name, licence))
    assert refused == []


def test_every_direct_dependency_is_locked() -> None:
    to_run, to_change = dependencies()
    assert to_run <= locked("requirements.lock")
    assert to_run | to_change <= locked("requirements-dev.lock")


def tracked() -> list[Path]:
    try:
        told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"not a git checkout: {error}")
    return [ROOT / name for name in told.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_package_registry() -> None:
    hosts = [".".join(parts).encode() for parts in (("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs"))]
    flags = [("--" + flag).encode() for flag in ("index-url", "extra-index-url", "find-links", "trusted-host")]
    flags += [("index" + "_url").encode()]
    guilty = {
        str(path.relative_to(ROOT)): needle.decode()
        for path in tracked()
        for needle in (*hosts, *flags)
        if needle in path.read_bytes()
    }
    assert guilty == {}


def test_the_changelog_names_this_version_and_so_does_the_project() -> None:
    assert project()["project"]["version"] == __version__
    assert re.search(rf"^## \[{re.escape(__version__)}\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)


def test_links_of_the_readme_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)]+)\)", text) if "://" not in target]
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_page_is_in_the_navigation() -> None:
    def leaves(tree: Any) -> Iterator[str]:
        if isinstance(tree, str):
            yield tree
        else:
            for inner in tree.values() if isinstance(tree, dict) else tree:
                yield from leaves(inner)

    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    assert sorted(leaves(nav)) == [str(path.relative_to(DOCS)) for path in PAGES]


def test_the_start_page_leads_to_every_page() -> None:
    linked = re.findall(r"\]\(([^)#]+\.md)", page("index.md"))
    assert {str(path.relative_to(DOCS)) for path in PAGES} - {*linked, "index.md"} == set()
