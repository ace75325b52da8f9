from __future__ import annotations

from pathlib import Path

import pytest

from provisioning.here.build_settings import for_a_build, write_build_settings
from provisioning.here.place import Place


def test_an_index_is_told_to_uv_and_pip_alike() -> None:
    settings = for_a_build({"UV_DEFAULT_INDEX": "https://index.example/simple", "UV_HTTP_TIMEOUT": "90"})
    assert settings["UV_DEFAULT_INDEX"] == settings["PIP_INDEX_URL"] == "https://index.example/simple"
    assert settings["UV_HTTP_TIMEOUT"] == settings["PIP_DEFAULT_TIMEOUT"] == "90"


def test_folders_of_this_machine_mean_nothing_in_a_container() -> None:
    assert for_a_build({"UV_INDEX": "file:///opt/index", "UV_FIND_LINKS": "/opt/wheels", "SSL_CERT_FILE": "/x"}) == {}


def test_of_several_indexes_those_that_a_container_reaches_are_kept() -> None:
    kept = for_a_build({"UV_INDEX": "file:///opt/index https://second.example/simple"})
    assert kept["UV_INDEX"] == kept["PIP_EXTRA_INDEX_URL"] == "https://second.example/simple"
    assert kept["UV_INDEX_STRATEGY"] == "unsafe-best-match"


def test_sources_of_a_mirror_go_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "Python-3.13.15.tar.xz").write_bytes(b"source")
    monkeypatch.setenv("WORKSHOP_MIRROR", str(mirror))
    place = Place(tmp_path / "state", tmp_path / "home")
    place.make()
    folder = write_build_settings(place)
    assert (folder / "Python-3.13.15.tar.xz").read_bytes() == b"source"
    assert "WORKSHOP_MIRROR=/build_settings\n" in (folder / "environment").read_text()
    assert folder.stat().st_mode & 0o077 == 0


def test_what_an_earlier_build_was_told_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKSHOP_MIRROR", raising=False)
    place = Place(tmp_path / "state", tmp_path / "home")
    place.make()
    for name in ("build-settings", "machine"):  # the second is what older versions called it
        (place.state / name).mkdir()
        (place.state / name / "Python-3.13.5.tar.xz").touch()
    write_build_settings(place)
    assert list(place.state.rglob("Python-*")) == []
