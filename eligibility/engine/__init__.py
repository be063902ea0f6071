"""The engine: pure functions from a case and a rulebook to an answer. No Django, no text, no clock, no country."""

from eligibility.engine.answer import Answer, Determination
from eligibility.engine.case import Case, CaseError, Fault, make_case
from eligibility.engine.determine import determine

__all__ = ["Answer", "Case", "CaseError", "Determination", "Fault", "determine", "make_case"]
