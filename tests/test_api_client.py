"""A client that openapi-python-client makes from the description asks every example of docs/api.md, over HTTP."""

from __future__ import annotations

import importlib
import json
import re
import shlex
import subprocess
import sys
import typing
from collections.abc import Iterator
from datetime import date
from enum import Enum
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core.cache import caches

from tests.test_api import CURL, the_real_law

pytestmark = pytest.mark.django_db(transaction=True)
PACKAGE = "made_client"


@pytest.fixture
def site(live_server: Any, settings: Any) -> Iterator[str]:
    caches["default"].clear()
    with the_real_law(settings):
        yield live_server.url


def made(site: str, folder: Path) -> str:
    """Make the client; what the generator had to say."""
    (folder / "config.yaml").write_text("post_hooks: []\n", encoding="utf-8")
    command = [str(Path(sys.executable).parent / "openapi-python-client"), "generate", "--meta", "none"]
    command += ["--url", f"{site}/api/v1/openapi.json", "--config", str(folder / "config.yaml")]
    ran = subprocess.run(
        [*command, "--output-path", str(folder / PACKAGE)], capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def function_for(described: dict[str, Any], path: str, method: str) -> ModuleType:
    """The module of the client that asks this address."""
    operation = described["paths"][path][method]
    folder = operation["tags"][0].lower().replace(" ", "_")
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", operation["operationId"]).lower()
    return importlib.import_module(f"{PACKAGE}.api.{folder}.{name}")


def value_for(kinds: Any, word: str) -> Any:
    """A word of an address as the client wants it."""
    for kind in typing.get_args(kinds) or (kinds,):
        if isinstance(kind, type) and issubclass(kind, Enum):
            return kind(word)
        if kind is bool:
            return word == "true"
        if kind is int:
            return int(word)
        if kind is date:
            return date.fromisoformat(word)
    return word


def asked(module: ModuleType, command: str) -> dict[str, Any]:
    """What a curl command sends, as arguments of the client's function."""
    words = shlex.split(command)
    hints = typing.get_type_hints(module.sync_detailed)
    address = next(word for word in words if word.startswith("$SITE"))
    given: dict[str, Any] = {}
    for name, word in parse_qsl(urlsplit(address).query):
        argument = "format_" if name == "format" else name
        given[argument] = value_for(hints[argument], word)
    for word, header in pairwise(words):
        if word == "-H" and header.startswith("Accept-Language"):
            given["accept_language"] = header.split(": ")[1]
    body = [after for word, after in pairwise(words) if word == "-d"]
    if body:
        kind = next(one for one in typing.get_args(hints["body"]) or (hints["body"],) if hasattr(one, "from_dict"))
        given["body"] = kind.from_dict(json.loads(body[0]) if len(body) == 1 else dict(parse_qsl("&".join(body))))
    return given


def test_a_client_made_from_the_description_asks_every_example(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = made(site, tmp_path)
    assert "Warning" not in said, said
    assert "Unable" not in said, said
    monkeypatch.syspath_prepend(tmp_path)
    client = importlib.import_module(PACKAGE).Client(base_url=site)
    with client:
        described = client.get_httpx_client().get("/api/v1/openapi.json").json()
        for command in CURL:
            path = urlsplit(next(word for word in shlex.split(command) if word.startswith("$SITE"))).path
            method = "post" if " -d " in command else "get"
            module = function_for(described, path.removeprefix("$SITE"), method)
            given = asked(module, command)
            if "format=text" in command or "format=sms" in command:
                # The client reads every answer of this address as JSON; it can ask for words all the same.
                response = client.get_httpx_client().request(**module._get_kwargs(**given))
                assert response.status_code == 200, command
                assert response.text.strip(), command
                continue
            answer = module.sync_detailed(client=client, **given)
            assert answer.status_code == 200, command
            if isinstance(answer.parsed, str):
                assert answer.parsed == answer.content.decode()
            else:
                assert answer.parsed.to_dict() == json.loads(answer.content), command
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
