"""The hub's pages and events say to programs what the client reads, and no sentence is part of it."""

from __future__ import annotations

import re

from hub import spawn_page
from hub.slots import Availability
from provisioning.hub_client.page_data import data_of
from tests.conftest import ROOT

TEMPLATES = ROOT / "hub" / "templates"


def slots(free: int, *, is_known: bool = True) -> Availability:
    return Availability(total=8, free=free, waiting=(), full_since=None, is_known=is_known)


def test_the_data_of_all_elements_are_gathered_and_those_of_others_are_not() -> None:
    html = '<p data-bs-x="1" data-workshop-page="a"><br data-workshop-reason="&lt;no&gt;"><i data-workshop-bare></i>'
    assert data_of(html) == {"page": "a", "reason": "<no>", "bare": ""}
    assert data_of("<p data-page='a'>Your session starts") == {}


def test_the_form_before_a_start_says_how_many_slots_are_free() -> None:
    assert data_of(spawn_page.form(slots(2))) == {"page": "spawn", "free-slots": "2"}
    assert data_of(spawn_page.form(slots(0, is_known=False))) == {"page": "spawn", "free-slots": "0"}
    assert data_of(spawn_page.form(slots(2), offers_gpus=False)) == {}


def test_an_event_of_a_start_says_whether_one_waits() -> None:
    assert spawn_page.waiting_for_gpu(3, slots(0))["place_in_queue"] == 3
    assert spawn_page.waiting_for_turn(4)["place_in_queue"] == 4
    assert "place_in_queue" not in spawn_page.starting("GPU-1")


def test_each_page_of_ours_has_a_name_of_its_own() -> None:
    named = {file.stem: re.findall(r'data-workshop-page="([a-z-]+)"', file.read_text()) for file in TEMPLATES.iterdir()}
    assert named.pop("spawn") == []  # it shows the form
    assert named.pop("spawn_form") == ["spawn"]
    assert named == {name: [name.replace("_", "-")] for name in named}
