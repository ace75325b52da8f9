"""What lab 07 proves: a seat and a number go to one person, wherever a thread is switched; nobody waits for a payment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from checks.exercise import Exercise
from checks.oracles import answers, parallelism, races
from checks.suite import Failed, Found, check

LIMIT_S = 3.0  # for one booking: it waits for nothing but a lock
PATIENCE_S = 0.05  # for a booking that a lock keeps out, at each of the places where the other one is stopped
PAYERS = 3


class Refused(Exception):  # noqa: N818 - the card's answer, not an error of ours
    """What `pay` raises in these checks."""


@dataclass
class Evening:
    """A box office at the beginning of an evening, its seating plan, and who has paid so far."""

    exercise: Exercise
    holder: dict[str, str] = field(default_factory=dict)
    paid: list[str] = field(default_factory=list)

    office: Any = field(init=False)

    def __post_init__(self) -> None:
        make = self.exercise.function("BoxOffice")
        (self.office,) = races.all_at_once([lambda: make(self.holder)], LIMIT_S)
        if not callable(getattr(self.office, "book", None)):
            raise Failed(
                f"`BoxOffice(holder)` {in_words(self.office, self.exercise)}", expected="an object with `book`"
            )

    def book(self, seat: str, person: str, pay: Callable[[str], object] | None = None) -> object:
        """What the attendee's `book` returns or raises."""
        return self.office.book(seat, person, pay or self.paid.append)

    def ask(self, seat: str, person: str, pay: Callable[[str], object] | None = None) -> object:
        """A booking on a thread of its own: an exception comes back as a value; Failed if there is no end."""
        (outcome,) = races.all_at_once([lambda: self.book(seat, person, pay)], LIMIT_S)
        if isinstance(outcome, TimeoutError):
            raise Failed(f"a booking of {seat} never came back", expected="a number, or None", do=STUCK)
        return outcome

    def must_show(self, expected: Mapping[str, str], what: str) -> None:
        """Failed if the seating plan is not `expected`."""
        answers.same(dict(self.holder), dict(expected), f"the seating plan {what}")


STUCK = "Whatever happens between them, a lock that is acquired is released: `with` sees to that."


def number_in(outcome: object, what: str, exercise: Exercise) -> int:
    """The ticket number that `outcome` is; Failed where it is none."""
    if isinstance(outcome, int) and not isinstance(outcome, bool):
        return outcome
    raise Failed(f"{what} {in_words(outcome, exercise)}", expected="the ticket's number")


def in_words(outcome: object, exercise: Exercise) -> str:
    """ "gave 'A1'", or "raised KeyError: 'A1' (line 80, in book: `del self.holder[seat]`)"."""
    if not isinstance(outcome, BaseException):
        return f"gave {answers.short(outcome)}"
    place = exercise.place(outcome.__traceback__)
    return f"raised {type(outcome).__name__}: {outcome}{f' ({place})' if place else ''}"


@check("rules", "One person after the other: tickets, numbers, seats that are taken")
def rules(exercise: Exercise) -> str:
    """A free seat: pay, note the holder, return a new number. A seat in `holder`: return None, and nobody pays."""
    evening = Evening(exercise, {"D4": "the mayor"})
    wishes = {"A1": "Ana", "B2": "Ben", "C3": "Ana"}
    numbers = [
        number_in(evening.ask(seat, person), f"booking free seat {seat}", exercise) for seat, person in wishes.items()
    ]
    for seat in ("D4", "A1"):
        outcome = evening.ask(seat, "Zoe")
        if outcome is not None:
            raise Failed(f"booking {seat}, which is taken, {in_words(outcome, exercise)}", expected="None")
    if len(set(numbers)) < len(numbers):
        raise Failed(f"the tickets have the numbers {numbers}", expected="a new number for each")
    answers.same(evening.paid, list(wishes.values()), "the list of those who paid")
    evening.must_show({**wishes, "D4": "the mayor"}, "at the end")
    return "3 tickets with 3 numbers, 2 seats refused, nobody paid for nothing"


@check("one_person", "A seat is sold once, wherever a thread is switched", requires=["rules"], limit_s=30)
def one_person(exercise: Exercise) -> str:
    """To look and to reserve must be one step: the same lock, held from the look until the seat is reserved. Who gets
    the seat must not hang on names: one person may click twice.
    """
    switches = 0
    for first, second in (("Ana", "Ben"), ("Ana", "Ana")):
        for switch in races.every_switch(
            partial(Evening, exercise),
            lambda evening, who=first: evening.book("A1", who),  # type: ignore[misc]
            lambda evening, who=second: evening.book("A1", who),  # type: ignore[misc]
            exercise.path,
            PATIENCE_S,
        ):
            sold_once(switch, first, second)
            switches += 1
    return f"2 bookings of one seat, switched at {switches} places: each time one ticket, one payment"


