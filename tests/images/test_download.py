from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from images.download import NotHere, ask, download
from tests.https import untrusted_https
from tests.images.web import Web

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def quiet(_: str) -> None:
    """Say nothing."""


@pytest.fixture
def served(web: Web) -> Web:
    web.files["/file"] = CONTENT
    return web


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.fixture
def part(target: Path) -> Path:
    return target.with_name("file.part")


def test_a_file_with_the_right_hash_is_kept(served: Web, target: Path, part: Path) -> None:
    said: list[str] = []
    download(f"{served.base}/file", target, SHA256, said.append)
    assert target.read_bytes() == CONTENT
    assert not part.exists()
    assert said == ["downloading 1.0 MB"]


def test_a_file_with_a_wrong_hash_is_removed_and_told(served: Web, target: Path, part: Path) -> None:
    with pytest.raises(NotHere, match=r"wrong SHA-256 .* expected 000000.*: removed"):
        download(f"{served.base}/file", target, "0" * 64, quiet)
    assert not target.exists()
    assert not part.exists()


def test_a_download_that_breaks_off_is_resumed_where_it_was(served: Web, target: Path) -> None:
    served.cut["/file"] = [1000, 5000]
    download(f"{served.base}/file", target, SHA256, quiet)
    assert target.read_bytes() == CONTENT
    assert served.asked == ["GET /file", "GET /file bytes=1000-", "GET /file bytes=6000-"]


def test_a_server_that_cannot_resume_gives_the_whole_file_again(served: Web, target: Path) -> None:
    served.cut["/file"] = [1000]
    served.resumes = False
    download(f"{served.base}/file", target, SHA256, quiet)
    assert target.read_bytes() == CONTENT


def test_what_an_earlier_run_left_is_resumed(served: Web, target: Path, part: Path) -> None:
    part.write_bytes(CONTENT[:7000])
    download(f"{served.base}/file", target, SHA256, quiet)
    assert target.read_bytes() == CONTENT
    assert served.asked == ["GET /file bytes=7000-"]


def test_a_whole_part_of_an_earlier_run_is_taken(served: Web, target: Path, part: Path) -> None:
    part.write_bytes(CONTENT)
    download(f"{served.base}/file", target, SHA256, quiet)
    assert target.read_bytes() == CONTENT


def test_a_damaged_part_of_an_earlier_run_is_fetched_anew(served: Web, target: Path, part: Path) -> None:
    part.write_bytes(b"x" * 7000)
    download(f"{served.base}/file", target, SHA256, quiet)
    assert target.read_bytes() == CONTENT


def test_a_part_longer_than_the_file_is_fetched_anew(served: Web, target: Path, part: Path) -> None:
    part.write_bytes(CONTENT + b"x")
    download(f"{served.base}/file", target, SHA256, quiet)
    assert target.read_bytes() == CONTENT


def test_a_download_that_always_breaks_off_is_given_up_and_its_part_kept(served: Web, target: Path, part: Path) -> None:
    served.cut["/file"] = [1000] * 9
    with pytest.raises(NotHere, match="broke off 4 times"):
        download(f"{served.base}/file", target, SHA256, quiet)
    assert part.read_bytes() == CONTENT[:4000]


def test_a_missing_file_is_told_with_the_servers_answer(web: Web, target: Path) -> None:
    with pytest.raises(NotHere, match="HTTP 404"):
        download(f"{web.base}/nothing", target, SHA256, quiet)


def test_a_refused_connection_is_told_with_its_reason(target: Path) -> None:
    with pytest.raises(NotHere, match="refused"):
        download("http://127.0.0.1:1/file", target, SHA256, quiet)


def test_a_folder_serves_as_well(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(CONTENT)
    download((tmp_path / "there").as_uri(), tmp_path / "here", SHA256, quiet)
    assert (tmp_path / "here").read_bytes() == CONTENT


def test_all_addresses_are_asked_at_once_and_a_silent_one_costs_the_limit(web: Web, tmp_path: Path) -> None:
    web.silent = threading.Event()
    silent, refused, folder, none = ask(
        [f"{web.base}/", "http://127.0.0.1:1/", f"{tmp_path.as_uri()}/", f"{tmp_path.as_uri()}/none/"], limit_s=0.3
    )
    assert not silent.came
    assert (refused.came, "refused" in refused.reason) == (False, True)
    assert (folder.came, folder.reason) == (True, "")
    assert (none.came, none.reason) == (False, "No such file or directory")


def test_a_server_that_refuses_to_list_has_answered_all_the_same(web: Web) -> None:
    (answer,) = ask([f"{web.base}/"], limit_s=5)
    assert (answer.came, answer.reason) == (True, "HTTP 404")


def test_a_certificate_that_nobody_trusts_is_the_reason(tmp_path: Path) -> None:
    with untrusted_https(tmp_path) as base:
        (answer,) = ask([f"{base}/"], 5.0)
    assert not answer.came
    assert answer.reason.startswith("its certificate cannot be verified: ")
