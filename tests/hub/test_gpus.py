"""GPU slots as GPU_SLOTS asks for them, on the GPUs that engine and CDI name."""

import json
from pathlib import Path

import pytest

from foundation.problem import Problem
from hub.gpus import Gpus, by_uuid, cdi_names
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
    assert by_uuid(cdi_names(UNKNOWING, cdi)) == ["GPU-0000", "GPU-1111"]


def test_where_there_are_only_indices_these_are_the_names(tmp_path: Path) -> None:
    (tmp_path / "nvidia.yaml").write_text('kind: nvidia.com/gpu\ndevices: [{name: "0"}, {name: "1:0"}, {name: all}]\n')
    assert by_uuid(cdi_names(UNKNOWING, [tmp_path])) == ["0", "1:0"]


def test_what_the_engine_has_discovered_comes_first(cdi: list[Path]) -> None:
    said = {
        "DiscoveredDevices": [{"Source": "cdi", "ID": f"nvidia.com/gpu={name}"} for name in ("0", "GPU-2222", "all")]
    }
    assert by_uuid(cdi_names(said, cdi)) == ["GPU-2222"]
    assert by_uuid(cdi_names({"DiscoveredDevices": [{"ID": "vendor.com/net=eth9"}]}, cdi)) == ["GPU-0000", "GPU-1111"]


def test_by_default_each_gpu_is_one_slot(cdi: list[Path]) -> None:
    assert Gpus("", cdi).slots(UNKNOWING) == [Slot("GPU-0000"), Slot("GPU-1111")]


def test_a_number_shares_each_gpu(cdi: list[Path]) -> None:
    assert [slot.label for slot in Gpus("2", cdi).slots(UNKNOWING)] == [
        "GPU-0000/0/2",
        "GPU-0000/1/2",
        "GPU-1111/0/2",
        "GPU-1111/1/2",
    ]


def test_gpus_can_be_named_with_shares_and_memory() -> None:
    slots = Gpus("GPU-1111, MIG-77*2@6000", []).slots(UNKNOWING)
    assert slots == [Slot("GPU-1111"), Slot("MIG-77", 0, 2), Slot("MIG-77", 1, 2)]
    assert [slot.memory_mb for slot in slots] == [None, 6000, 6000]


def test_none_is_none(cdi: list[Path]) -> None:
    assert Gpus("none", cdi).slots(UNKNOWING) == []


def test_without_cdi_there_is_no_slot(tmp_path: Path) -> None:
    assert Gpus("", [tmp_path]).slots(UNKNOWING) == []


@pytest.mark.parametrize("wanted", ["0", "65", "GPU-1111*0", "GPU-1111*", "GPU 1111", ",", "GPU-1111,GPU-1111", "-1"])
def test_nonsense_is_refused_with_what_to_write_instead(cdi: list[Path], wanted: str) -> None:
    with pytest.raises(Problem, match="GPU_SLOTS") as caught:
        Gpus(wanted, cdi).slots(UNKNOWING)
    assert "GPU-1f2e*2@6000" in str(caught.value)


def test_a_specification_that_cannot_be_read_says_how_to_make_it_anew(tmp_path: Path) -> None:
    (tmp_path / "nvidia.yaml").write_text("kind: [")
    with pytest.raises(Problem, match="nvidia-ctk cdi generate"):
        Gpus("", [tmp_path]).slots(UNKNOWING)


def test_a_gpu_that_is_named_counts_only_while_cdi_names_it_too(tmp_path: Path) -> None:
    both, one = (json.dumps({"kind": "nvidia.com/gpu", "devices": [{"name": name} for name in names]}) for names in (
        ("GPU-0000", "GPU-1111"), ("GPU-0000",)
    ))  # fmt: skip
    (tmp_path / "nvidia.json").write_text(both)
    gpus = Gpus("GPU-0000,GPU-1111*2", [tmp_path])
    assert len(gpus.slots(UNKNOWING)) == 3
    (tmp_path / "nvidia.json").write_text(one)
    assert gpus.slots(UNKNOWING) == [Slot("GPU-0000")]
    (tmp_path / "nvidia.json").unlink()
    assert gpus.slots(UNKNOWING) == []
    (tmp_path / "nvidia.json").write_text(both)
    assert len(gpus.slots(UNKNOWING)) == 3


def test_a_gpu_that_is_named_counts_where_the_hub_sees_no_cdi_at_all(tmp_path: Path) -> None:
    assert Gpus("GPU-0000", [tmp_path]).slots(UNKNOWING) == [Slot("GPU-0000")]
