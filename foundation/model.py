"""The words in which every part of the workshop says how something went: Status, Result, Report.

Between processes only this travels, as JSON with a schema version that is checked on arrival.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from foundation.problem import ExitCode

SCHEMA = 2  # 1, of images that still run, says `machine` for `facts`


class Status(StrEnum):
    """How one check ended. Anything that is not PASS has a reason in words."""

    PASS = "pass"
    FAIL = "fail"
    SKIPPED = "skipped"  # does not apply to this machine: the reason is in `found`
    BLOCKED = "blocked"  # a check that it requires did not pass
    ERROR = "error"  # the check itself broke: nobody's answer is judged by it
    INCONCLUSIVE = "inconclusive"  # this machine is too small or too busy to say


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One check's outcome. `details` holds figures for a picture; a reader must be able to do without them."""

    code: str
    title: str
    status: Status
    found: str = ""
    expected: str = ""
    do: str = ""
    duration_s: float = 0.0
    details: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Result:
        """The result that `dataclasses.asdict` was made of; ValueError, KeyError or TypeError where it is none."""
        result = cls(**{**data, "status": Status(data["status"])})
        texts = (result.code, result.title, result.found, result.expected, result.do)
        if not all(isinstance(text, str) for text in texts) or not isinstance(result.details, dict):
            raise ValueError(f"found {data!r}, expected texts and details")
        return replace(result, duration_s=float(result.duration_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was checked (`subject`), and one result per check, in the order they ran.

    `facts` say what else was seen: the interpreter, its GIL, the cores, the device, what the code printed.
    """

    subject: str
    results: tuple[Result, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """The worst that happened; a report of nothing is an ERROR, never a pass."""
        seen = {result.status for result in self.results}
        for status in (Status.ERROR, Status.FAIL, Status.INCONCLUSIVE):
            if status in seen:
                return status
        return Status.PASS if Status.PASS in seen else Status.ERROR

    @property
    def exit_code(self) -> ExitCode:
        """0 pass, 1 fail, 3 could not check."""
        return {Status.PASS: ExitCode.PASS, Status.FAIL: ExitCode.FAIL}.get(self.status, ExitCode.COULD_NOT_CHECK)

    def result(self, code: str) -> Result:
        """The result of the check `code`; KeyError if it did not run."""
        for result in self.results:
            if result.code == code:
                return result
        raise KeyError(code)

    def to_json(self) -> str:
        """This report as one JSON document."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Report:
        """The report that `to_json` wrote; ValueError where it is of another schema or no report at all."""
        try:
            data = json.loads(text)
            if data["schema"] not in (1, SCHEMA):
                raise ValueError(f"found a report of schema {data['schema']!r}, expected {SCHEMA}")
            results = tuple(Result.from_json(each) for each in data["results"])
            facts = data["machine" if data["schema"] == 1 else "facts"]
            return cls(subject=str(data["subject"]), results=results, facts=dict(facts))
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"found no report ({error!r}), expected schema, subject, results and facts") from error
