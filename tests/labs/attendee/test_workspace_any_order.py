"""Deliver, edit, publish, delete and reset in any order: no edit is ever lost, and no unedited file grows old."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from labs.attendee.workspace import Delivery, Workspace
from tests.labs.toy_labs import toy_lab

NAME = "lab90_toy/lab90.py"


class AttendeeAndAuthor(RuleBasedStateMachine):
    """An author publishes, an attendee edits and deletes; beside them the model of what must be there."""

    def __init__(self) -> None:
        super().__init__()
        self.scratch = TemporaryDirectory()
        root = Path(self.scratch.name)
        self.space, self.labs = Workspace(root / "home"), root / "labs"
        self.version, self.edits = 1, 0
        self.lab = toy_lab(self.labs)
        self.space.deliver([self.lab])
        self.edit: str | None = None  # what the attendee has in the place of our text
        self.is_deleted = False
        self.put_away: set[str] = set()  # what must be found in the backups

    @property
    def mine(self) -> Path:
        return self.space.home / NAME

    @rule()
    def publish(self) -> None:
        self.version += 1
        self.lab = toy_lab(self.labs, version=self.version)

    @rule()
    def deliver(self) -> None:
        done = self.space.deliver([self.lab])
        assert done.new == ()
        if self.edit:
            assert done in (Delivery(), Delivery(kept=(NAME,)))
        elif not self.is_deleted:
            assert f"version {self.version}\n" in self.mine.read_text()

    @rule()
    def write(self) -> None:
        self.edits += 1
        self.edit, self.is_deleted = f"edit {self.edits}", False
        self.mine.write_text(self.edit)

    @precondition(lambda self: not self.is_deleted)
    @rule()
    def delete(self) -> None:
        self.edit, self.is_deleted = None, True
        self.mine.unlink()

    @rule()
    def reset(self) -> None:
        backup = self.space.reset(self.lab)
        assert (backup is not None) == (self.edit is not None)
        if self.edit:
            self.put_away.add(self.edit)
        self.edit, self.is_deleted = None, False
        assert f"version {self.version}\n" in self.mine.read_text()

    @invariant()
    def edits_are_in_place_or_put_away(self) -> None:
        if self.edit:
            assert self.mine.read_text() == self.edit
        assert self.mine.exists() is not self.is_deleted
        kept = (self.space.home / ".workshop" / "backups").rglob("lab90.py")
        assert sorted(path.read_text() for path in kept) == sorted(self.put_away)

    def teardown(self) -> None:
        self.scratch.cleanup()


TestAttendeeAndAuthor = AttendeeAndAuthor.TestCase
TestAttendeeAndAuthor.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