def sold_once(switch: races.Switch[Evening], first: str, second: str) -> None:
    """Failed if not exactly one of the two has got the seat, and paid for it."""
    got = [
        who
        for who, outcome in ((first, switch.first), (second, switch.second))
        if outcome is not None and number_in(outcome, f"a booking by {who}", switch.subject.exercise) is not None
    ]
    happened = f"{second} came in when {first} was at {switch.place}"
    if len(got) != 1:
        who = "both got a ticket for A1" if got else "nobody got the free seat A1"
        raise Failed(f"{who}: {happened}", expected="one ticket, and None for the other")
    if switch.subject.paid != got:
        paid = " and ".join(switch.subject.paid) or "nobody"
        raise Failed(f"{got[0]} got A1 and {paid} paid: {happened}", expected=f"a payment by {got[0]}")
    switch.subject.must_show({"A1": got[0]}, f"({happened})")


@check("one_number", "No number is given twice, wherever a thread is switched", requires=["one_person"])
def one_number(exercise: Exercise) -> str:
    """`self.issued += 1` reads and writes, and `return self.issued` reads again: one lock round all of it."""
    switches = 0
    for switch in races.every_switch(
        partial(Evening, exercise),
        lambda evening: evening.book("A1", "Ana"),
        lambda evening: evening.book("B2", "Ben"),
        exercise.path,
        PATIENCE_S,
    ):
        ana = number_in(switch.first, "booking A1", exercise)
        ben = number_in(switch.second, "booking B2", exercise)
        if ana == ben:
            raise Failed(
                f"Ana's and Ben's tickets both have number {ana}: Ben came in when Ana was at {switch.place}",
                expected="a number for each ticket",
            )
        switch.subject.must_show({"A1": "Ana", "B2": "Ben"}, f"(Ben came in when Ana was at {switch.place})")
        switches += 1
    return f"2 bookings of two seats, switched at {switches} places: two numbers each time"


@check("pay_together", "People pay at the same time", requires=["one_number"])
def pay_together(exercise: Exercise) -> Found:
    """Nobody can book while the lock is held. Reserve under the lock, then let go of it, then pay."""
    evening, meeting = Evening(exercise), parallelism.Rendezvous(PAYERS)
    calls: list[Callable[[], Any]] = [
        partial(evening.book, f"seat {number}", f"person {number}", meeting.meet) for number in range(PAYERS)
    ]
    for outcome in races.all_at_once(calls, limit_s=4 * parallelism.PATIENCE_S):
        number_in(outcome, "booking a free seat while others pay", exercise)
    return Found(meeting.require_met("payments"), meeting.trace.details())


@check("given_back", "A refused card frees the seat, and blocks nobody", requires=["rules"])
def given_back(exercise: Exercise) -> str:
    """A reservation is a debt: if `pay` raises, take the reservation back, and let the exception go on its way."""
    evening, refused = Evening(exercise), Refused("Ana's card")

    def refuse(_person: str) -> None:
        raise refused

    outcome = evening.ask("A1", "Ana", refuse)
    if outcome is not refused:
        raise Failed(f"with a refused card `book` {in_words(outcome, exercise)}", expected="the exception of `pay`")
    evening.must_show({}, "after a refused card")
    number_in(evening.ask("A1", "Ben"), "booking a seat whose first buyer's card was refused", exercise)
    number_in(
        evening.ask("A1", "Ana") or evening.ask("B2", "Ana"), "booking another seat after a refused card", exercise
    )
    evening.must_show({"A1": "Ben", "B2": "Ana"}, "at the end")
    return "the exception came out, the next one got the seat"


@check("crowd", "A crowd on all cores", requires=["pay_together", "given_back"])
def crowd(exercise: Exercise) -> str:
    """Two threads are inside at once: read again what the lock protects, each place where it is read or written."""
    people, seats = 6, 150
    evening = Evening(exercise)

    def wants_them_all(person: str) -> dict[str, object]:
        return {f"{seat}": evening.book(f"{seat}", person) for seat in range(seats)}

    calls: list[Callable[[], object]] = [partial(wants_them_all, f"person {number}") for number in range(people)]
    tickets: list[tuple[str, int]] = []
    for outcome in races.all_at_once(calls):
        if not isinstance(outcome, dict):
            raise Failed(f"a booking in a crowd {in_words(outcome, exercise)}", expected="a number, or None")
        tickets += [(seat, number) for seat, number in outcome.items() if number is not None]
    answers.same(len(tickets), seats, f"the number of tickets that {people} people got for {seats} seats")
    answers.same(len({number for _seat, number in tickets}), seats, "the number of different numbers on them")
    return f"{people} threads, {seats} seats: each sold once, no number twice"
