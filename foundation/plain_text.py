"""Text that somebody else has made, as it may be shown: no escape codes, no control characters."""

from __future__ import annotations

import re
import unicodedata

# ECMA-48: control sequences (colours, cursor), strings (titles, links) up to their end, other two-character escapes
_ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)|\x1b[ -/]*[0-~]|\x9b[0-?]*[ -/]*[@-~]")
_TURNS_TEXT_ROUND = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def plain(text: str) -> str:
    """`text` without escape codes; any other control character but newline and tab, and lone surrogates, as `�`."""
    return "".join("\ufffd" if _is_control(each) else each for each in _ESCAPE.sub("", text.replace("\r\n", "\n")))


def _is_control(character: str) -> bool:
    if character in "\n\t":
        return False
    return unicodedata.category(character) in ("Cc", "Cs") or unicodedata.bidirectional(character) in _TURNS_TEXT_ROUND
