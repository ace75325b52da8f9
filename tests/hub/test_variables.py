"""compose.yaml's variables: what they are by default, and one message for each that makes no sense."""

from __future__ import annotations

import re

import pytest

from foundation.problem import ExitCode, Problem
from hub.variables import Variables
from tests.conftest import ROOT

IMAGE = {"LAB_IMAGE": "gilfree/lab:some"}  # compose.yaml always names it


def test_nothing_set_is_a_gpu_workshop_whose_limits_hurt_no_class_of_three_hours() -> None:
    found = Variables.from_environment(IMAGE)
    assert (found.target, found.image, found.gpu_slots) == ("gpu", "gilfree/lab:some", "")
    assert found.idle_s > 3 * 3600
    assert found.longest_s > found.idle_s


def test_the_defaults_here_are_those_of_compose() -> None:
    compose = (ROOT / "compose.yaml").read_text()
    hub = compose[compose.index("\n  hub:") : compose.index("\n  engine:")]
    said = dict(re.findall(r"^      (\w+): \$\{\w+:-([^}]*)\}(?: #.*)?$", hub, re.MULTILINE))
    assert {"LAB_TARGET", "LAB_MEMORY", "LAB_ADDRESSES", "LAB_IDLE_MINUTES", "LAB_MAX_HOURS"} <= said.keys()
    assert Variables.from_environment(IMAGE | said) == Variables.from_environment(IMAGE)


def test_on_the_cpu_there_are_no_slots_unless_they_are_asked_for() -> None:
    assert Variables.from_environment(IMAGE | {"LAB_TARGET": "cpu"}).gpu_slots == "none"
    assert Variables.from_environment(IMAGE | {"LAB_TARGET": "cpu", "GPU_SLOTS": "GPU-1"}).gpu_slots == "GPU-1"


def test_sessions_may_last_for_ever() -> None:
    found = Variables.from_environment(IMAGE | {"LAB_IDLE_MINUTES": "0", "LAB_MAX_HOURS": "0"})
    assert (found.idle_s, found.longest_s) == (0, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LAB_TARGET", "tpu"),
        ("LAB_MEMORY", "lots"),
        ("LAB_MEMORY", "2"),
        ("LAB_MEMORY", "0G"),
        ("GPU_SLOTS", "GPU-1**2"),
        ("GPU_SLOTS", "65"),
        ("LAB_ADDRESSES", "10.213.0.0"),
        ("LAB_ADDRESSES", "10.213.0.1/16"),
        ("LAB_ADDRESSES", "somewhere"),
        ("LAB_IDLE_MINUTES", "-1"),
        ("LAB_IDLE_MINUTES", "1h"),
        ("LAB_MAX_HOURS", "twelve"),
    ],
)
def test_nonsense_is_one_message_that_names_the_variable(name: str, value: str) -> None:
    with pytest.raises(Problem, match=name) as caught:
        Variables.from_environment(IMAGE | {name: value})
    assert value in caught.value.found or value in str(caught.value)
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.expected


def test_without_the_labs_image_the_hub_does_not_start() -> None:
    with pytest.raises(Problem, match="LAB_IMAGE is not set") as caught:
        Variables.from_environment({})
    assert "docker compose up" in caught.value.do


def test_each_variable_of_compose_is_in_the_readme() -> None:
    read = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    readme = (ROOT / "hub" / "README.md").read_text()
    assert [name for name in sorted(read) if f"`{name}`" not in readme] == []
