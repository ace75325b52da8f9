"""Right."""


def answer() -> int:
    return 42


if __name__ == "__main__":
    raise SystemExit("this cell does not run in a check")
