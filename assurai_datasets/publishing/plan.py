"""What a publication will do, found out without changing anything."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from huggingface_hub import HfApi

from assurai_datasets.errors import UsageError
from assurai_datasets.publishing.failures import (
    LOGIN,
    AccessDeniedError,
    ConflictError,
    Patience,
    PublicationRefusedError,
)
from assurai_datasets.publishing.package import Package, read_package
from assurai_datasets.publishing.remote import Difference, Remote, Repository

Gating = Literal["auto", "manual"]
State = Literal["new", "update", "proposed", "committed", "published"]
REPO_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9_][\w.-]*")
NOTHING = Difference((), (), ())


@dataclass(frozen=True)
class Plan:
    """What publishing a release will do to a repository.

    Args:
        repo_id: `org/name`.
        package: The release and its files.
        state: `new`: there is no repository yet; `update`: one commit is needed; `proposed`: an open pull request has
            it; `committed`: the commit is there and only the tag is missing; `published`: all is there.
        public: Whether everybody will see it.
        gated: The gating asked for; None leaves what is there.
        pull_request: Whether a pull request is opened instead of a commit to `main`.
        head: The commit of `main` the plan stands on; None where there is no repository.
        commit: The commit that already has the release, or None.
        difference: The files the commit adds, changes and deletes.
        settings_before: Settings changed before anything is sent.
        settings_after: Settings changed when all is done.
        tags: The tags that are there.
    """

    repo_id: str
    package: Package = field(repr=False)
    state: State
    public: bool
    gated: Gating | None
    pull_request: bool
    head: str | None
    commit: str | None
    difference: Difference
    settings_before: dict[str, Any] = field(default_factory=dict)
    settings_after: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """The tag of the release: `v1.2.0`."""
        return self.package.tag

    @property
    def bytes(self) -> int:
        """How much is sent at most; what the Hub has already under another name is not sent again."""
        sent = (*self.difference.added, *self.difference.changed)
        return sum(self.package.files[path].bytes for path in sent)

    def to_json(self) -> dict[str, Any]:
        """Return the object that `assurai publish --json` prints before anything is done."""
        plan = {
            "add": list(self.difference.added),
            "change": list(self.difference.changed),
            "delete": list(self.difference.deleted),
            "bytes": self.bytes,
            "state": self.state,
            "visibility": "public" if self.public else "private",
            "gated": self.gated,
            "pull_request": self.pull_request,
            "tags": list(self.tags),
        }
        return {"repo": self.repo_id, "tag": self.tag, "plan": plan, "done": False, "commit": None}


def plan_publication(
    release_dir: str | Path,
    repo_id: str,
    *,
    api: HfApi,
    public: bool = False,
    gated: Gating | None = None,
    pull_request: bool = False,
    patience: Patience | None = None,
) -> Plan:
    """Return what publishing a release to a dataset repository will do; nothing is changed.

    Args:
        release_dir: The release; it is taken to be verified.
        repo_id: `org/name`.
        api: The client, with endpoint and token.
        public: Let everybody see it; otherwise it stays, or is made, private.
        gated: Ask readers for their consent: `auto` lets them in at once, `manual` after a look.
        pull_request: Open a pull request instead of committing to `main`.
        patience: How often to ask again.

    Raises:
        UsageError: `repo_id` is not `org/name`, or the folder is no release.
        DataError: A file of the release is not as listed.
        PublicationRefusedError: No date; the tag stands for other content; the repository is public and `public` is
            not said; a pull request to a repository that does not exist.
        AccessDeniedError: The token is missing, only reads, or has no say in that organisation.
        ConflictError: An interrupted publication of this release lies under commits of others.
        HubUnavailableError: The Hub does not answer.
    """
    if not REPO_ID.fullmatch(repo_id):
        raise UsageError(f"the repository must be 'org/name', not {repo_id!r}")
    if gated not in (None, "auto", "manual"):
        raise UsageError(f"gated must be 'auto' or 'manual', not {gated!r}")
    package = read_package(Path(release_dir))
    if package.date is None:
        raise PublicationRefusedError(
            f"{str(release_dir)!r} has no date, so nobody could say when it was made; build it with --date YYYY-MM-DD"
        )
    patience = patience or Patience()
    remote = Remote(api, repo_id, patience)
    _check_token(api, repo_id, patience, pull_request=pull_request)
    found = remote.find()
    if found is None:
        return _plan_new(package, repo_id, public, gated, pull_request)
    state, commit, difference = _progress(remote, package, found, pull_request)
    if not found.private and not public and state != "published":
        raise PublicationRefusedError(f"{repo_id!r} is public; say --public to publish there, or make it private first")
    before, after = ({}, {}) if pull_request else _settings(found, public, gated)
    return Plan(
        repo_id,
        package,
        state,
        public=public or not found.private,
        gated=gated,
        pull_request=pull_request,
        head=found.head,
        commit=commit,
        difference=difference,
        settings_before=before,
        settings_after=after,
        tags=tuple(sorted(found.tags)),
    )


def _check_token(api: HfApi, repo_id: str, patience: Patience, *, pull_request: bool) -> None:
    who = patience.ask(lambda: api.whoami(), "find out whose token this is")
    role = who.get("auth", {}).get("accessToken", {}).get("role")
    if role == "read":
        raise AccessDeniedError(f"the token of {who['name']!r} may only read; {LOGIN}")
    namespaces = [who["name"], *(org["name"] for org in who.get("orgs", []))]
    namespace = repo_id.split("/")[0]
    if namespace not in namespaces and not pull_request and role == "write":
        raise AccessDeniedError(
            f"{who['name']!r} does not belong to {namespace!r}, if there is such an organisation; "
            f"this token can publish to {', '.join(map(repr, namespaces))}"
        )


def _plan_new(package: Package, repo_id: str, public: bool, gated: Gating | None, pull_request: bool) -> Plan:
    if pull_request:
        raise PublicationRefusedError(f"there is no {repo_id!r} to open a pull request on; publish without --pr first")
    _, after = _settings(Repository("", True, False, {}), public, gated)
    difference = Difference(tuple(package.files), (), ())
    return Plan(repo_id, package, "new", public, gated, False, None, None, difference, settings_after=after)


def _progress(
    remote: Remote, package: Package, found: Repository, pull_request: bool
) -> tuple[State, str | None, Difference]:
    """Return how far this release already is, the commit that has it, and what is still to be changed."""
    if package.tag in found.tags:
        _check_tag(remote, package, found.tags[package.tag])
        return "published", found.tags[package.tag], NOTHING
    difference = remote.compare(package, found.head)
    if not difference:
        return "committed", found.head, NOTHING
    ours = remote.commit_of(package)
    if ours not in (None, found.head):
        raise ConflictError(
            f"{remote.repo_id!r} has an unfinished publication of {package.version}, commit {ours}, and somebody has "
            f"committed on top of it since; look at their commit {found.head}, and revert it or raise the version"
        )
    proposed = remote.open_pull_request(package) if pull_request else None
    return ("proposed", proposed[0], NOTHING) if proposed else ("update", None, difference)


def _check_tag(remote: Remote, package: Package, commit: str) -> None:
    difference = remote.compare(package, commit)
    if difference:
        raise PublicationRefusedError(
            f"{package.tag} of {remote.repo_id!r} is published with other content ({difference}); "
            "a published version never changes, so raise the version and build again"
        )


def _settings(found: Repository, public: bool, gated: Gating | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what to set before and after: nothing becomes visible to more people before all is there."""
    gating = {"gated": gated} if gated and found.gated != gated else {}
    opening = {"private": False} if public and found.private else {}
    return ({}, {**gating, **opening}) if found.private else (gating, {})
