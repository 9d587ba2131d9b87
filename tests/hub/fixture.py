"""The fixture `hub`: a loopback Hub with accounts, and ways to use it in this process and in another one."""

import hashlib
import os
import subprocess
import sys
import time
import types
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from huggingface_hub import HfApi
from huggingface_hub.utils import close_session

from tests.hub.faults import Fault, Request
from tests.hub.repository import Entry, create_repository, upload_mode
from tests.hub.server import LoopbackHub

ORG = "assurai-lab"
HASTE = {"HF_XET_CLIENT_RETRY_BASE_DELAY": "10ms", "HF_XET_CLIENT_RETRY_MAX_ATTEMPTS": "2"}
"""Hurry hf_xet, which by itself tries for a minute; it reads this when it is first used."""
os.environ.update(HASTE)


class TestHub(LoopbackHub):
    """A loopback Hub with one owner (a writing and a reading token), one stranger, one organisation."""

    __test__ = False
    org = ORG

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "hub")
        self.home = folder / "home"
        accounts = self.state.accounts
        self.token = accounts.add("owner", "hf_ownerwritetokenownerwritetoken", orgs=(ORG,))
        self.read_token = accounts.add("owner", "hf_ownerreadtokenownerreadtoken00", scope="read")
        self.other_token = accounts.add("stranger", "hf_strangerwritetokenstrangerwrit")

    def api(self, token: str | bool | None = None) -> HfApi:
        """Return a client of this Hub in this process: the owner's, that of another token, or (False) nobody's."""
        return HfApi(endpoint=self.endpoint, token=self.token if token is None else token)

    def environment(self, *, token: str | None = None, xet: bool = True, offline: bool = False) -> dict[str, str]:
        """Return the environment for a process that takes this Hub for the real one; `token=""` is nobody."""
        settings = {
            "HF_ENDPOINT": self.endpoint,
            "HF_HOME": str(self.home),
            "HF_TOKEN": self.token if token is None else token,
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_UPDATE_DOWNLOAD_COUNTS": "0",
            "HF_HUB_DISABLE_XET": "0" if xet else "1",
            "HF_HUB_OFFLINE": "1" if offline else "0",
            **HASTE,
        }
        return {**_without_hub(os.environ), **{name: value for name, value in settings.items() if value}}

    def run(self, code: str, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
        """Run Python code in a fresh process against this Hub; `settings` are those of `environment`."""
        environment = self.environment(**settings)  # type: ignore[arg-type]
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    def inject(self, kind: str, **where: object) -> None:
        """Commit a fault: see `tests.hub.faults.Fault`."""
        self.faults.inject(Fault(kind, **where))  # type: ignore[arg-type]

    def asked(self, method: str = "", path: str = "") -> list[Request]:
        """Return the requests so far whose method begins with, and whose path contains, what is given."""
        return [request for request in self.log if request.method.startswith(method) and path in request.path]

    def put(self, repo_id: str, files: Mapping[str, bytes], *, tag: str | None = None, private: bool = False) -> str:
        """Make these files the whole content of a dataset, without any client; return the commit."""
        key = ("dataset", repo_id)
        if key not in self.state.repositories:
            self.state.repositories[key] = create_repository(*key, private, "owner")
        repository = self.state.repositories[key]
        entries = {path: self._entry(path, content) for path, content in files.items()}
        commit = repository.commit("main", entries, title="Put", message="", author="owner")
        if tag:
            repository.tags[tag] = commit.oid
        return commit.oid

    def _entry(self, path: str, content: bytes) -> Entry:
        if upload_mode(path, len(content), content[:512]) == "regular":
            return Entry.regular(content)
        sha256 = hashlib.sha256(content).hexdigest()
        self.state.objects.put(sha256, content)
        return Entry.large(sha256, len(content))

    def tags(self, repo_id: str) -> dict[str, str]:
        return dict(self.state.repository("dataset", repo_id).tags)

    def files(self, repo_id: str, revision: str = "main") -> dict[str, bytes]:
        """Return path and content of every file of a dataset at a revision."""
        entries = self.state.repository("dataset", repo_id).resolve(revision).files
        return {path: self._content(entry) for path, entry in entries.items()}

    def _content(self, entry: Entry) -> bytes:
        if entry.content is not None:
            return entry.content
        assert entry.sha256
        return self.state.objects.path(entry.sha256).read_bytes()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the client of huggingface_hub 2.x use what its own HTTP library deprecates: LFS uploads do."""
    for item in items:
        if {"hub", "transfer"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"))


def _without_hub(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(("HF_", "HUGGING"))}


@pytest.fixture
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestHub]:
    hub = TestHub(tmp_path_factory.mktemp("loopback"))
    yield hub
    close_session()
    hub.close()


@pytest.fixture(params=["xet", "lfs"])
def transfer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the test once with Xet on and once with plain LFS."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", request.param == "lfs")
    return str(request.param)


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client try again at once after 429, 5xx and lost connections."""
    instant = types.SimpleNamespace(time=time.time, sleep=lambda wait_s: None)
    monkeypatch.setattr("huggingface_hub.utils._http.time", instant)
