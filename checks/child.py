"""The process in which checks run: `python -m checks.child FD FOLDER`, the plan in FOLDER, a JSON line an event on FD.

It is expendable. Whatever an attendee's code does to it (loops, sys.exit, a crash), the supervisor has the last word.
"""

from __future__ import annotations

import ctypes
import faulthandler
import importlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from checks import gil
from checks.exercise import GIL, Exercise
from checks.oracles import answers
from checks.suite import Check, Failed, Found, Inconclusive, NotPassed, Skipped, select
from foundation import cores
from foundation.model import Result, Status
from foundation.problem import Problem

Emit = Callable[[str, Any], None]
SHOWN = 400
TRACE_KEPT = 4000
_PR_SET_PDEATHSIG = 1
_STATUS: dict[type[NotPassed], Status] = {
    Failed: Status.FAIL,
    Skipped: Status.SKIPPED,
    Inconclusive: Status.INCONCLUSIVE,
}


def main(arguments: Sequence[str]) -> None:
    """Run FOLDER/plan.json, then wait to be ended: as long as a parent is there, what it has started is found."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # no check outlives its supervisor
    folder = Path(arguments[1])
    plan = json.loads((folder / "plan.json").read_text())
    (folder / "plan.json").unlink()  # its key is nobody else's
    if os.getppid() != plan["supervisor"]:  # it ended before that took effect
        os._exit(1)
    dump = (folder / "stacks.txt").open("w")
    faulthandler.register(signal.SIGUSR1, file=dump, all_threads=True)
    try:
        run_plan(plan, _emitter(int(arguments[0]), plan.pop("key")))
    except BaseException:  # noqa: BLE001 - the supervisor quotes its last line
        with suppress(Exception):
            traceback.print_exc(file=sys.__stderr__)
        os._exit(1)  # not sys.exit: a thread left behind would hold the process open
    while True:
        signal.pause()


def _emitter(fd: int, key: str) -> Emit:
    """What writes an event to the pipe `fd`; it ends the process if an attendee's code has closed that.

    key: what tells our events from what the attendee's code may write there.
    """
    pipe = os.fstat(fd)

    def emit(event: str, data: Any) -> None:
        line = json.dumps({"event": event, "data": data, "key": key}, ensure_ascii=False)
        whole = f"\n{line}\n".encode(errors="replace")  # begun by a newline: the attendee's code may have written here
        try:
            if not os.path.samestat(os.fstat(fd), pipe):
                os._exit(os.EX_IOERR)
            while whole:
                whole = whole[os.write(fd, whole) :]
        except OSError:
            os._exit(os.EX_IOERR)

    return emit


def run_plan(plan: dict[str, Any], emit: Emit) -> None:
    """Load the suite that `plan` names and run what it wants, telling `emit` of each start and each result."""
    module, _, function = plan["suite"].partition(":")
    checks, subject = getattr(importlib.import_module(module), function)(*plan["arguments"])
    chosen = select(checks, plan["wanted"])
    titles = [[each.code, each.title, each.limit_s, each.remedy] for each in chosen]
    emit("suite", {"checks": titles, "facts": facts()})
    statuses = {code: Status(status) for code, status in plan["done"].items()}
    for each in chosen:
        if each.code in statuses:
            continue
        emit("started", each.code)
        result = blocked(each, statuses) or run_check(each, subject)
        if isinstance(subject, Exercise):
            result = _untouched(subject, each) or result
            if revised := _gil_again(subject, chosen, statuses):
                emit("revised", asdict(revised))
                statuses[GIL] = revised.status
                result = blocked(each, statuses) or result
        statuses[each.code] = result.status
        emit("finished", asdict(result))


def _untouched(exercise: Exercise, each: Check) -> Result | None:
    """FAIL of the check `each`, if the attendee's code has replaced something that the checks are made of."""
    if not (name := exercise.replaced()):
        return None
    do = "take that line out: a check that does not run as it was written proves nothing"
    return _word_outcome(each, Failed(f"the code has replaced {name}", expected=f"{name} as it was", do=do))


