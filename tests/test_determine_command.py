"""`manage.py determine`: an answer in the terminal or as JSON; a wrong value ends with 2 and names the right ones."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from eligibility.explain import words
from eligibility.rulebook import load
from eligibility.vocabulary import Benefit, Outcome, Sector, Status
from tests.synthetic import nation, write

ROOT = Path(__file__).resolve().parent.parent
WORKER = {"origin": "ID", "destination": "MY", "sector": "domestic_work", "status": "regular"}
ESCAPE = "\x1b["


def determine(**options: Any) -> str:
    """What the command prints for this worker, in this process."""
    out = StringIO()
    call_command("determine", stdout=out, **{**WORKER, **options})
    return out.getvalue()


def answer(**options: Any) -> Any:
    return json.loads(determine(json=True, **options))


def refusal(**options: Any) -> str:
    """The message with which the command refuses; its exit status must be 2."""
    with pytest.raises(CommandError) as caught:
        determine(**options)
    assert caught.value.returncode == 2
    return str(caught.value)


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command as a person runs it: another process, and no terminal."""
    inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    command = [sys.executable, "manage.py", "determine", *words]
    return subprocess.run(
        command, cwd=ROOT, env=inherited | environ, capture_output=True, text=True, encoding="utf-8", timeout=60
    )


def typed(**options: str) -> list[str]:
    return [word for name, value in {**WORKER, **options}.items() for word in (f"--{name}", value)]


# --- as text ----------------------------------------------------------------------------------------------------------


def test_the_text_names_the_corridor_the_day_and_all_nine_benefits() -> None:
    text = determine(on="2026-11-24")
    assert "Indonesia → Malaysia" in text
    assert "November 24, 2026" in text
    assert all(text.count(words.benefit(benefit)) == 1 for benefit in Benefit)


def test_each_benefit_stands_under_the_heading_of_its_outcome() -> None:
    text, data = determine(on="2026-11-24"), answer(on="2026-11-24")
    for benefit, told in data["benefits"].items():
        above = text[: text.index(words.benefit(Benefit(benefit)))]
        last = max(Outcome, key=lambda outcome: above.rfind(f" {words.outcome_heading(outcome)}\n"))
        assert last == told["outcome"], benefit


def test_what_decides_is_told_with_its_rule_and_source() -> None:
    text, data, law = determine(), answer(), load()
    rules = {r["rule"] for told in data["benefits"].values() for r in told["reasons"] if r["decides"] and r["rule"]}
    assert rules
    flat = " ".join(text.split())
    for rule in rules & set(law.rules):
        assert f"[{rule}]" in flat
        assert law.sources[law.rules[rule].sources[0].source].title.split()[0] in flat


def test_the_lines_are_aligned_and_no_wider_than_the_page() -> None:
    lines = determine().splitlines()
    assert max(len(line) for line in lines) <= 110
    column = max(len(words.benefit(benefit)) for benefit in Benefit) + 4
    for benefit in Benefit:
        [line] = [line for line in lines if line.startswith(f"  {words.benefit(benefit)} ")]
        assert line[column - 2 : column] == "  "
        assert line[column] != " "


def test_what_would_make_it_surer_is_listed_with_the_name_of_the_fact() -> None:
    data = answer(origin="PH", destination="SG", sector="services")
    asked = {q["fact"] for told in data["benefits"].values() for q in told["depends_on"] if "unclear" not in q}
    assert "months_contributed_home" in asked
    text = determine(origin="PH", destination="SG", sector="services")
    assert "(--fact months_contributed_home=…)" in " ".join(text.split())


def test_without_a_terminal_there_is_no_colour() -> None:
    assert ESCAPE not in determine()


def test_colour_can_be_forced() -> None:
    coloured = determine(force_color=True)
    assert ESCAPE in coloured
    bare = determine(no_color=True)
    assert ESCAPE not in bare


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def on_a_terminal(**options: Any) -> str:
    out = Terminal()
    call_command("determine", stdout=out, **{**WORKER, **options})
    return out.getvalue()


