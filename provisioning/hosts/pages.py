"""HTML pages from the templates in the folder `templates`: what is filled in is text there, never markup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def page(template: str, **data: Any) -> str:
    """The page that `template` makes of `data`."""
    return TEMPLATES.get_template(template).render(data)
