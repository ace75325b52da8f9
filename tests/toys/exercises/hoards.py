"""Takes memory and touches it; bounded, should nobody stop it."""


def answer() -> int:
    return 42 + sum(len(block) for block in [b"\x01" * (64 << 20) for _ in range(40)])
