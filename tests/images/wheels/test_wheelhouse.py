from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from foundation.steps import Step
from images import locks
from images.interpreter import Interpreter
from images.lab.environment import LabEnvironment
from images.versions import versions
from images.wheels.wheelhouse import Wheelhouse, obtain_wheels, python_version_of, tools_environment


def test_a_wheelhouse_pins_its_very_files(tmp_path: Path) -> None:
    (tmp_path / "Some_Thing-1.2-cp313-cp313t-linux_x86_64.whl").write_bytes(b"wheel")
    digest = hashlib.sha256(b"wheel").hexdigest()
    assert Wheelhouse(tmp_path).pins() == {"some-thing": f"some-thing==1.2 \\\n    --hash=sha256:{digest}\n"}


def test_the_python_version_of_an_abi_is_read_from_its_tag() -> None:
    assert python_version_of("cp314t") == "3.14"


def test_compilers_see_the_tools_first_and_nothing_that_steers_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_GIL", "0")
    monkeypatch.setenv("PATH", "/usr/bin")
    environment = tools_environment(Path("/tools"))
    assert environment["PATH"] == "/tools/bin:/usr/bin"
    assert "PYTHON_GIL" not in environment


@pytest.mark.timeout(1800)
def test_the_wheelhouse_has_what_the_index_lacks_in_the_locked_versions(
    interpreter: Interpreter, lab_environment: LabEnvironment, uv: Path, step: Step
) -> None:
    wheels = obtain_wheels(interpreter.python, uv, step).folder
    locked = locks.entries(lab_environment.lock.read_text())
    expected = {f"{name}-{locks.version_of(locked[name])}" for name in (*versions().compiled, *versions().retagged)}
    assert {"-".join(wheel.name.split("-")[:2]) for wheel in wheels.iterdir()} == expected
    assert all("-cp313-cp313t-" in wheel.name for wheel in wheels.iterdir())
