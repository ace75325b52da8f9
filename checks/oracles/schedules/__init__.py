"""Tries the orders in which the threads of a program can go, and shows the one in which a promise is broken."""

from checks.oracles.schedules.exploration import Exploration, Failure, Outcomes, Scene, explore, replay
from checks.oracles.schedules.story import Step
from checks.oracles.schedules.world import Program

__all__ = ["Exploration", "Failure", "Outcomes", "Program", "Scene", "Step", "explore", "replay"]
