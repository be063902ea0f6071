"""A case on paper: a letter to the worker, and an evidence sheet for whoever must be convinced, as PDF.

Both stand in two languages side by side. They are made from values alone: no request, no database, no network.
"""

from eligibility.casework.paper.content import Due, Paper
from eligibility.casework.paper.press import PaperError, evidence, letter

__all__ = ["Due", "Paper", "PaperError", "evidence", "letter"]
