"""GPU slots as GPU_SLOTS asks for them, on the GPUs that engine and CDI name."""

import json
from pathlib import Path

import pytest

from checks.problem import Problem
from hub.gpus import cdi_devices, gpu_slots
from hub.slots import Slot

UNKNOWING: dict[str, object] = {}


@pytest.fixture
def cdi(tmp_path: Path) -> list[Path]:
    """As nvidia-ctk writes it: each GPU by index and by UUID, and all of them."""
    devices = [{"name": name} for name in ("0", "1", "GPU-1111", "GPU-0000", "all")]
    (tmp_path / "nvidia.json").write_text(json.dumps({"kind": "nvidia.com/gpu", "devices": devices}))
    (tmp_path / "other.yaml").write_text("kind: vendor.com/net\ndevices:\n- name: eth9\n")
    return [tmp_path, tmp_path / "absent"]


def test_each_gpu_is_found_once_by_its_uuid(cdi: list[Path]) -> None:
    assert cdi_devices(UNKNOWING, cdi) == ["GPU-0000", "GPU-1111"]


def test_where_there_are_only_indices_these_are_the_names(tmp_path: Path) -> None:
    (tmp_path / "nvidia.yaml").write_text('kind: nvidia.com/gpu\ndevices: [{name: "0"}, {name: "1:0"}, {name: all}]\n')
    assert cdi_devices(UNKNOWING, [tmp_path]) == ["0", "1:0"]


def test_what_the_engine_has_discovered_comes_first(cdi: list[Path]) -> None:
    said = {
        "DiscoveredDevices": [{"Source": "cdi", "ID": f"nvidia.com/gpu={name}"} for name in ("0", "GPU-2222", "all")]
    }
    assert cdi_devices(said, cdi) == ["GPU-2222"]
    assert cdi_devices({"DiscoveredDevices": [{"ID": "vendor.com/net=eth9"}]}, cdi) == ["GPU-0000", "GPU-1111"]


def test_by_default_each_gpu_is_one_slot(cdi: list[Path]) -> None:
    assert gpu_slots("", UNKNOWING, cdi) == [Slot("GPU-0000"), Slot("GPU-1111")]


def test_a_number_shares_each_gpu(cdi: list[Path]) -> None:
    assert [slot.label for slot in gpu_slots("2", UNKNOWING, cdi)] == [
        "GPU-0000/0/2",
        "GPU-0000/1/2",
        "GPU-1111/0/2",
        "GPU-1111/1/2",
    ]


def test_gpus_can_be_named_with_shares_and_memory(cdi: list[Path]) -> None:
    slots = gpu_slots("GPU-1111, MIG-77*2@6000", UNKNOWING, cdi)
    assert slots == [Slot("GPU-1111"), Slot("MIG-77", 0, 2), Slot("MIG-77", 1, 2)]
    assert [slot.memory_mb for slot in slots] == [None, 6000, 6000]


def test_none_is_none(cdi: list[Path]) -> None:
    assert gpu_slots("none", UNKNOWING, cdi) == []


def test_without_cdi_there_is_no_slot(tmp_path: Path) -> None:
    assert gpu_slots("", UNKNOWING, [tmp_path]) == []


@pytest.mark.parametrize("wanted", ["0", "65", "GPU-1111*0", "GPU-1111*", "GPU 1111", ",", "GPU-1111,GPU-1111", "-1"])
def test_nonsense_is_refused_with_what_to_write_instead(cdi: list[Path], wanted: str) -> None:
    with pytest.raises(Problem, match="GPU_SLOTS") as caught:
        gpu_slots(wanted, UNKNOWING, cdi)
    assert "GPU-1f2e*2@6000" in str(caught.value)


def test_a_specification_that_cannot_be_read_says_how_to_make_it_anew(tmp_path: Path) -> None:
    (tmp_path / "nvidia.yaml").write_text("kind: [")
    with pytest.raises(Problem, match="nvidia-ctk cdi generate"):
        gpu_slots("", UNKNOWING, [tmp_path])
