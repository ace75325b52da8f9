"""An attendee's folder: labs delivered into it, never over an edit; results, hints and backups kept in it.

index.md                          the course, with what is done                       (made anew, nobody's edits)
lab03_mandelbrot_threads/         lab03.py, the exercise, and what lies beside it
.workshop/delivered.json          what we ever put where: path -> SHA-256s            (anything else is an edit)
.workshop/lab03.json              attempts, last report, hints shown, first pass
.workshop/backups/                what `reset` replaced
.workshop/lock                    held while one of these is written
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from foundation import files
from foundation.lock import locked
from foundation.model import Report, Status
from foundation.problem import Problem
from labs.catalogue import Lab

Fate = Literal["same", "new", "removed", "updated", "kept", "edited"]
_DELIVERED = "delivered.json"
_NO_FILE_OF_OURS = "a folder, a link, or a file that cannot be read"


@dataclass(frozen=True)
class Record:
    """What is known of one lab in one folder. passed_at: seconds since the epoch."""

    attempts: int = 0
    hints_shown: int = 0
    last_status: str = ""
    passed_at: float | None = None
    solution_shown: bool = False

    @property
    def is_passed(self) -> bool:
        """Whether a check has ever proved all that this machine can prove."""
        return self.passed_at is not None


_KINDS = {"attempts": int, "hints_shown": int, "last_status": str, "passed_at": int | float, "solution_shown": bool}


@dataclass(frozen=True)
class Delivery:
    """What one delivery did, by path inside the folder."""

    new: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()  # edited by the attendee: left alone although the lab has a newer text


class Workspace:
    """The folder at `home`. Every write is atomic; a record that cannot be read is begun anew, an exercise never is.

    Guarantees: may be used by several processes at once (a notebook, a terminal, `up`): writers wait for each other.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._own = home / ".workshop"

    def folder(self, lab: Lab) -> Path:
        """Where the attendee works on `lab`."""
        return self.home / lab.name

    def exercise(self, lab: Lab) -> Path:
        """The attendee's exercise; Problem if it has not been delivered or was moved away."""
        path = self.folder(lab) / lab.attendee_file
        if not path.is_file():
            raise Problem(
                f"there is no {lab.name}/{lab.attendee_file} in {self.home}",
                expected="the exercise that came with the lab",
                do=f"workshop lab reset {lab.number}",
            )
        return path

    def deliver(self, labs: Iterable[Lab]) -> Delivery:
        """Put the labs' files here: new ones, and newer ones in the place of those that nobody has edited."""
        handed = {name: path.read_bytes() for lab in labs for name, path in _handed_out(lab).items()}
        with self._alone():
            ours = self._ours()
            fates = {
                name: _fate(_digest_at(self.home / name), _digest(content), ours.get(name, []))
                for name, content in handed.items()
            }
            # updates are noted before they are made: whatever stops us, no text of ours is ever taken for an edit
            self._note_ours(ours, {name: handed[name] for name, fate in fates.items() if fate == "updated"})
            for name, fate in fates.items():
                if fate in ("new", "updated"):
                    files.write(self.home / name, handed[name], mode=files.FOR_ALL_TO_READ)
            self._note_ours(ours, {name: handed[name] for name, fate in fates.items() if fate in ("new", "same")})
        by_fate = {fate: tuple(name for name in fates if fates[name] == fate) for fate in ("new", "updated", "kept")}
        return Delivery(**by_fate)

    def reset(self, lab: Lab) -> Path | None:
        """Put the lab back as it was handed out. Returns the folder that keeps what was edited, None if nothing was."""
        handed = {name: path.read_bytes() for name, path in _handed_out(lab).items()}
        with self._alone():
            ours = self._ours()
            found = {name: _digest_at(self.home / name) for name in handed}
            edited = [
                name
                for name, content in handed.items()
                if found[name] not in (None, _digest(content), *ours.get(name, []))
            ]
            backup = self._keep(lab, edited) if edited else None
            for name, content in handed.items():
                files.write(self.home / name, content, mode=files.FOR_ALL_TO_READ)
            self._note_ours(ours, handed)
        return backup

    def _keep(self, lab: Lab, names: Iterable[str]) -> Path:
        """A new folder with what lies at `names`: files copied, so that nothing is gone if the disk is full."""
        stamp = f"lab{lab.number}_{time.strftime('%Y-%m-%d_%H%M%S')}"
        every = (self._own / "backups" / f"{stamp}{suffix}" for suffix in ("", *(f"_{n}" for n in range(1, 1000))))
        backup = next(path for path in every if not path.exists())
        for name in names:
            source, target = self.home / name, backup / Path(name).relative_to(lab.name)
            if _digest_at(source) == _NO_FILE_OF_OURS:
                _move(source, target)
            else:
                files.write(target, source.read_bytes(), mode=files.FOR_ALL_TO_READ)
        return backup

    def record(self, lab: Lab) -> Record:
        """What is known of `lab` here; what is damaged in it counts as unknown."""
        known = self._read(f"lab{lab.number}.json")
        return Record(**{name: known[name] for name, kind in _KINDS.items() if isinstance(known.get(name), kind)})

    def note_report(self, lab: Lab, report: Report) -> Record:
        """Record a check's outcome; the first time that all is proved is kept for ever."""
        with self._alone():
            before = self.record(lab)
            passed_at = before.passed_at or (time.time() if is_proved(report) else None)
            after = replace(before, attempts=before.attempts + 1, last_status=report.status.value, passed_at=passed_at)
            self._save(f"lab{lab.number}.json", {**asdict(after), "report": json.loads(report.to_json())})
        return after

    def note_hint(self, lab: Lab) -> int:
        """Record that the next hint is shown; its number, from 1. After the last it is the last one again."""
        with self._alone():
            before = self.record(lab)
            shown = min(max(before.hints_shown, 0) + 1, len(lab.hints))
            self._change(lab, replace(before, hints_shown=shown))
        return shown

    def note_solution(self, lab: Lab) -> None:
        """Record that the solution is shown."""
        with self._alone():
            self._change(lab, replace(self.record(lab), solution_shown=True))

    def write_page(self, name: str, text: str) -> None:
        """Write a page that is ours, such as index.md."""
        files.write(self.home / name, text, mode=files.FOR_ALL_TO_READ)

    def _change(self, lab: Lab, record: Record) -> None:
        self._save(f"lab{lab.number}.json", {**self._read(f"lab{lab.number}.json"), **asdict(record)})

    def _ours(self) -> dict[str, list[str]]:
        return {name: known for name, known in self._read(_DELIVERED).items() if isinstance(known, list)}

    def _note_ours(self, ours: dict[str, list[str]], contents: dict[str, bytes]) -> None:
        for name, content in contents.items():
            ours[name] = [*(each for each in ours.get(name, []) if each != _digest(content)), _digest(content)]
        self._save(_DELIVERED, ours)

    def _alone(self) -> AbstractContextManager[None]:
        """Wait until no other process writes here."""
        return locked(self._own / "lock")

    def _read(self, name: str) -> dict[str, Any]:
        try:
            data = json.loads((self._own / name).read_text())
        except (OSError, ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}

    def _save(self, name: str, data: dict[str, Any]) -> None:
        files.write(self._own / name, json.dumps(data, indent=1), mode=files.FOR_ALL_TO_READ)


