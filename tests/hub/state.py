"""Everything one Hub knows, and one request as a route sees it."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.hub.accounts import Accounts, Token
from tests.hub.answers import Answer, RefusalError
from tests.hub.objects import Objects
from tests.hub.repository import Entry, Repository

QUOTA_MESSAGE = (
    "Private repository storage limit reached, please upgrade your plan to increase your private storage limit."
)


@dataclass
class State:
    """The accounts, repositories and objects of a Hub; a route runs under the lock."""

    folder: Path
    endpoint: str = ""
    storage: str = ""
    page_size: int = 1000
    accounts: Accounts = field(default_factory=Accounts)
    repositories: dict[tuple[str, str], Repository] = field(default_factory=dict)
    quota_bytes: dict[str, int] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @cached_property
    def objects(self) -> Objects:
        return Objects(self.folder)

    def repository(self, kind: str, repo_id: str) -> Repository:
        found = self.repositories.get((kind, repo_id))
        if found is None:
            raise RefusalError(404, "RepoNotFound", "Repository not found")
        return found

    def require_room(self, repository: Repository, more_bytes: int = 0) -> None:
        """Refuse what does not fit into the private storage of the namespace; full is full even for nothing."""
        quota = self.quota_bytes.get(repository.namespace)
        if quota is None or not repository.private:
            return
        used = sum(self._stored(each) for each in self.repositories.values() if each.namespace == repository.namespace)
        if used >= quota or used + more_bytes > quota:
            raise RefusalError(403, None, QUOTA_MESSAGE)

    @staticmethod
    def _stored(repository: Repository) -> int:
        large: dict[str, Entry] = {
            entry.sha256: entry
            for commit in repository.commits.values()
            for entry in commit.files.values()
            if entry.sha256
        }
        return sum(entry.size for entry in large.values()) if repository.private else 0


@dataclass(frozen=True)
class Call:
    """A request: the parts a route needs."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    body: bytes
    caller: Token | None
    state: State

    @cached_property
    def json(self) -> Any:
        try:
            return json.loads(self.body or b"{}")
        except ValueError as error:
            raise RefusalError(400, None, f"Malformed JSON: {error}") from error

    def flag(self, name: str) -> bool:
        return self.query.get(name, [""])[0].lower() in ("1", "true")

    def writable(self, kind: str, repo_id: str) -> Repository:
        repository = self.state.repository(kind, repo_id)
        self.state.accounts.require_write(self.caller, repository, pull_request=self.flag("create_pr"))
        return repository

    def readable(self, kind: str, repo_id: str) -> Repository:
        found = self.state.repositories.get((kind, repo_id))
        if found is None:
            raise RefusalError(404 if self.caller else 401, "RepoNotFound", "Repository not found")
        self.state.accounts.require_read(self.caller, found)
        return found


Route = Callable[..., Answer]
