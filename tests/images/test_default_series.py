"""The labs' Python if none is named: what cannot read versions.toml says the same as it."""

from __future__ import annotations

import re
import subprocess

import yaml

from images.versions import versions
from tests.conftest import ROOT

PREFLIGHT = ROOT / "provisioning/ansible/roles/preflight"
IN_A_NAME = re.compile(r"lab:3\.\d+t")


def test_compose_says_the_same() -> None:
    said = re.findall(r"\$\{LAB_PYTHON[^}]*\}", (ROOT / "compose.yaml").read_text())
    assert set(said) == {f"${{LAB_PYTHON:-{versions().lab_python}}}"}


def test_the_hosts_roles_say_the_same_and_know_every_series() -> None:
    default = yaml.safe_load((PREFLIGHT / "defaults/main.yml").read_text())["workshop_lab_python"]
    options = yaml.safe_load((PREFLIGHT / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    option = options["workshop_lab_python"]
    assert default == option["default"] == versions().lab_python
    assert tuple(option["choices"]) == versions().series


def test_the_documents_say_the_same() -> None:
    assert f"| `LAB_PYTHON` | `{versions().lab_python}` |" in (ROOT / "hub/README.md").read_text()
    assert f"| `workshop_lab_python` | `{versions().lab_python}` |" in (PREFLIGHT / "README.md").read_text()


def test_nothing_that_runs_has_a_series_in_an_images_name() -> None:
    """Whoever changes the default changes what these tests read, and nothing else."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    running = [name for name in files if not name.startswith("tests/") and not name.endswith(".md")]
    assert [name for name in running if IN_A_NAME.search((ROOT / name).read_text(errors="ignore"))] == []
