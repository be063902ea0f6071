"""Law as data: the files' schema, their loading and checking, and the immutable `Rulebook` they become."""

from eligibility.rulebook.load import DEFAULT_PATH, check, load
from eligibility.rulebook.model import Rulebook
from eligibility.rulebook.problems import Problem, RulebookError

__all__ = ["DEFAULT_PATH", "Problem", "Rulebook", "RulebookError", "check", "load"]
