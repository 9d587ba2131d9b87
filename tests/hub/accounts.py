"""Who may do what: users, organisations, and tokens that read or write."""

from dataclasses import dataclass, field
from typing import Any

from tests.hub.answers import RefusalError
from tests.hub.repository import Repository


@dataclass(frozen=True)
class Token:
    user: str
    scope: str


@dataclass
class Accounts:
    """Users with the organisations they belong to, tokens, and who was let into gated repositories."""

    orgs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    granted: set[tuple[str, str]] = field(default_factory=set)

    def add(self, user: str, token: str, *, scope: str = "write", orgs: tuple[str, ...] = ()) -> str:
        self.orgs.setdefault(user, orgs)
        self.tokens[token] = Token(user, scope)
        return token

    def caller(self, authorization: str | None) -> Token | None:
        """Return whose token a request carries; raises 401 for one nobody has."""
        if authorization is None:
            return None
        token = self.tokens.get(authorization.removeprefix("Bearer "))
        if token is None:
            raise RefusalError(401, None, "Invalid credentials in Authorization header")
        return token

    def belongs(self, caller: Token | None, namespace: str) -> bool:
        return caller is not None and (namespace == caller.user or namespace in self.orgs[caller.user])

    def describe(self, caller: Token | None) -> dict[str, Any]:
        if caller is None:
            raise RefusalError(401, None, "Invalid username or password.")
        orgs = [{"type": "org", "name": name, "fullname": name} for name in self.orgs[caller.user]]
        auth = {"type": "access_token", "accessToken": {"displayName": "test", "role": caller.scope}}
        return {"type": "user", "name": caller.user, "fullname": caller.user, "orgs": orgs, "auth": auth}

    def require_namespace(self, caller: Token | None, namespace: str, kind: str) -> None:
        self.describe(caller)
        if caller is None or caller.scope != "write" or not self.belongs(caller, namespace):
            message = f'You don\'t have the rights to create a {kind} under the namespace "{namespace}"'
            raise RefusalError(403, None, message)

    def require_read(self, caller: Token | None, repository: Repository) -> None:
        if repository.private and not self.belongs(caller, repository.namespace):
            status = 404 if caller else 401
            raise RefusalError(status, "RepoNotFound", "Repository not found")

    def require_files(self, caller: Token | None, repository: Repository) -> None:
        """Refuse the files of a gated repository, whose listing anybody may read."""
        self.require_read(caller, repository)
        if not repository.gated or self.belongs(caller, repository.namespace):
            return
        if caller is None or (caller.user, repository.repo_id) not in self.granted:
            place = f"{repository.kind} {repository.repo_id}"
            message = f"Access to {place} is restricted and you are not in the authorized list."
            raise RefusalError(403 if caller else 401, "GatedRepo", message)

    def require_write(self, caller: Token | None, repository: Repository, *, pull_request: bool = False) -> None:
        self.require_read(caller, repository)
        self.describe(caller)
        if caller is None or caller.scope != "write":
            raise RefusalError(403, None, "Forbidden: you must use a write token to upload to a repository.")
        if not pull_request and not self.belongs(caller, repository.namespace):
            message = "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request"
            raise RefusalError(403, None, message)
