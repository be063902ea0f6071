"""`python -m eligibility.rulebook [FILE|FOLDER…]`: check the rulebook, or a part. Exit 1 if anything is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

from eligibility.rulebook.load import DEFAULT_PATH, check


def main(arguments: list[str]) -> int:
    named = [Path(argument) for argument in arguments] or [DEFAULT_PATH]
    files = [file for path in named for file in (sorted(path.rglob("*.yaml")) if path.is_dir() else [path])]
    problems = check(files)
    lines = [*map(str, problems), f"{len(files)} files, {len(problems)} problems"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
