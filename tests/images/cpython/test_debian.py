from __future__ import annotations

from pathlib import Path

import pytest

from images.cpython.debian import archives

ONE_LINE = """
# deb http://commented.example/debian trixie main
deb http://first.example/debian/ trixie main contrib
deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] https://second.example/debian trixie-updates main
deb-src http://first.example/debian trixie main
deb cdrom:[Debian 13]/ trixie main
nonsense
"""

DEB822 = """\
# The distribution
Types: deb deb-src
URIs: http://first.example/debian
  http://third.example/debian/
Suites: trixie
Components: main

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: trixie
Components: main

types: deb
# a comment within
uris: mirror+file:{mirrors}
suites: trixie
components: main
"""


@pytest.fixture
def etc_apt(tmp_path: Path) -> Path:
    (tmp_path / "sources.list.d").mkdir()
    return tmp_path


def test_the_one_line_form_is_read_with_options_and_without_comments(etc_apt: Path) -> None:
    (etc_apt / "sources.list").write_text(ONE_LINE)
    assert archives(etc_apt) == ["http://first.example/debian", "https://second.example/debian"]


def test_the_deb822_form_is_read_with_continued_lines_mirror_lists_and_switched_off_stanzas(etc_apt: Path) -> None:
    mirrors = etc_apt / "mirrors"
    mirrors.write_text("http://fourth.example/debian\tpriority:1\n# no address\n")
    (etc_apt / "sources.list.d" / "debian.sources").write_text(DEB822.format(mirrors=mirrors))
    assert archives(etc_apt) == [
        "http://first.example/debian",
        "http://third.example/debian",
        "http://fourth.example/debian",
    ]


def test_both_forms_together_name_each_archive_once(etc_apt: Path) -> None:
    (etc_apt / "sources.list").write_text(ONE_LINE)
    (etc_apt / "sources.list.d" / "debian.sources").write_text(DEB822.format(mirrors="/nowhere"))
    (etc_apt / "sources.list.d" / "more.list").write_text("deb http://fifth.example/x trixie main\n")
    (etc_apt / "sources.list.d" / "old.list.save").write_text("deb http://saved.example/x trixie main\n")
    assert archives(etc_apt) == [
        "http://first.example/debian",
        "https://second.example/debian",
        "http://third.example/debian",
        "http://fifth.example/x",
    ]


def test_a_machine_without_apt_has_none(tmp_path: Path) -> None:
    assert archives(tmp_path / "nothing") == []
