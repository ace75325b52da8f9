"""Never loaded."""

while True:
    pass
