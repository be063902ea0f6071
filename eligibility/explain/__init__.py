"""An answer in sentences and as data. Reads what the engine decided; decides nothing itself."""

from eligibility.explain.data import as_data, canonical
from eligibility.explain.telling import present

__all__ = ["as_data", "canonical", "present"]
