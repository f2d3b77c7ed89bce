"""A real `airflow standalone` for the demo and the end-to-end tests: started, asked over REST, stopped without a rest.

Only processes are started here; nothing imports airflow.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from pipeline.errors import WirewatchError

FETCH_POOL, FETCH_POOL_SLOTS = "wirewatch_fetch", 4
USERNAME = "admin"
START_SECONDS, DAG_SECONDS, ANSWER_SECONDS, STOP_SECONDS = 180.0, 60.0, 60.0, 20.0
POLL_SECONDS = 0.3
RUN_IS_OVER = frozenset({"success", "failed"})


class AirflowError(WirewatchError):
    """Airflow did not start, did not take a request, or did not end a run in time."""


@dataclass(frozen=True, slots=True)
class AirflowFiles:
    """Where one standalone Airflow lives and what it loads. `home` holds its logs and passwords."""

    home: Path
    dags: Path
    plugins: Path


def find_free_port() -> int:
    """A port of the loopback interface that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class AirflowStandalone:
    """One Airflow on 127.0.0.1 with its metadata in `database_url` (PostgreSQL through psycopg).

    `env` is added to the environment of every component and task. The schedule of the DAG is off unless `env` sets
    WIREWATCH_SCHEDULE: unpausing a scheduled DAG starts a run at once.
    """

    def __init__(self, files: AirflowFiles, database_url: str, port: int, env: Mapping[str, str]) -> None:
        self.files = files
        self.base_url = f"http://127.0.0.1:{port}"
        self.username = USERNAME
        self.password = secrets.token_urlsafe(12)
        self._env = _airflow_env(files, database_url, port) | {"WIREWATCH_SCHEDULE": "none"} | dict(env)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def log_path(self) -> Path:
        """What all components print."""
        return self.files.home / "standalone.log"

    def start(self, on_progress: Callable[[str], None] = lambda _: None) -> None:
        """Start it and wait until every component is healthy and the fetch pool exists.

        `on_progress` gets one short text per component as it becomes healthy. Raises AirflowError.
        """
        self.files.home.mkdir(parents=True, exist_ok=True)
        _write_private(self._passwords_path, json.dumps({USERNAME: self.password}))
        with self.log_path.open("wb") as log:
            # A session of its own: its process group holds every component and every task, and nobody else.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "airflow", "standalone"],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_healthy(on_progress)
            self._create_fetch_pool()
        except BaseException:
            self.stop()
            raise

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """A REST client that is logged in as the administrator."""
        with httpx.Client(base_url=self.base_url, timeout=ANSWER_SECONDS, trust_env=False) as client:
            credentials = {"username": self.username, "password": self.password}
            token = _checked(client.post("/auth/token", json=credentials))["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield client

    def trigger(self, dag_id: str, conf: Mapping[str, Any]) -> str:
        """Unpause the DAG (waiting for it to be parsed), start a run with `conf` as its parameters, return its id."""
        with self.client() as client:
            self._wait_for_dag(client, dag_id)
            _checked(client.patch(f"/api/v2/dags/{dag_id}", json={"is_paused": False}))
            run = client.post(f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None, "conf": dict(conf)})
            return str(_checked(run)["dag_run_id"])

    def wait(self, dag_id: str, run_id: str, timeout_seconds: float = 300.0) -> str:
        """The final state of a run: "success" or "failed". Raises AirflowError when it is not over in time."""
        deadline = time.monotonic() + timeout_seconds
        with self.client() as client:
            while time.monotonic() < deadline:
                # A busy machine may keep the API server from answering for a while; the run goes on.
                with suppress(httpx.TimeoutException):
                    state = str(_checked(client.get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"))["state"])
                    if state in RUN_IS_OVER:
                        return state
                self._require_running()
                time.sleep(POLL_SECONDS)
        raise AirflowError(f"run {run_id} of {dag_id} is not over after {timeout_seconds:.0f} s; see {self.log_path}")

    def stop(self) -> None:
        """Stop every component and task; returns when none is left. Does nothing when it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        # SIGINT is what standalone hands on to its components; SIGTERM would end it alone and orphan them.
        _signal_group_leader(process, signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            _kill_group(process.pid)
            process.wait()

    @property
    def _passwords_path(self) -> Path:
        return self.files.home / "passwords.json"

    def _wait_until_healthy(self, on_progress: Callable[[str], None]) -> None:
        healthy: set[str] = set()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self._require_running()
            components = self._read_health()
            now_healthy = {name for name, status in components.items() if status == "healthy"}
            for name in sorted(now_healthy - healthy):
                on_progress(f"{name.replace('_', ' ')} is ready")
            healthy |= now_healthy
            if components and now_healthy == set(components):
                return
            time.sleep(POLL_SECONDS)
        raise AirflowError(f"Airflow is not healthy after {START_SECONDS:.0f} s; see {self.log_path}")

    def _read_health(self) -> dict[str, str]:
        # The endpoint answers 200 whatever it says: only its JSON counts.
        try:
            answer = httpx.get(f"{self.base_url}/api/v2/monitor/health", timeout=5, trust_env=False).json()
        except (httpx.HTTPError, ValueError):
            return {}
        return {name: str(component["status"]) for name, component in answer.items()}

    def _create_fetch_pool(self) -> None:
        # Without its pool a task waits for ever and says nothing.
        pool = {"name": FETCH_POOL, "slots": FETCH_POOL_SLOTS, "description": "sources looked at side by side"}
        with self.client() as client:
            answer = client.post("/api/v2/pools", json=pool)
            if answer.status_code != httpx.codes.CONFLICT:
                _checked(answer)

    def _wait_for_dag(self, client: httpx.Client, dag_id: str) -> None:
        deadline = time.monotonic() + DAG_SECONDS
        while client.get(f"/api/v2/dags/{dag_id}").status_code == httpx.codes.NOT_FOUND:
            self._require_running()
            if time.monotonic() > deadline:
                errors = _checked(client.get("/api/v2/importErrors"))["import_errors"]
                reason = errors[0]["stack_trace"].strip().splitlines()[-1] if errors else "no import error"
                raise AirflowError(f"the DAG {dag_id} did not appear: {reason}")
            time.sleep(POLL_SECONDS)

    def _require_running(self) -> None:
        if self._process is None or self._process.poll() is not None:
            raise AirflowError(f"Airflow ended on its own: {self._read_last_error()} (all it said: {self.log_path})")

    def _read_last_error(self) -> str:
        lines = self.log_path.read_text(errors="replace").strip().splitlines()
        errors = [line.strip() for line in lines if "Error" in line]
        return (errors or lines or ["it printed nothing"])[-1]


def _airflow_env(files: AirflowFiles, database_url: str, port: int) -> dict[str, str]:
    """The environment of a standalone Airflow: none of the caller's Airflow settings, fresh secrets, few processes."""
    base_url = f"http://127.0.0.1:{port}"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}
    settings = {
        "CORE__DAGS_FOLDER": str(files.dags.resolve()),
        "CORE__PLUGINS_FOLDER": str(files.plugins.resolve()),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "4",
        "CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "CORE__EXECUTION_API_SERVER_URL": f"{base_url}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USERNAME}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(files.home.resolve() / "passwords.json"),
        "DATABASE__SQL_ALCHEMY_CONN": database_url,
        # Airflow would choose asyncpg, which is not installed; psycopg serves both ways.
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": database_url,
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__BASE_URL": base_url,
        "API__SECRET_KEY": secrets.token_urlsafe(32),
        "API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
        # Two Airflows on one machine must not meet on the default ports of the log servers.
        "LOGGING__WORKER_LOG_SERVER_PORT": str(find_free_port()),
        "LOGGING__TRIGGER_LOG_SERVER_PORT": str(find_free_port()),
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        # A worker may notice the end of a task only at its next heartbeat (5 s by default): four of them are soon busy.
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    own = {f"AIRFLOW__{name}": value for name, value in settings.items()}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    plain = {"AIRFLOW_HOME": str(files.home.resolve()), "PATH": path, "NO_COLOR": "1", "NO_PROXY": "127.0.0.1"}
    return inherited | own | plain


def _checked(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise AirflowError(f"Airflow answered {answer.status_code} to {answer.request.url.path}: {answer.text[:300]}")
    return answer.json()


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def _signal_group_leader(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(number)


def _kill_group(group_id: int) -> None:
    try:
        os.killpg(group_id, signal.SIGKILL)
    except ProcessLookupError:
        return
