"""Output without end."""


def answer() -> int:
    while True:
        print("flood" * 1000)
