"""An attendee's folder: labs delivered into it, never over an edit; results, hints and backups kept in it.

index.md                          the course, with what is done                       (made anew, nobody's edits)
lab03_mandelbrot_threads/         exercise.py and what lies beside it
.workshop/delivered.json          what we last put where: path -> SHA-256
.workshop/lab03.json              attempts, last report, hints shown, first pass
.workshop/backups/                what `reset` replaced
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from checks.model import Report, Status
from checks.problem import Problem
from labs.catalogue import Lab


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


@dataclass(frozen=True)
class Delivery:
    """What one delivery did, by path inside the folder."""

    new: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()  # edited by the attendee: left alone although the lab has a newer text


class Workspace:
    """The folder at `home`. Every write is atomic; a record that cannot be read is begun anew, an exercise never is."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._own = home / ".workshop"

    def folder(self, lab: Lab) -> Path:
        """Where the attendee works on `lab`."""
        return self.home / lab.name

    def exercise(self, lab: Lab) -> Path:
        """The attendee's exercise; Problem where it has not been delivered or was moved away."""
        path = self.folder(lab) / "exercise.py"
        if not path.is_file():
            raise Problem(
                f"there is no {lab.name}/exercise.py in {self.home}",
                expected="the exercise that came with the lab",
                do=f"workshop lab reset {lab.number}",
            )
        return path

    def deliver(self, labs: Iterable[Lab]) -> Delivery:
        """Put the labs' files here: new ones, and newer ones in the place of those that nobody has edited."""
        before = self._read("delivered.json")
        delivered = dict(before)
        new: list[str] = []
        updated: list[str] = []
        kept: list[str] = []
        for lab in labs:
            for name, source in _handed_out(lab).items():
                target, content = self.home / name, source.read_bytes()
                digest = _digest(content)
                found = _digest(target.read_bytes()) if target.is_file() else None
                if found == digest:
                    delivered[name] = digest
                elif found is None and name in before:
                    continue  # removed on purpose: `reset` brings it back
                elif found is None or found == before.get(name):
                    _write(target, content)
                    delivered[name] = digest
                    (new if found is None else updated).append(name)
                elif digest != before.get(name):
                    kept.append(name)
        self._save("delivered.json", delivered)
        return Delivery(tuple(new), tuple(updated), tuple(kept))

    def reset(self, lab: Lab) -> Path | None:
        """Put the lab back as it was handed out. Returns where an edited exercise is kept, None if unedited."""
        mine = self.folder(lab) / "exercise.py"
        backup = None
        if mine.is_file() and mine.read_bytes() != lab.exercise.read_bytes():
            backup = self._free_backup_name(lab)
            _write(backup, mine.read_bytes())
        delivered = self._read("delivered.json")
        for name, source in _handed_out(lab).items():
            _write(self.home / name, source.read_bytes())
            delivered[name] = _digest(source.read_bytes())
        self._save("delivered.json", delivered)
        return backup

    def _free_backup_name(self, lab: Lab) -> Path:
        stamp = time.strftime("%Y-%m-%d_%H%M%S")
        candidates = (f"lab{lab.number}_{stamp}{suffix}.py" for suffix in ("", *(f"_{n}" for n in range(1, 1000))))
        return next(path for name in candidates if not (path := self._own / "backups" / name).exists())

    def record(self, lab: Lab) -> Record:
        """What is known of `lab` here."""
        known = {
            name: value for name, value in self._read(f"lab{lab.number}.json").items() if name in Record.__annotations__
        }
        return Record(**known)

    def note_report(self, lab: Lab, report: Report) -> Record:
        """Record a check's outcome; the first time that all is proved is kept for ever."""
        before = self.record(lab)
        proved = report.status in (Status.PASS, Status.INCONCLUSIVE)  # only how much faster may be inconclusive
        passed_at = before.passed_at or (time.time() if proved else None)
        after = replace(before, attempts=before.attempts + 1, last_status=report.status.value, passed_at=passed_at)
        self._save(f"lab{lab.number}.json", {**asdict(after), "report": json.loads(report.to_json())})
        return after

    def note(self, lab: Lab, **changes: Any) -> Record:
        """Record other facts, say `hints_shown=2`."""
        after = replace(self.record(lab), **changes)
        self._save(f"lab{lab.number}.json", {**self._read(f"lab{lab.number}.json"), **asdict(after)})
        return after

    def write_page(self, name: str, text: str) -> None:
        """Write a page that is ours, such as index.md."""
        _write(self.home / name, text.encode())

    def _read(self, name: str) -> dict[str, Any]:
        try:
            data = json.loads((self._own / name).read_text())
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def _save(self, name: str, data: dict[str, Any]) -> None:
        _write(self._own / name, json.dumps(data, indent=1).encode())


def here_or_none() -> Workspace | None:
    """The workspace that WORKSHOP_HOME names, if there is one."""
    home = os.environ.get("WORKSHOP_HOME")
    return Workspace(Path(home)) if home and Path(home).is_dir() else None


def here() -> Workspace:
    """The workspace that WORKSHOP_HOME names; Problem where it names none."""
    space = here_or_none()
    if space is None:
        raise Problem(
            f"WORKSHOP_HOME is {os.environ.get('WORKSHOP_HOME')!r}", expected="an attendee's folder", do="./workshop up"
        )
    return space


def _handed_out(lab: Lab) -> dict[str, Path]:
    """What an attendee gets of `lab`: path inside the folder -> source."""
    beside = {f"{lab.name}/{path.relative_to(lab.folder / 'files')}": path for path in lab.files()}
    return {f"{lab.name}/exercise.py": lab.exercise, **beside}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(target: Path, content: bytes) -> None:
    """Write all of `content` or nothing: a full disk or a Ctrl-C leaves what was there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
