"""Raises and prints in colours, and clears the screen."""


def answer() -> int:
    print("\x1b[31mprinted in red\x1b[0m")
    raise ValueError("\x1b[31mred\x1b[0m and \x1b[2Jgone")
