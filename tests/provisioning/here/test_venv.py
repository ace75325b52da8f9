""".venv is ready only when what its stamp says is what the locks say; uv is told what pip knows."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.packages import venv_package
from foundation.problem import Problem
from foundation.steps import Steps
from provisioning.here import venv
from provisioning.here.place import Place

LOCKS = {"uv": "uv==1\n", "hub": "a==1\n", "test": "b==1\n"}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A clone with locks and a .venv folder whose Python is this one."""
    locks = tmp_path / "images" / "locks"
    locks.mkdir(parents=True)
    for name, text in LOCKS.items():
        (locks / f"{name}.txt").write_text(text)
    place = Place(tmp_path / "state", tmp_path / "home", clone=tmp_path)
    place.venv_python.parent.mkdir(parents=True)
    place.venv_python.symlink_to(os.path.realpath(sys.executable))
    return place


def stamp(place: Place, lock: str) -> None:
    (place.clone / ".venv" / "installed.json").write_text(json.dumps(venv._wanted(place, lock)))


def test_an_environment_without_stamp_is_not_ready(place: Place) -> None:
    assert not venv.is_ready(place)


def test_a_stamped_one_is_ready_until_a_lock_changes(place: Place) -> None:
    stamp(place, "hub")
    assert venv.is_ready(place)
    assert not venv.is_ready(place, "test")
    (place.clone / "images" / "locks" / "hub.txt").write_text("a==2\n")
    assert not venv.is_ready(place)


def test_what_has_the_test_tools_is_ready_for_the_hub_too(place: Place) -> None:
    stamp(place, "test")
    assert venv.is_ready(place, "test")
    assert venv.is_ready(place, "hub")
    (place.clone / "images" / "locks" / "test.txt").write_text("b==2\n")
    assert not venv.is_ready(place, "hub")


def test_another_or_a_missing_interpreter_makes_it_stale(place: Place, tmp_path: Path) -> None:
    stamp(place, "hub")
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    place.venv_python.unlink()
    place.venv_python.symlink_to(other)
    assert not venv.is_ready(place)
    place.venv_python.unlink()
    assert not venv.is_ready(place)


def test_a_ready_one_is_left_alone(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    stamp(place, "hub")
    venv.ensure(place, "hub", Steps(total=1, log=place.clone / "log"))
    assert "already there" in capsys.readouterr().err


def test_a_python_without_ensurepip_names_the_debian_package(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(Problem) as raised:
        venv.ensure(place, "hub", Steps(total=1, log=place.clone / "log"))
    assert f"install --yes --no-install-recommends {venv_package(sys.version_info[:2])}" in str(raised.value)


def test_what_a_killed_install_left_is_ended_first(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    environment = {**os.environ, venv.MARK: str(place.clone)}
    orphan = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], env=environment)
    with pytest.raises(Problem):
        venv.ensure(place, "hub", Steps(total=1, log=place.clone / "log"))
    assert orphan.wait(10) == -signal.SIGTERM


def test_pips_settings_become_uvs() -> None:
    listed = "\n".join(
        [
            "global.index-url='https://packages.example/simple'",
            "global.extra-index-url='file:///a/simple file:///b/simple'",
            "global.find-links='/wheels'",
            "global.cert='/ca.pem'",
            "global.trusted-host='one two'",
            ":env:.default-timeout='180'",
        ]
    )
    assert venv.settings_for_uv(listed, {}) == {
        "UV_DEFAULT_INDEX": "https://packages.example/simple",
        "UV_INDEX": "file:///a/simple file:///b/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/wheels",
        "UV_INSECURE_HOST": "one two",
        "UV_HTTP_TIMEOUT": "180",
        "SSL_CERT_FILE": "/ca.pem",
    }


def test_the_more_particular_setting_of_pip_has_the_last_word() -> None:
    listed = ":env:.index-url='https://env'\nglobal.index-url='https://global'\ninstall.index-url='https://install'"
    assert venv.settings_for_uv(listed, {})["UV_DEFAULT_INDEX"] == "https://env"


def test_settings_of_uv_itself_are_left_alone() -> None:
    assert venv.settings_for_uv("global.index-url='https://pip'", {"UV_DEFAULT_INDEX": "https://uv"}) == {}


def test_pip_without_settings_changes_nothing() -> None:
    assert venv.settings_for_uv("", {}) == {}
    assert venv.settings_for_uv("global.no-index='false'", {}) == {}
