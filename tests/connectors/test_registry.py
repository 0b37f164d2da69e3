from __future__ import annotations

import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from connectors import registry
from connectors.contract import Connector
from connectors.registry import GROUP, ConnectorNotUsable, known, load

ROOT = Path(__file__).parents[2]


def declared() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    points: dict[str, str] = project["project"]["entry-points"][GROUP]
    return points


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path with an installed distribution `broken-plugin 1.2`; the test writes its module."""
    info = tmp_path / "broken_plugin-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-plugin\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\nbroken = broken_plugin_module:Broken\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "broken_plugin_module", raising=False)
    return tmp_path / "broken_plugin_module.py"


@pytest.mark.parametrize("name", ["discourse", "feeds", "files", "hackernews", "mastodon"])
def test_a_built_in_connector_is_declared_under_its_own_name(name: str) -> None:
    made = EntryPoint(name, declared()[name], GROUP).load()
    assert issubclass(made, Connector)
    assert made.name == name


def test_every_built_in_connector_is_installed() -> None:
    assert set(declared()) <= {each.name for each in known()}, "install again: pip install --no-deps -e ."


def test_an_unknown_name_is_answered_with_a_suggestion(plug_in: Path) -> None:
    plug_in.write_text("")
    with pytest.raises(ConnectorNotUsable, match="did you mean 'broken'"):
        load("brokn")


def test_a_name_nobody_knows_lists_what_is_installed(plug_in: Path) -> None:
    plug_in.write_text("")
    with pytest.raises(ConnectorNotUsable, match=r"Installed: .*broken"):
        load("carrier-pigeon-post")


def test_listing_does_not_import_a_plug_in(plug_in: Path) -> None:
    plug_in.write_text("raise RuntimeError('imported')")
    assert "broken-plugin 1.2" in {each.package for each in known()}
    assert "broken_plugin_module" not in sys.modules


@pytest.mark.parametrize(
    ("module", "says"),
    [
        ("import a_package_that_is_not_there", "cannot be imported .ModuleNotFoundError"),
        ("raise RuntimeError('no licence')", "no licence"),
        ("x = 1", "cannot be imported .AttributeError"),
        ("Broken = 5", "is no subclass of connectors.contract.Connector"),
        ("from connectors.contract import Connector\nclass Broken(Connector): name = 'other'", "calls itself 'other'"),
        ("from connectors.contract import Connector\nclass Broken(Connector): name = 'broken'", "lacks `platform`"),
        (
            "from connectors.contract import Connector, Options\n"
            "class Broken(Connector): name = platform = 'broken'; options_type = Options",
            "does not implement parse, plan, queries",
        ),
    ],
)
def test_a_plug_in_that_cannot_be_used_is_named_with_its_package(plug_in: Path, module: str, says: str) -> None:
    plug_in.write_text(module)
    with pytest.raises(ConnectorNotUsable, match=says) as caught:
        load("broken")
    assert "broken-plugin 1.2" in str(caught.value)


def test_two_packages_with_one_name_are_refused(plug_in: Path) -> None:
    plug_in.write_text("")
    other = plug_in.parent / "second_plugin-2.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: second-plugin\nVersion: 2.0\n")
    (other / "entry_points.txt").write_text(f"[{GROUP}]\nbroken = another_module:Broken\n")
    with pytest.raises(ConnectorNotUsable, match=r"broken-plugin 1\.2 and second-plugin 2\.0"):
        load("broken")


def test_the_group_is_the_documented_one() -> None:
    assert registry.GROUP == "klankbord.connectors"
