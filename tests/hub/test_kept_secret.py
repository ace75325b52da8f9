"""A secret is made once, private, and the same for everybody who asks."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from hub.kept_secret import ALPHABET, code, kept_secret


def test_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "secret"
    first = kept_secret(file)
    assert len(first) == 64
    assert kept_secret(file) == first
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret"]


def test_of_many_who_make_it_at_once_all_get_the_same(tmp_path: Path) -> None:
    together = Barrier(8)

    def ask(_: int) -> str:
        together.wait(timeout=10)
        return kept_secret(tmp_path / "secret")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1


def test_codes_are_easy_to_type_and_all_different() -> None:
    codes = {code() for _ in range(100)}
    assert len(codes) == 100
    assert {len(each) for each in codes} == {14}
    assert set("".join(codes)) <= {*ALPHABET, "-"}
    assert not set("0o1il") & set(ALPHABET)
