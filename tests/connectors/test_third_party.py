from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "klankbord-connector-guestbook"


pytestmark = pytest.mark.slow  # installs a package


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, built and installed by pip into a folder of its own, as a third party's user would."""
    target = tmp_path_factory.mktemp("site")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(EXAMPLE)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return target


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = f"{installed}:{ROOT}:{sysconfig.get_paths()['purelib']}"
    return subprocess.run(
        [sys.executable, *arguments],
        env={"PYTHONPATH": path, "PATH": "/usr/bin:/bin"},
        cwd=installed,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_an_installed_plug_in_is_found_by_its_entry_point(installed: Path) -> None:
    program = (
        "import sys; from connectors.registry import known, load\n"
        "print([each.package for each in known() if each.name == 'guestbook'])\n"
        "assert 'klankbord_guestbook' not in sys.modules, 'listing names imported the plug-in'\n"
        "print(load('guestbook').__name__)"
    )
    done = run(installed, "-c", program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["['klankbord-connector-guestbook 0.1.0']", "Guestbook"]


def test_the_example_passes_the_suite_it_gets_for_free(installed: Path) -> None:
    folder = str(EXAMPLE / "tests")
    done = run(
        installed, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", folder, folder
    )
    assert done.returncode == 0, done.stdout[-3000:]
    skipped = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
    allowed = (
        "no item of this platform can be asked about again",
        "nothing that is pushed is taken",
        "this fake plays no threads",
    )
    assert [line for line in skipped if not line.endswith(allowed)] == []
