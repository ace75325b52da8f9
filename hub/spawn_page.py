"""What the page before a start says: GPU or CPU, how many slots are free, and since when there are none."""

from __future__ import annotations

import time
from html import escape
from typing import Any

from hub.slots import Availability

GPU, CPU = "gpu", "cpu"


def form(slots: Availability) -> str:
    """The form's inner HTML; empty where there is no GPU to choose."""
    if not slots.total:
        return ""
    return f"""
<p id="gpu-slots">{escape(how_many(slots))}</p>
<div class="form-check">
  <input class="form-check-input" type="radio" name="where" id="where-gpu" value="{GPU}" checked>
  <label class="form-check-label" for="where-gpu">{escape(gpu_choice(slots))}</label>
</div>
<div class="form-check mb-3">
  <input class="form-check-input" type="radio" name="where" id="where-cpu" value="{CPU}">
  <label class="form-check-label" for="where-cpu">Without a GPU: the same labs, GPU code on a simulator, at once</label>
</div>
"""


def chosen(fields: dict[str, list[str]]) -> dict[str, Any]:
    """The start's options from the form's fields."""
    return {"where": fields.get("where", [GPU])[0]}


def choose(spawner: Any, options: dict[str, Any]) -> None:
    """Take over the options of a start, wherever they came from."""
    spawner.where = CPU if options.get("where") == CPU else GPU


def how_many(slots: Availability) -> str:
    """ "2 of 8 GPU slots are free." """
    if not slots.is_known:
        return "How many GPU slots are free is not known: the Docker engine does not answer."
    if slots.free:
        return f"{slots.free} of {slots.total} GPU slots are free."
    return f"All {slots.total} GPU slots are taken{_since(slots)}."


def gpu_choice(slots: Availability) -> str:
    """The words beside the choice of a GPU."""
    if slots.free and not slots.waiting:
        return "On a GPU, at once"
    return f"On a GPU: you will be number {len(slots.waiting) + 1} in the queue"


def waiting_for_gpu(position: int, slots: Availability) -> str:
    """What somebody reads who waits for a slot."""
    return f"{how_many(slots)} You are number {position} in the queue; your session starts when one leaves."


def _since(slots: Availability) -> str:
    if slots.full_since is None:
        return ""
    minutes = int((time.time() - slots.full_since) / 60)
    return f" since {time.strftime('%H:%M', time.gmtime(slots.full_since))} UTC ({minutes} min)"
