"""What the page before a start says: GPU or CPU, how many slots are free, and since when there are none."""

from __future__ import annotations

import time
from html import escape
from typing import Any

from hub.slots import Availability

GPU, CPU = "gpu", "cpu"


def form(slots: Availability, *, offers_gpus: bool = True) -> str:
    """The form's inner HTML; empty where the workshop offers no GPU, so that there is nothing to choose."""
    if not offers_gpus:
        return ""
    is_gpu = bool(slots.total) or not slots.is_known
    return f"""
<p id="gpu-slots" class="lead">{escape(how_many(slots))}</p>
{"".join(f'<p class="text-warning-emphasis">{escape(line)}</p>' for line in gone(slots))}
{_choice(GPU, gpu_choice(slots), "labs and checks on the hardware", is_chosen=True) if is_gpu else ""}
{_choice(CPU, "Without a GPU, at once", "the same labs; GPU code runs on a simulator", is_chosen=not is_gpu)}
"""


def _choice(where: str, label: str, note: str, *, is_chosen: bool) -> str:
    return f"""
<div class="form-check fs-5 mb-2">
  <input class="form-check-input" type="radio" name="where" id="where-{where}" value="{where}"{" checked" * is_chosen}>
  <label class="form-check-label" for="where-{where}">{escape(label)}
    <small class="d-block fs-6 text-body-secondary">{escape(note)}</small></label>
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
    if not slots.total:
        return "No GPU is there: CDI names none that this workshop may use."
    if slots.free:
        return f"{slots.free} of {slots.total} GPU slots are free."
    return f"All {slots.total} GPU slots are taken{_since(slots)}."


def gpu_choice(slots: Availability) -> str:
    """The words beside the choice of a GPU."""
    if slots.free and not slots.waiting:
        return "On a GPU, at once"
    return f"On a GPU: you will be number {len(slots.waiting) + 1} in the queue"


def gone(slots: Availability) -> list[str]:
    """Whose GPU has gone, a sentence for each."""
    return [
        f"The GPU {device} has gone, and the session of {owner} is on it: stop it and start it anew."
        for owner, device in slots.stranded
    ]


def waiting_for_gpu(position: int, slots: Availability) -> str:
    """What somebody reads who waits for a slot."""
    return f"{how_many(slots)} You are number {position} in the queue; your session starts when one leaves."


def _since(slots: Availability) -> str:
    if slots.full_since is None:
        return ""
    minutes = int((time.time() - slots.full_since) / 60)
    return f" since {time.strftime('%H:%M', time.gmtime(slots.full_since))} UTC ({minutes} min)"
