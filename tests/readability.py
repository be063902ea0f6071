"""How hard an English text is to read.

Kincaid et al., *Derivation of New Readability Formulas for Navy Enlisted Personnel* (1975): 0.39 × words per sentence +
11.8 × syllables per word − 15.59, in years of school in the United States. Syllables are counted by vowels: a word
may be one off, which a whole page evens out, and no dictionary has to be fetched.
"""

import re

WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*|\d[\d.,]*\d|\d")
SENTENCE_END = re.compile(r"[.!?:;]+(?=\s|$)|\n{2,}")
# The e is silent in "time", "worked" and "homes", but spoken in "table", "wanted" and "houses".
SILENT = re.compile(r"(?<![^aeiouy]l)(?:e|(?<![td])ed|(?<![sxzcg])(?<![cs]h)es)$")
# A y before a vowel parts two syllables, as in "employer".
VOWELS = re.compile(r"(?:[aeiou]|y(?![aeiou]))+")


def syllables(word: str) -> int:
    """How many syllables an English word has, at least one; a number counts as one."""
    word = re.sub(r"[^a-z]", "", word.lower())
    return max(1, len(VOWELS.findall(SILENT.sub("", word))))


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of a text. Raises ValueError for a text without words."""
    words = WORD.findall(text)
    if not words:
        raise ValueError("a text without words has no grade")
    sentences = sum(bool(WORD.search(part)) for part in SENTENCE_END.split(text))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
