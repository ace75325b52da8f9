"""Whatever somebody's code says, a terminal shows it as text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.plain_text import plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("naïve ✔ 日本", "naïve ✔ 日本"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("two\r\nlines", "two\nlines"),
        ("\x1b[31;1mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("\x1bcreset", "reset"),
        ("\x1b", "\ufffd"),
        ("over\rwritten\b", "over\ufffdwritten\ufffd"),
        ("nul\0", "nul\ufffd"),
        ("half \ud800", "half \ufffd"),
        ("right \u202eto left", "right \ufffdto left"),
    ],
)
def test_escape_codes_go_and_control_characters_are_seen(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text(st.characters(), max_size=60))
def test_nothing_that_controls_a_terminal_is_left(text: str) -> None:
    shown = plain(text)
    assert {each for each in shown if unicodedata.category(each) in ("Cc", "Cs")} <= {"\n", "\t"}
    shown.encode()
