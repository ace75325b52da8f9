"""What a class costs is measured on real sessions, and nothing of them is left."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench import hub
from tests.provisioning.rehearsal.local_class import LocalClass, local_class


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory, lab_python: Path) -> Iterator[LocalClass]:
    with local_class(tmp_path_factory.mktemp("class"), lab_python, stock=True) as running:
        yield running


def test_starts_are_counted_and_cleared_away_and_so_are_those_that_fail(stock: LocalClass) -> None:
    access = stock.access(2)
    burst = asyncio.run(
        hub.simultaneous(replace(access, seats={**access.seats, "rehearsal-002": "wrong"}), stock.cpu_s)
    )
    assert len(burst.ready_s) == 1
    assert burst.ready_s[0] > 0
    assert burst.cpu_s > 0
    assert burst.reasons
    assert (stock.homes, stock.sessions) == ([], [])


def test_one_sessions_cost_is_that_of_its_server(stock: LocalClass) -> None:
    cpu_s, memory_mb = hub.cost_of_one(stock)
    assert 0 < cpu_s < 60
    assert 50 < memory_mb < 500
    assert stock.sessions == []
