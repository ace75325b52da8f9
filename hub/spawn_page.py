"""What the pages of a start say: GPU or CPU, how many slots are free, since when there are none, the place in a queue.

The attributes data-workshop-... are for programs (provisioning/hub_client), the sentences for people.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.slots import Availability

GPU, CPU = "gpu", "cpu"
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
FORM = TEMPLATES.get_template("spawn_form.html")


class Choice(NamedTuple):
    """One way to start, as the form shows it."""

    where: str
    label: str
    note: str


def form(slots: Availability, *, offers_gpus: bool = True) -> str:
    """The form's inner HTML; empty if the workshop offers no GPU, so that there is nothing to choose."""
    if not offers_gpus:
        return ""
    choices = [Choice(CPU, "Without a GPU, at once", "the same labs; GPU code runs on a simulator")]
    if slots.total or not slots.is_known:
        choices.insert(0, Choice(GPU, gpu_choice(slots), "labs and checks on the hardware"))
    return FORM.render(slots=slots, how_many=how_many(slots), gone=gone(slots), choices=choices)


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


def waiting_for_gpu(place: int, slots: Availability) -> dict[str, Any]:
    """What the page says while its reader waits for a slot, as an event of JupyterHub's progress.

    Programs read `place_in_queue`, people the message.
    """
    words = f"{how_many(slots)} You are number {place} in the queue; your session starts when one leaves."
    return {"progress": 10, "message": words, "place_in_queue": place}


def waiting_for_turn(place: int) -> dict[str, Any]:
    """The same while others start first."""
    words = f"Many start at once: you are number {place} in the queue."
    return {"progress": 30, "message": words, "place_in_queue": place}


def starting(device: str) -> dict[str, Any]:
    """The same when the wait is over; `device` is the GPU, "" if there is none."""
    return {"progress": 60, "message": f"Your session starts on {device}." if device else "Your session starts."}


def _since(slots: Availability) -> str:
    if slots.full_since is None:
        return ""
    minutes = int((time.time() - slots.full_since) / 60)
    return f" since {time.strftime('%H:%M', time.gmtime(slots.full_since))} UTC ({minutes} min)"
