"""Editions are kept whole and for good: by their hash, once, whoever else keeps them at the same time."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from eligibility import current
from eligibility.rulebook import RulebookError, editions, load
from eligibility.rulebook.editions import EditionError, keep, read, resolve, stored
from tests.invented import LAW, invented_law
from tests.synthetic import nation, write

ROOT = Path(__file__).resolve().parent.parent
KEEPER = """
import sys
from pathlib import Path
from eligibility.rulebook.editions import keep
print("ready", flush=True)
sys.stdin.readline()
print(keep(Path(sys.argv[1]), Path(sys.argv[2])).name)
"""


def texts(folder: Path) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in folder.rglob("*.yaml")}


def edited(folder: Path) -> Path:
    """A copy of the invented law in which one word is another."""
    shutil.copytree(LAW, folder)
    file = folder / "instruments.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "# looked through again\n", encoding="utf-8")
    return folder


# --- keeping ----------------------------------------------------------------------------------------------------------


def test_a_kept_edition_is_named_by_its_hash_and_holds_the_same_files(tmp_path: Path) -> None:
    kept = keep(LAW, tmp_path)
    assert f"sha256:{kept.name}" == load(LAW).edition == load(kept).edition
    assert texts(kept) == texts(LAW)
    assert stored(tmp_path) == {load(LAW).edition: kept}


def test_keeping_it_again_touches_nothing(tmp_path: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in keep(LAW, tmp_path).rglob("*")}
    assert {file: file.stat().st_mtime_ns for file in keep(LAW, tmp_path).rglob("*")} == before
    assert len(list(tmp_path.iterdir())) == 1


def test_only_the_law_is_copied(tmp_path: Path) -> None:
    source = edited(tmp_path / "law")
    (source / "countries" / "notes.txt").write_text("not law")
    assert texts(keep(source, tmp_path / "kept")) == texts(source)
    assert not list((tmp_path / "kept").rglob("*.txt"))


def test_line_ends_of_another_system_make_no_other_edition(tmp_path: Path) -> None:
    source = shutil.copytree(LAW, tmp_path / "law")
    for file in source.rglob("*.yaml"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert keep(source, tmp_path / "kept") == keep(LAW, tmp_path / "kept")


def test_many_processes_keep_it_at_once(tmp_path: Path) -> None:
    home = tmp_path / "editions"
    command = [sys.executable, "-c", KEEPER, str(LAW), str(home)]
    keepers = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert [keeper.stdout.readline() for keeper in keepers if keeper.stdout] == ["ready\n"] * 4
    for keeper in keepers:
        assert keeper.stdin
        keeper.stdin.write("now\n")
        keeper.stdin.flush()
    names = {keeper.communicate()[0] for keeper in keepers}
    assert [keeper.returncode for keeper in keepers] == [0] * 4
    assert names == {load(LAW).edition.removeprefix("sha256:") + "\n"}
    assert [f"sha256:{folder.name}" for folder in home.iterdir()] == [load(LAW).edition]


def test_whoever_comes_second_leaves_what_the_first_has_put_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = editions._write

    def slowly(texts: Any, draft: Path) -> None:
        written(texts, draft)
        shutil.copytree(LAW, tmp_path / load(LAW).edition.removeprefix("sha256:"))

    monkeypatch.setattr(editions, "_write", slowly)
    kept = keep(LAW, tmp_path)
    assert list(tmp_path.iterdir()) == [kept]
    assert texts(kept) == texts(LAW)


def test_a_copy_that_breaks_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = iter(range(100))

    def full(_file: int) -> None:
        if next(calls) == 2:
            raise OSError("the disk is full")

    monkeypatch.setattr("eligibility.rulebook.editions.os.fsync", full)
    with pytest.raises(OSError, match="full"):
        keep(LAW, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_stands_under_the_name_but_is_something_else_is_said(tmp_path: Path) -> None:
    file = keep(LAW, tmp_path) / "instruments.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "# altered\n", encoding="utf-8")
    with pytest.raises(EditionError, match="not the edition that its name says"):
        keep(LAW, tmp_path)


def test_a_file_that_only_seems_to_lie_in_the_folder_is_not_written_elsewhere(tmp_path: Path) -> None:
    source = edited(tmp_path / "law")
    outside = tmp_path / "outside.yaml"
    (source / "sources.yaml").unlink(missing_ok=True)
    outside.write_text("sources: {}\n", encoding="utf-8")
    (source / "sources.yaml").symlink_to(outside)
    with pytest.raises(EditionError, match=r"sources\.yaml leads out"):
        keep(source, tmp_path / "kept")
    assert outside.read_text(encoding="utf-8") == "sources: {}\n"
    assert stored(tmp_path / "kept") == {}


def test_a_folder_without_law_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(RulebookError):
        keep(tmp_path, tmp_path / "kept")


# --- finding ----------------------------------------------------------------------------------------------------------


def test_only_folders_named_by_an_edition_are_listed(tmp_path: Path) -> None:
    kept = keep(LAW, tmp_path)
    (tmp_path / ("f" * 64)).write_text("a file")
    (tmp_path / "notes").mkdir()
    (tmp_path / f".{'e' * 64}.draft").mkdir()
    assert list(stored(tmp_path).values()) == [kept]
    assert stored(tmp_path / "nowhere") == stored(None) == {}


KNOWN = {f"sha256:{digits}": Path(digits) for digits in ("ab" * 32, "ab" * 31 + "cd", "cd" * 32)}


@pytest.mark.parametrize("word", ["sha256:" + "cd" * 32, "CD" * 32, "cdcdcdcd", "sha256:cdcdcdcdcd", " cdcdcdcd "])
def test_an_edition_is_found_by_its_name_or_its_first_digits(word: str) -> None:
    assert resolve(word, KNOWN) == Path("cd" * 32)


def test_an_edition_named_in_full_is_found_among_others_that_begin_alike() -> None:
    assert resolve("ab" * 32, KNOWN) == Path("ab" * 32)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("cdcdcdc", "too short"),
        ("abababab", "more than one edition: sha256:abab"),
        ("0123456789", "neither a stored edition nor a folder"),
        ("no-such-folder", r"Stored editions: sha256:abab.*, sha256:cdcd"),
        (__file__, "is a file"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_can(word: str, message: str) -> None:
    with pytest.raises(EditionError, match=message):
        resolve(word, KNOWN)


def test_a_folder_is_meant_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve(str(LAW), {}) == LAW
    monkeypatch.chdir(tmp_path)
    Path("cafe").mkdir()
    assert resolve("cafe", KNOWN) == Path("cafe")


def test_what_is_read_is_what_its_name_says(tmp_path: Path) -> None:
    assert read(keep(LAW, tmp_path)) == load(LAW)
    assert read(edited(tmp_path / "law")) != load(LAW)
    shutil.copytree(LAW, tmp_path / ("0" * 64))
    with pytest.raises(EditionError, match="not what its name says"):
        read(tmp_path / ("0" * 64))


def test_an_edition_that_does_not_load_says_why(tmp_path: Path) -> None:
    broken = write(tmp_path, nation("QM", "old_age", inbound="coverage: perhaps"))
    with pytest.raises(EditionError) as caught:
        read(broken)
    assert isinstance(caught.value.__cause__, RulebookError)


# --- the edition of this installation ---------------------------------------------------------------------------------


def test_the_loaded_edition_is_kept_and_found_again_when_the_law_has_changed(tmp_path: Path, settings: Any) -> None:
    settings.RULEBOOK_EDITIONS = tmp_path / "editions"
    with invented_law(settings) as old:
        assert current.keep() == current.keep() == old.edition
        settings.RULEBOOK_PATH = edited(tmp_path / "law")
        current.rulebook.cache_clear()
        assert current.rulebook() != old
        assert current.law_of(old.edition) == old
        assert current.law_of(None) == current.law_of(current.rulebook().edition) == current.rulebook()
        assert current.find(old.edition[7:19]) == current.stored()[old.edition]
        assert current.find(current.rulebook().edition) == tmp_path / "law"


def test_an_edition_that_is_not_here_is_not_guessed(tmp_path: Path, settings: Any) -> None:
    settings.RULEBOOK_EDITIONS = tmp_path
    with invented_law(settings) as law, pytest.raises(EditionError, match=law.edition):
        current.law_of("sha256:" + "0" * 64)


def test_law_that_changed_after_it_was_loaded_is_not_kept_under_another_name(tmp_path: Path, settings: Any) -> None:
    settings.RULEBOOK_EDITIONS = tmp_path / "editions"
    with invented_law(settings):
        settings.RULEBOOK_PATH = edited(tmp_path / "law")
        with pytest.raises(EditionError, match="no longer"):
            current.keep()
        assert current.stored() == {}


def test_an_edition_that_was_taken_away_is_kept_anew(tmp_path: Path, settings: Any) -> None:
    settings.RULEBOOK_EDITIONS = tmp_path
    with invented_law(settings) as law:
        current.keep()
        shutil.rmtree(current.stored()[law.edition])
        current.keep()
        assert list(current.stored()) == [law.edition]
