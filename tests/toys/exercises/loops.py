"""An endless loop."""


def answer() -> int:
    while True:
        pass
