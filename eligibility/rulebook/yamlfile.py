"""Reading a YAML file with the line of every value, so that an error can point at it.

The words are those of YAML 1.2: only `true` and `false` are booleans, so the country code NO and the key `on` mean
themselves. A key that stands twice is an error, not a silent choice.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import yaml

from eligibility.rulebook.problems import Problem

Path = tuple[str | int, ...]


class _Loader(yaml.CSafeLoader):
    """PyYAML's C parser with the scalar words of YAML 1.2, and dates."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", "n~\0"),
    ("int", r"-?[0-9]+", "-0123456789"),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), ["" if c == "\0" else c for c in _first]
    )


class Document:
    """One file's content (`data`: dicts, lists, scalars) and the line on which each path stands."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.lines: dict[Path, int] = {(): 1}
        self.data: Any = None
        self._around: set[int] = set()
        try:
            node = yaml.compose(text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            line = (error.problem_mark.line + 1) if error.problem_mark else 1
            self.problems.append(Problem(file, line, "YAML", str(error.problem), "Mend the YAML of this line."))
        except yaml.reader.ReaderError as error:
            line = text.encode()[: error.position].count(b"\n") + 1
            self.problems.append(Problem(file, line, "YAML", f"{error.reason}.", "Take this character out."))
        else:
            self.data = self._value(node, ()) if node is not None else {}

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest thing around it."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def _value(self, node: yaml.Node, path: Path) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self._around:
            self._complain(node, "an alias (*) repeats what it stands in.", "Write it out.")
            return None
        self._around.add(id(node))
        value = self._mapping(node, path) if isinstance(node, yaml.MappingNode) else self._sequence(node, path)
        self._around.remove(id(node))
        return value

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(key_node, "a list or a mapping stands as a key.", "Let the key be one word.")
                continue
            if key in result:
                cure = f"It stands already on line {self.lines[(*path, key)]}; keep one."
                self._complain(key_node, f"the key '{key}' stands twice.", cure)
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            result[key] = self._value(value_node, (*path, key))
        return result

    def _sequence(self, node: yaml.Node, path: Path) -> list[Any]:
        for index, child in enumerate(node.value):
            self.lines[(*path, index)] = child.start_mark.line + 1
        return [self._value(child, (*path, index)) for index, child in enumerate(node.value)]

    def _complain(self, node: yaml.Node, what: str, cure: str) -> None:
        self.problems.append(Problem(self.file, node.start_mark.line + 1, "YAML", what, cure))

    def _scalar(self, node: yaml.Node) -> Any:
        match node.tag.rpartition(":")[2]:
            case "null":
                return None
            case "bool":
                return node.value == "true"
            case "int" if node.value.removeprefix("-").isdecimal():
                return int(node.value)
            case "timestamp":
                try:
                    return date.fromisoformat(node.value)
                except ValueError:
                    return node.value
        return node.value
