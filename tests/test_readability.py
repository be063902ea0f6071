"""The measure of plain language measures what it should."""

import pytest

from tests.readability import grade, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [
        *[(word, 1) for word in "you year time worked homes law 2026".split()],
        *[(word, 2) for word in "money table tables wanted houses worker leaving pension".split()],
        *[(word, 3) for word in "employer employee hospital benefit".split()],
        ("maternity", 4),
    ],
)
def test_syllables_are_counted(word: str, count: int) -> None:
    assert syllables(word) == count


def test_plain_words_are_easier_than_the_law() -> None:
    plain = "You keep the money you saved. You can take it out when you leave."
    law = "Contributions accumulated by a non-citizen become withdrawable upon permanent departure from the territory."
    assert grade(plain) < 3
    assert grade(law) > 14


def test_a_text_without_words_has_no_grade() -> None:
    with pytest.raises(ValueError, match="without words"):
        grade("…")
