"""Changes the list that it was given and returns nothing.

Rejected by: values
"""


def squares(numbers, workers, square=lambda number: number * number):
    numbers[:] = [square(number) for number in numbers]
