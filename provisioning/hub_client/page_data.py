"""What a page of ours says to programs: its attributes data-workshop-..., whatever its sentences are."""

from __future__ import annotations

from html.parser import HTMLParser

PREFIX = "data-workshop-"


def data_of(html: str) -> dict[str, str]:
    """Name -> value of these attributes, without the prefix; empty for a page that is not ours."""
    reader = _Reader()
    reader.feed(html)
    return reader.data


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        named = {name.removeprefix(PREFIX): value for name, value in attrs if name.startswith(PREFIX)}
        self.data |= {name: value or "" for name, value in named.items()}
