"""A code logs in once, in time, and cannot be read from the folder."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from hub.login import LIFETIME_S, mint, redeem


def test_a_code_is_accepted_once(tmp_path: Path) -> None:
    code = mint(tmp_path)
    assert redeem(tmp_path, code)
    assert not redeem(tmp_path, code)


def test_a_code_has_at_least_128_bits_and_no_two_are_the_same(tmp_path: Path) -> None:
    codes = {mint(tmp_path) for _ in range(20)}
    assert len(codes) == 20
    assert min(map(len, codes)) * 6 >= 128  # url-safe base64: six bits a character


def test_a_wrong_code_is_refused_and_uses_up_nothing(tmp_path: Path) -> None:
    code = mint(tmp_path)
    for wrong in ("", "x", code[:-1], code + "A", "../" + code):
        assert not redeem(tmp_path, wrong)
    assert redeem(tmp_path, code)


def test_of_many_simultaneous_requests_one_gets_in(tmp_path: Path) -> None:
    code = mint(tmp_path)
    together = Barrier(16)

    def attempt(_: int) -> bool:
        together.wait(timeout=10)
        return redeem(tmp_path, code)

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(attempt, range(16))) == 1


def test_the_folder_tells_no_code_and_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "login"
    code = mint(folder)
    (record,) = folder.iterdir()
    assert code not in record.name
    assert record.read_bytes() == b""
    assert folder.stat().st_mode & 0o777 == 0o700
    assert record.stat().st_mode & 0o777 == 0o600


def test_an_old_code_is_refused_and_forgotten(tmp_path: Path) -> None:
    late, forgotten = mint(tmp_path), mint(tmp_path)
    for record in tmp_path.iterdir():
        minted = record.stat().st_mtime - LIFETIME_S - 1
        os.utime(record, (minted, minted))
    assert not redeem(tmp_path, late)
    fresh = mint(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    assert not redeem(tmp_path, forgotten)
    assert redeem(tmp_path, fresh)


def test_the_command_prints_a_code_that_is_accepted(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hub.login", str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert redeem(tmp_path, done.stdout.strip())
