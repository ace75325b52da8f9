"""A matrix of hosts x checks as one HTML page, to show on a wall or to send: no script, no other file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from foundation.report import SYMBOL
from provisioning.hosts.matrix import Matrix
from provisioning.hosts.matrix_text import conclusion
from provisioning.hosts.pages import page


def html_of(matrix: Matrix, now: datetime) -> str:
    """The page."""
    return page(
        "board.html",
        matrix=matrix,
        asked=f"{now:%Y-%m-%d %H:%M %Z}",
        conclusion=conclusion(matrix),
        rows=[_row(matrix, code) for code in matrix.codes],
        symbols=SYMBOL,
    )


def _row(matrix: Matrix, code: str) -> dict[str, Any]:
    """One check, with what each host says to it."""
    results = [matrix.result(host, code) for host in matrix.reports]
    return {"code": code, "title": next(result.title for result in results if result), "results": results}
