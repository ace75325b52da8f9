"""What is filled into a page is text, and nothing may be left out."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from provisioning.hosts.front_page import html_of
from provisioning.hosts.pages import page


def test_what_looks_like_markup_is_shown_as_it_is_written() -> None:
    found = html_of("<b>&", [], {"<i>": 'https://x/"onclick='})
    assert "<h1>&lt;b&gt;&amp;</h1>" in found
    assert '<a href="https://x/&#34;onclick=">&lt;i&gt;</a>' in found
    assert '"\\u003cb\\u003e\\u0026"' in found  # in the script, too


def test_what_a_template_asks_for_and_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="'digits' is undefined"):
        page("front_page.html", known={"workshop": "x"}, urls={})
