"""`make bench-api`: how many answers a second the API gives, beside a bare REST framework view in the same run.

Each is served by gunicorn with two workers on 127.0.0.1 and asked by wrk, in turns, so that whatever else the machine
does weighs on both. The cases are of every kind (countries, sectors, statuses), without facts, as the bare view checks
the four fields only; its answer is one of the site's own, of middle length. wrk cannot hold a rate: half load is half
the connections. Callers are not counted (the limits would end the run at once), save in the row that says so. The same
cases come again and again, as a hotline's do, so their parts are kept (eligibility/api/writing.py); "all afresh" shows
what it is when every case is one that nobody has asked before.
"""

from __future__ import annotations

import json
import os
import random
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.determine import cases as all_cases
from eligibility.rulebook import load

CONNECTIONS = 16
SECONDS = int(os.environ.get("SECONDS", "4"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
CASES = 400
GOAL_RATIO, GOAL_P99 = 0.8, 50.0
"""At least this much of the bare view's rate; fewer milliseconds than these for 99 of 100 answers at half load."""

LUA = """
local bodies = { %s }
local n = 0
function request()
  n = n %% #bodies + 1
  return wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, bodies[n])
end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("FIGURES %%d %%d %%d %%d\\n", summary.requests, summary.duration, latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


@dataclass
class Row:
    title: str
    address: str
    rates: list[float] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(application: str, env: dict[str, str]) -> Iterator[str]:
    """gunicorn with two workers, as docs/operations.md starts it, until the end of the block; its address."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    server = subprocess.Popen([*command, "--log-level", "error"], env=env)  # noqa: S603 (our own command)
    try:
        for _try in range(200):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def ask(address: str, body: str) -> bytes:
    request = urllib.request.Request(address, body.encode(), {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 (our own server)
        return bytes(response.read())


def wrk(address: str, script: Path, connections: int, seconds: int = SECONDS) -> tuple[float, float]:
    """Answers a second, and the milliseconds within which 99 of 100 come."""
    command = [
        "wrk",
        "-t",
        "2",
        "-c",
        str(connections),
        "-d",
        f"{seconds}s",
        "--timeout",
        "30s",
        "-s",
        str(script),
        address,
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    found = re.search(r"^FIGURES (\d+) (\d+) (\d+) (\d+)$", said, re.M)
    assert found, said
    requests, microseconds, p99, errors = map(int, found.groups())
    assert errors == 0, said
    return requests / microseconds * 1_000_000, p99 / 1000


def main() -> None:
    law = load()
    chosen = random.Random(7).sample(all_cases(law, 0, seed=1), CASES)  # noqa: S311 (no secret)
    bodies = [
        json.dumps({"origin": one.origin, "destination": one.destination, "sector": one.sector, "status": one.status})
        for one in chosen
    ]
    with TemporaryDirectory() as name, ExitStack() as servers:
        folder = Path(name)
        (folder / "static").mkdir()
        env = {
            **os.environ,
            "DEBUG": "0",
            "SECRET_KEY": secrets.token_urlsafe(64),
            "ALLOWED_HOSTS": "127.0.0.1",
            "DJANGO_SETTINGS_MODULE": "benchmarks.server.site_settings",
            "DATABASE_PATH": str(folder / "db.sqlite3"),
            "STATIC_ROOT": str(folder / "static"),
            "API_RATE_ANONYMOUS": str(10**9),
            "BODY": str(folder / "body.json"),
            "COUNTRIES": json.dumps(sorted(law.countries)),
        }
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=env, check=True)
        site = servers.enter_context(served("benchmarks.server.site", env))
        counted = servers.enter_context(served("benchmarks.server.site", {**env, "COUNTED": "1"}))
        afresh = servers.enter_context(served("benchmarks.server.site", {**env, "AFRESH": "1"}))
        answers = sorted((ask(f"{site}/api/v1/determinations", body) for body in bodies), key=len)
        (folder / "body.json").write_bytes(answers[len(answers) // 2])
        bare_env = {key: value for key, value in env.items() if key != "DJANGO_SETTINGS_MODULE"}
        bare = servers.enter_context(served("benchmarks.server.bare", bare_env))
        script = folder / "ask.lua"
        script.write_text(LUA % ", ".join(f"[==[{body}]==]" for body in bodies), encoding="utf-8")
        rows = [
            Row("the API", f"{site}/api/v1/determinations"),
            Row("the API, callers counted", f"{counted}/api/v1/determinations"),
            Row("the API, all afresh", f"{afresh}/api/v1/determinations"),
            Row("bare view", f"{bare}/rendered"),
            Row("bare view, bytes ready", f"{bare}/ready"),
        ]
        for row in rows:  # both workers shall have met every kind of case
            wrk(row.address, script, CONNECTIONS)
        for _round in range(ROUNDS):
            for row in rows:
                row.rates.append(wrk(row.address, script, CONNECTIONS)[0])
        for _round in range(ROUNDS):
            for row in rows:
                row.p99s.append(wrk(row.address, script, CONNECTIONS // 2)[1])
    print_table(rows, len(answers[len(answers) // 2]))


def print_table(rows: list[Row], size: int) -> None:
    api, _counted, _afresh, bare, _ready = rows
    print(f"{CASES} cases, {size / 1000:.0f} kB each; medians of {ROUNDS} rounds of {SECONDS} s")
    print(f"{'':26}{'a second':>10}{'of the bare view':>18}{'p99 at half load':>18}")
    for row in rows:
        part = median(mine / its for mine, its in zip(row.rates, bare.rates, strict=True))
        print(f"{row.title:26}{median(row.rates):10.0f}{100 * part:16.0f} %{median(row.p99s):15.1f} ms")
    ratio = median(mine / its for mine, its in zip(api.rates, bare.rates, strict=True))
    kept = ratio >= GOAL_RATIO and median(api.p99s) < GOAL_P99
    goal = f"at least {100 * GOAL_RATIO:.0f} % of the bare view, p99 below {GOAL_P99:.0f} ms"
    print(f"goal: {goal}: {'reached' if kept else 'NOT reached'}")


if __name__ == "__main__":
    main()
