from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from foundation.lock import locked
from foundation.problem import Problem
from images.cpython.source import Source, debian_source, mirror_source, obtain_source, sources
from images.versions import Row
from tests.images.web import Web

NEW = b"the newer release"
OLD = b"the older release"
ROWS = tuple(
    Row(version, hashlib.sha256(content).hexdigest()) for version, content in (("3.13.18", NEW), ("3.13.5", OLD))
)


class Told:
    """What was said and what was left on the screen."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.told: list[str] = []


@pytest.fixture
def told() -> Told:
    return Told()


def test_the_first_row_is_taken_from_the_first_source_that_has_it(web: Web, tmp_path: Path, told: Told) -> None:
    web.files = {
        "/one/Python-3.13.5.tar.xz": OLD,
        "/deb/pool/main/p/python3.13/python3.13_3.13.18.orig.tar.xz": NEW,
    }
    places = [mirror_source(f"{web.base}/one"), debian_source(f"{web.base}/deb")]
    got = obtain_source(ROWS, places, tmp_path / "downloads", told.said.append, told.told.append)
    assert got.row.version == "3.13.18"
    assert got.file.read_bytes() == NEW
    assert got.origin == f"source archive of apt's {web.base}/deb"
    assert told.told == [f"skipped: WORKSHOP_MIRROR ({web.base}/one): 3.13.18: HTTP 404"]


def test_the_next_row_is_taken_where_no_source_has_the_first(web: Web, tmp_path: Path, told: Told) -> None:
    web.files = {"/Python-3.13.5.tar.xz": OLD}
    places = [mirror_source(web.base)]
    assert obtain_source(ROWS, places, tmp_path, told.said.append, told.told.append).row.version == "3.13.5"


def test_a_wrong_file_is_told_and_removed_and_the_next_source_tried(web: Web, tmp_path: Path, told: Told) -> None:
    web.files = {"/bad/Python-3.13.18.tar.xz": b"tampered", "/good/Python-3.13.18.tar.xz": NEW}
    places = [mirror_source(f"{web.base}/bad"), mirror_source(f"{web.base}/good")]
    got = obtain_source(ROWS, places, tmp_path, told.said.append, told.told.append)
    assert got.file.read_bytes() == NEW
    assert "3.13.18: wrong SHA-256" in told.told[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Python-3.13.18.tar.xz", "Python-3.13.18.tar.xz.lock"]


def test_a_silent_source_is_asked_once_and_not_for_every_row(web: Web, tmp_path: Path, told: Told) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "Python-3.13.5.tar.xz").write_bytes(OLD)
    web.silent = threading.Event()
    places = [mirror_source(web.base), mirror_source(str(tmp_path / "mirror"))]
    got = obtain_source(ROWS, places, tmp_path, told.said.append, told.told.append, limit_s=0.3)
    assert got.row.version == "3.13.5"
    assert web.asked == ["HEAD /"]
    assert told.told[0].startswith(f"skipped: WORKSHOP_MIRROR ({web.base}): ")


def test_a_release_that_was_downloaded_before_needs_no_network(tmp_path: Path, told: Told) -> None:
    places: list[Source] = []
    (tmp_path / "Python-3.13.5.tar.xz").write_bytes(OLD)
    got = obtain_source(ROWS, places, tmp_path, told.said.append, told.told.append)
    assert (got.row.version, got.origin, told.said) == ("3.13.5", "downloaded before", [])


def test_two_at_once_download_once(web: Web, tmp_path: Path, told: Told) -> None:
    web.files = {"/Python-3.13.5.tar.xz": OLD}
    places = [mirror_source(web.base)]
    waits = threading.Event()

    def say(text: str) -> None:
        if "waiting" in text:
            waits.set()

    got: list[str] = []
    with locked(tmp_path / "Python-3.13.5.tar.xz.lock"):
        thread = threading.Thread(
            target=lambda: got.append(obtain_source(ROWS[1:], places, tmp_path, say, told.told.append).origin)
        )
        thread.start()
        assert waits.wait(10)
        (tmp_path / "Python-3.13.5.tar.xz").write_bytes(OLD)
    thread.join()
    assert got
    assert web.asked == ["HEAD /"]


def test_where_nothing_has_it_all_that_was_tried_is_told_and_what_to_do(web: Web, tmp_path: Path, told: Told) -> None:
    places = [Source("python.org", "http://127.0.0.1:1", lambda _: ""), mirror_source(web.base)]
    with pytest.raises(Problem) as caught:
        obtain_source(ROWS, places, tmp_path, told.said.append, told.told.append)
    message = str(caught.value)
    assert "python.org: Connection refused" in message
    assert f"WORKSHOP_MIRROR ({web.base}): 3.13.18: HTTP 404" in message
    assert f"WORKSHOP_MIRROR ({web.base}): 3.13.5: HTTP 404" in message
    assert "put Python-3.13.18.tar.xz or Python-3.13.5.tar.xz into a folder and set WORKSHOP_MIRROR to it" in message
    assert "WORKSHOP_PYTHON" in message


def test_the_sources_are_upstream_then_the_mirror_then_what_apt_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    archives = ["http://deb.example/debian"]
    monkeypatch.setenv("WORKSHOP_MIRROR", "/some/folder")
    assert [place.url(ROWS[0]).rpartition("/")[0] for place in sources(archives)] == [
        "https://www.python.org/ftp/python/3.13.18",
        "file:///some/folder",
        "http://deb.example/debian/pool/main/p/python3.13",
    ]
    monkeypatch.delenv("WORKSHOP_MIRROR")
    names = [place.name for place in sources(archives)]
    assert names == ["python.org", "source archive of apt's http://deb.example/debian"]
