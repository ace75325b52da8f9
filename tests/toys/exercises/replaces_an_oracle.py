"""Wrong, and takes the comparison away."""

from checks.oracles import answers

answers.same = lambda *_arguments: None  # type: ignore[assignment]


def answer() -> int:
    return 41
