"""An exception with a long message, in characters that no terminal takes."""


def answer() -> int:
    raise ValueError("a\nb \udc80" + "x" * (4 << 20))
