"""An exception that cannot be shown."""


class Strange(Exception):  # noqa: N818
    def __str__(self) -> str:
        raise ValueError


def answer() -> int:
    raise Strange