def _gil_again(exercise: Exercise, chosen: Sequence[Check], statuses: dict[str, Status]) -> Result | None:
    """FAIL of the check `gil`, if it has passed and the GIL is on now; None otherwise."""
    if statuses.get(GIL) is not Status.PASS or not (found := exercise.turned_on_by()):
        return None
    (check,) = (each for each in chosen if each.code == GIL)
    return _word_outcome(check, Failed(f"{found}, after the file was loaded", expected=gil.EXPECTED))


def facts() -> dict[str, Any]:
    """What the report says about where it was made."""
    return {
        "python": sys.version.split()[0] + ("t" if gil.is_free_threaded_build() else ""),
        "gil": "on" if gil.is_enabled() else "off",
        "cores": cores.usable(),
        "load": round(os.getloadavg()[0], 2),
    }


def blocked(each: Check, statuses: dict[str, Status]) -> Result | None:
    """The result of a check whose requirement did not pass: BLOCKED, or SKIPPED like it; None if it can run."""
    for code in each.requires:
        status = statuses.get(code)
        if status is Status.SKIPPED:
            return Result(code=each.code, title=each.title, status=status, found=f"like `{code}`")
        if status is not Status.PASS:
            return Result(code=each.code, title=each.title, status=Status.BLOCKED, found=f"waits for `{code}`")
    return None


def run_check(each: Check, subject: object) -> Result:
    """Run one check and word its outcome. Never raises: an attendee's exception is a FAIL, the check's own an ERROR."""
    began = time.perf_counter()
    try:
        result = _run(each, subject)
        json.dumps(asdict(result))  # figures that cannot travel are the check's own fault
    except BaseException as error:  # noqa: BLE001 - SystemExit in an attendee's code included
        result = _word_exception(each, subject, error)
    return replace(result, duration_s=round(time.perf_counter() - began, 4))


def _run(each: Check, subject: object) -> Result:
    try:
        found = each.run(subject)
    except NotPassed as outcome:
        return _word_outcome(each, outcome)
    seen = found if isinstance(found, Found) else Found(found)
    if not isinstance(seen.text, str):
        raise TypeError(f"the check returned {answers.short(seen.text)}, expected what it found, in words")
    return Result(code=each.code, title=each.title, status=Status.PASS, found=seen.text, details=seen.details)


def _word_outcome(each: Check, outcome: NotPassed) -> Result:
    return Result(
        code=each.code,
        title=each.title,
        status=_STATUS[type(outcome)],
        found=outcome.found,
        expected=outcome.expected,
        do=outcome.do or (each.remedy if isinstance(outcome, Failed) else ""),
        details=outcome.details,
    )


def _word_exception(each: Check, subject: object, error: BaseException) -> Result:
    """FAIL if the exception came through the attendee's file. ERROR if the check broke, or this machine is in its way.

    Only the latter, a Problem, says what to do.
    """
    what = _name(error)
    if isinstance(subject, Exercise) and (place := subject.place(error.__traceback__)):
        found = f"{what} ({place})"
        return Result(code=each.code, title=each.title, status=Status.FAIL, found=found, do=each.remedy)
    if isinstance(error, Problem):
        return Result(
            code=each.code,
            title=each.title,
            status=Status.ERROR,
            found=error.found,
            expected=error.expected,
            do=error.do,
        )
    return Result(
        code=each.code,
        title=each.title,
        status=Status.ERROR,
        found=what,
        expected="a check that returns a result",
        details={"trace": "".join(traceback.format_exception(error, limit=-3))[-TRACE_KEPT:]},
    )


def _name(error: BaseException) -> str:
    """The exception on one line, of any length and with any message that an attendee's code may give it."""
    try:
        if isinstance(error, SystemExit):
            return f"the code called sys.exit({'' if error.code is None else error.code})"
        text = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(": ")
    except Exception:  # noqa: BLE001 - its __str__ is the attendee's
        return type(error).__name__
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


if __name__ == "__main__":
    main(sys.argv[1:])