def is_proved(report: Report) -> bool:
    """Whether all is proved that this machine can prove: nothing failed, broke or waits; only figures may be open."""
    waits = any(result.status is Status.BLOCKED for result in report.results)
    return report.status in (Status.PASS, Status.INCONCLUSIVE) and not waits


def here_or_none() -> Workspace | None:
    """The workspace that WORKSHOP_HOME names, if there is one."""
    home = os.environ.get("WORKSHOP_HOME")
    return Workspace(Path(home)) if home and Path(home).is_dir() else None


def here() -> Workspace:
    """The workspace that WORKSHOP_HOME names; Problem if it names none."""
    space = here_or_none()
    if space is None:
        home = os.environ.get("WORKSHOP_HOME")
        raise Problem(
            f"WORKSHOP_HOME names {home}, which is no folder" if home else "WORKSHOP_HOME is not set",
            expected="an attendee's folder",
            do="./workshop up",
        )
    return space


def _handed_out(lab: Lab) -> dict[str, Path]:
    """What an attendee gets of `lab`: path inside the folder -> source."""
    beside = {f"{lab.name}/{path.relative_to(lab.folder / 'files')}": path for path in lab.files()}
    return {f"{lab.name}/{lab.attendee_file}": lab.exercise, **beside}


def _fate(found: str | None, wanted: str, ours: list[str]) -> Fate:
    """What becomes of a file. All are digests: of what is there (None: nothing), of the lab's text, of earlier ones."""
    if found == wanted:
        return "same"
    if found is None:
        return "removed" if ours else "new"  # removed on purpose: `reset` brings it back
    if found in ours:
        return "updated"
    return "edited" if wanted in ours else "kept"


def _move(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
    except OSError as error:
        raise files.not_written(target, error) from None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest_at(path: Path) -> str | None:
    """The digest of the file at `path`; None if nothing is."""
    if not os.path.lexists(path):
        return None
    try:
        return _NO_FILE_OF_OURS if path.is_symlink() else _digest(path.read_bytes())
    except OSError:
        return _NO_FILE_OF_OURS
