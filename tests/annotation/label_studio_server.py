"""A real Label Studio on loopback, in an environment of its own that is made once and kept in `.venvs/`."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.environments import environment_python

REQUIREMENTS = ("label-studio==1.23.2",)
LEAD = "lead@example.org"
PASSWORD = "loopback-only-1"
START_S = 180


class Account:
    """A person with an account, who speaks to the server with a personal access token."""

    def __init__(self, address: str, email: str, page: str) -> None:
        self.email = email
        self._http = httpx2.Client(base_url=address, timeout=60, follow_redirects=True)
        self._http.get(page)
        form = {"email": email, "password": PASSWORD, "csrfmiddlewaretoken": self._http.cookies["csrftoken"]}
        self._http.post(page, data=form, headers={"Referer": address + page}).raise_for_status()
        refresh = self._post("/api/token/", {}, self._session_headers(address))["token"]
        access = self._post("/api/token/refresh", {"refresh": refresh}, {})["access"]
        self._http.cookies.clear()
        self._http.headers["Authorization"] = f"Bearer {access}"

    def post(self, path: str, body: Any) -> Any:
        return self._post(path, body, {})

    def get(self, path: str, **query: Any) -> httpx2.Response:
        answer = self._http.get(path, params=query or None)
        answer.raise_for_status()
        return answer

    def close(self) -> None:
        self._http.close()

    def _session_headers(self, address: str) -> dict[str, str]:
        return {"X-CSRFToken": self._http.cookies["csrftoken"], "Referer": address}

    def _post(self, path: str, body: Any, headers: Mapping[str, str]) -> Any:
        answer = self._http.post(path, json=body, headers=headers)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()


@contextmanager
def label_studio(folder: Path, documents: Path) -> Iterator[str]:
    """Give the address of a server that keeps everything in a folder and serves documents from another."""
    python = environment_python("label-studio", REQUIREMENTS)
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    command = [str(Path(python).with_name("label-studio")), "start", "--no-browser", "--port", str(port)]
    command += ["--internal-host", "127.0.0.1", "--host", address, "--username", LEAD, "--password", PASSWORD]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command, env=_environment(folder, documents), stdout=log, stderr=log, cwd=folder, start_new_session=True
        )
        try:
            _wait(address, server, folder / "server.log")
            yield address
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)


def _environment(folder: Path, documents: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "TMPDIR")}
    return {
        **kept,
        "HOME": str(folder),
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder / "data"),
        "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "true",
        "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT": str(documents),
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx2.get(f"{address}/health", timeout=5).is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.5)
    raise AssertionError(f"Label Studio did not start: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