def test_on_a_terminal_there_is_colour_unless_it_is_unwanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert ESCAPE in on_a_terminal()
    assert ESCAPE not in on_a_terminal(no_color=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert ESCAPE not in on_a_terminal()


def test_colour_changes_nothing_but_the_colour() -> None:
    assert re.sub(r"\x1b\[[0-9;]*m", "", determine(force_color=True)) == determine()


# --- as JSON ----------------------------------------------------------------------------------------------------------


def test_json_is_the_whole_answer_and_nothing_else() -> None:
    data = answer(on="2018-06-01", fact=["months_contributed=26", "year_round=yes"])
    assert data["on"] == "2018-06-01"
    assert data["edition"] == load().edition
    assert data["case"] == {**WORKER, "facts": {"months_contributed": 26, "year_round": True}}
    assert list(data["benefits"]) == list(Benefit)


def test_the_day_decides_which_law_is_asked() -> None:
    before, after = answer(on="2021-05-01"), answer(on="2021-06-01")
    injury = [
        {one["scheme"]: one["protects"] for one in data["benefits"]["employment_injury"]["at_work"]}["my-socso-ei"]
        for data in (before, after)
    ]
    assert injury == [False, True], "SOCSO covers work in private homes since 1 June 2021"


def test_without_a_day_the_law_of_today_is_asked() -> None:
    assert date.fromisoformat(answer()["on"]) == timezone.localdate()


def test_a_country_may_be_written_small() -> None:
    assert answer(origin="id", destination="my")["case"]["origin"] == "ID"


def test_joined_schemes_are_named_with_commas() -> None:
    data = answer(fact=["joined=my-epf"], on="2026-11-24")
    assert data["case"]["facts"] == {"joined": ["my-epf"]}
    assert data["benefits"]["old_age"]["outcome"] == "portable"


# --- wrong values -----------------------------------------------------------------------------------------------------


def test_a_wrong_sector_is_answered_with_all_right_ones() -> None:
    message = refusal(sector="mining")
    assert "'mining' is no value of sector" in message
    assert all(sector in message for sector in Sector)


def test_a_wrong_status_is_answered_with_all_right_ones() -> None:
    message = refusal(status="legal")
    assert all(status in message for status in Status)


@pytest.mark.parametrize("role", ["origin", "destination"])
def test_a_country_that_is_not_covered_yet_is_answered_with_those_that_are(role: str) -> None:
    message = refusal(**{role: "FR"})
    assert f"FR is not covered yet as {role}" in message
    assert ", ".join(load().with_role(role)) in message


def test_the_same_country_twice_is_refused() -> None:
    assert "destination is the same country as the origin" in refusal(destination="ID")


@pytest.mark.parametrize("day", ["tomorrow", "2026-13-01", "24.11.2026"])
def test_a_wrong_day_is_answered_with_the_right_form(day: str) -> None:
    assert f"'{day}' is no value of on; accepted: a day written as YYYY-MM-DD" in refusal(on=day)


def test_an_unknown_fact_is_answered_with_all_known_ones() -> None:
    message = refusal(fact=["shoe_size=42"])
    assert "no fact is called 'shoe_size'" in message
    assert all(name in message for name in load().facts)


@pytest.mark.parametrize(
    ("fact", "right"),
    [
        ("year_round=perhaps", "true, false"),
        ("age=old", "a whole number from 10 to 110 (years)"),
        ("age=9", "a whole number from 10 to 110 (years)"),
        ("ship_flag=pirate", "destination, origin, other"),
        ("joined=nowhere", "my-epf"),
    ],
)
def test_a_wrong_value_of_a_fact_is_answered_with_the_right_ones(fact: str, right: str) -> None:
    assert right in refusal(fact=[fact])


def test_a_fact_without_a_value_is_refused_with_an_example() -> None:
    assert "write it as NAME=VALUE, such as age=42" in refusal(fact=["age"])


def test_every_wrong_value_is_told_at_once() -> None:
    message = refusal(origin="XX", sector="mining", status="", fact=["age=old"])
    assert len(message.splitlines()) == 5
    assert "status is missing" in message


# --- as a process -----------------------------------------------------------------------------------------------------


def test_the_process_ends_with_2_and_lists_the_right_values() -> None:
    ended = run(*typed(sector="mining"))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert all(sector in ended.stderr for sector in Sector)
    assert "Traceback" not in ended.stderr


def test_the_process_prints_json_and_ends_with_0() -> None:
    ended = run(*typed(on="2026-11-24"), "--json", "--fact", "months_contributed=26")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout)["case"]["facts"] == {"months_contributed": 26}


def test_the_process_prints_no_colour_into_a_pipe_unless_forced() -> None:
    assert ESCAPE not in run(*typed()).stdout
    assert ESCAPE in run(*typed(), "--force-color").stdout


def test_a_rulebook_that_does_not_load_ends_with_1_and_says_where(tmp_path: Path) -> None:
    write(tmp_path, nation("QM", "sickness", inbound="coverage: perhaps"))
    ended = run(*typed(), RULEBOOK_PATH=str(tmp_path))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "countries/qm.yaml:6: qm-inbound: 'perhaps' is no value of 'coverage'." in ended.stderr
