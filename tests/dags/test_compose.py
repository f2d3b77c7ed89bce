"""docker-compose.yml, read by the real compose binary; no engine is needed for that."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SECRETS = sorted(set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text())))
FILLED = {name: f"value-of-{name.lower()}" for name in SECRETS}
AIRFLOW_PARTS = ("init", "api-server", "scheduler", "dag-processor", "triggerer")


def run_compose(env: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    spec = importlib.util.find_spec("compose")
    assert spec is not None
    assert spec.submodule_search_locations
    binary = Path(spec.submodule_search_locations[0]) / "docker-compose"
    # Not the package's console script: that one ends with status 0 whatever the binary says.
    command = [str(binary), "--file", str(ROOT / "docker-compose.yml"), "--env-file", "/dev/null", "config", *arguments]
    return subprocess.run(command, env=dict(env), capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(run_compose(FILLED, "--format", "json").stdout)["services"]
    return parsed


def test_is_accepted_with_every_secret_set() -> None:
    done = run_compose(FILLED, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("missing", SECRETS)
def test_is_refused_without_a_secret(missing: str) -> None:
    done = run_compose({name: value for name, value in FILLED.items() if name != missing}, "--quiet")
    assert done.returncode != 0
    assert missing in done.stderr


def test_every_part_has_a_healthcheck_except_the_one_that_ends(services: dict[str, Any]) -> None:
    assert {name for name, service in services.items() if "healthcheck" not in service} == {"init"}


def test_all_parts_of_airflow_share_their_secrets(services: dict[str, Any]) -> None:
    for name in ("AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API__SECRET_KEY"):
        assert len({services[part]["environment"][name] for part in AIRFLOW_PARTS}) == 1


def test_the_product_has_a_database_of_its_own(services: dict[str, Any]) -> None:
    environment = services["scheduler"]["environment"]
    assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].endswith("@postgres/airflow")
    assert environment["WIREWATCH_DATABASE_URL"].endswith("@postgres/wirewatch")


def test_only_this_machine_reaches_the_ui(services: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert {name: [port["host_ip"] for port in ports] for name, ports in published.items()} == {
        "api-server": ["127.0.0.1"]
    }


def test_the_example_of_env_names_every_variable_and_holds_no_value() -> None:
    example = dict(
        line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if re.match(r"\w+=", line)
    )
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert set(example) == used
    assert set(example.values()) == {""}
