"""Carrying out a plan: files ahead, one commit, a check, one tag, a check."""

import logging
import warnings
from dataclasses import dataclass
from typing import Any

from huggingface_hub import CommitInfo, CommitOperationAdd, CommitOperationDelete, HfApi

from assurai_datasets.errors import DataError
from assurai_datasets.publishing.bars import no_bars
from assurai_datasets.publishing.failures import (
    ConflictError,
    HubUnavailableError,
    Patience,
    RemoteMismatchError,
    explain,
    is_transient,
    reason_of,
    status_of,
)
from assurai_datasets.publishing.job import Job, Progress
from assurai_datasets.publishing.plan import Plan
from assurai_datasets.publishing.remote import Remote
from assurai_datasets.publishing.send import send_ahead

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Publication:
    """A plan that was carried out.

    Args:
        plan: What was planned.
        commit: The commit that has the release.
        pull_request_url: Where it waits to be merged; None when it is on `main`.
    """

    plan: Plan
    commit: str
    pull_request_url: str | None = None

    @property
    def tag(self) -> str:
        """The tag of the release; a pull request gets it when publishing is run again after the merge."""
        return self.plan.tag

    @property
    def done(self) -> bool:
        """Whether the release is on `main` under its tag."""
        return self.pull_request_url is None

    @property
    def already(self) -> bool:
        """Whether all of it was there before."""
        return self.plan.state == "published"

    def to_json(self) -> dict[str, Any]:
        """Return the object that `assurai publish --confirm --json` prints."""
        facts = {"done": self.done, "commit": self.commit, "pull_request_url": self.pull_request_url}
        return {**self.plan.to_json(), **facts}


def publish(
    plan: Plan, *, api: HfApi, progress: Progress | None = None, patience: Patience | None = None
) -> Publication:
    """Return a publication: the release as one commit and its tag, both checked against its digests.

    Whatever happens on the way, the repository has the old state or the whole new one, a tag only ever names a whole
    release, and planning and publishing again finishes the work.

    Args:
        plan: What `plan_publication` found.
        api: The client, with endpoint and token.
        progress: Told of each step.
        patience: How often to try again after 429, 5xx and lost connections.

    Raises:
        ConflictError: Somebody else committed, tagged or created the repository since the plan was made.
        AccessDeniedError: The token may not do this.
        QuotaError: The storage is full.
        HubUnavailableError: The Hub did not answer until patience ran out.
        RemoteMismatchError: The Hub holds other bytes than the release; nothing was tagged.
        DataError: A file of the release was changed meanwhile, or the Hub refuses the card.
    """
    patience = patience or Patience()
    job = Job(plan, api, patience, Remote(api, plan.repo_id, patience), progress or _say_nothing)
    with no_bars():
        if plan.pull_request and plan.state in ("update", "proposed"):
            return _propose(job)
        commit = plan.commit or _bring_to_main(job)
        if plan.state != "published":
            _check(job, commit)
            _tag(job, commit)
        _change_settings(job, plan.settings_after)
    return Publication(plan, commit)


def _say_nothing(step: str, sent: int, total: int) -> None:
    """Take note of no progress."""


def _bring_to_main(job: Job) -> str:
    _change_settings(job, job.plan.settings_before)
    parent = job.plan.head or _create(job)
    return _commit(job, parent, send_ahead(job))


def _create(job: Job) -> str:
    """Create the repository, private; return its head."""
    repo_id = job.plan.repo_id

    def ask() -> None:
        job.api.create_repo(repo_id, repo_type="dataset", private=True, exist_ok=True)

    job.patience.ask(ask, f"create {repo_id!r}")
    found = job.remote.find()
    if found is None:
        raise HubUnavailableError(f"{repo_id!r} was created but cannot be seen yet; run this again")
    others = job.remote.compare(job.plan.package, found.head).deleted
    if not found.private or others or found.tags:
        raise ConflictError(f"somebody else created {repo_id!r} in the meantime; run this again for a new plan")
    return found.head


def _change_settings(job: Job, settings: dict[str, Any]) -> None:
    if not settings:
        return
    repo_id = job.plan.repo_id
    what = f"set {', '.join(f'{name}={value!r}' for name, value in settings.items())} on {repo_id!r}"
    job.patience.ask(lambda: job.api.update_repo_settings(repo_id, repo_type="dataset", **settings), what)


def _commit(job: Job, parent: str, additions: list[CommitOperationAdd]) -> str:
    """Make the one commit; return it, also when it was made and only the answer was lost."""
    job.tell("commit")
    for last in job.patience.attempts():
        try:
            return _create_commit(job, parent, additions).oid
        except Exception as error:
            there = job.remote.commit_at("main")
            if there != parent:
                return _recognise(job, there, error)
            if last or not is_transient(error):
                raise _explain_commit(error, job.plan.repo_id) from error
            logger.warning("Trying again to commit: %s", reason_of(error))
    raise AssertionError("at least one attempt is made")


def _recognise(job: Job, there: str, error: Exception) -> str:
    """Return the commit of `main` if it is ours after all."""
    if job.remote.compare(job.plan.package, there):
        raise ConflictError(
            f"somebody else committed to {job.plan.repo_id!r} in the meantime (now at {there}); nothing was changed, "
            "run this again for a new plan"
        ) from error
    return there


def _create_commit(job: Job, parent: str, additions: list[CommitOperationAdd]) -> CommitInfo:
    package = job.plan.package
    deletions = [CommitOperationDelete(path, is_folder=False) for path in job.plan.difference.deleted]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            return job.api.create_commit(
                job.plan.repo_id,
                [*additions, *deletions],
                repo_type="dataset",
                commit_message=package.title,
                commit_description=package.mark,
                parent_commit=parent,
                create_pr=job.plan.pull_request,
            )
        finally:
            for warning in caught:
                logger.info("%s", warning.message)


def _explain_commit(error: Exception, repo_id: str) -> Exception:
    if isinstance(error, ValueError) and status_of(error) in (None, 400) and "README.md" in str(error):
        return DataError(f"the Hub refuses the card: {' '.join(str(error).split())[:300]}")
    return explain(error, f"commit to {repo_id!r}")


def _check(job: Job, revision: str) -> None:
    """Compare the digests the Hub has at a revision with those of the release."""
    job.tell("check")
    difference = job.remote.compare(job.plan.package, revision)
    if difference:
        raise RemoteMismatchError(
            f"{job.plan.repo_id!r} at {revision} differs from the release in {difference}; nothing was tagged, "
            "run this again"
        )


def _tag(job: Job, commit: str) -> None:
    """Tag the commit and check the tag; one that is there already must name the same content."""
    job.tell("tag")
    plan = job.plan

    def ask() -> None:
        job.api.create_tag(
            plan.repo_id,
            tag=plan.tag,
            tag_message=plan.package.title,
            revision=commit,
            repo_type="dataset",
            exist_ok=True,
        )

    job.patience.ask(ask, f"tag {plan.repo_id!r} with {plan.tag}")
    tagged = job.remote.tags().get(plan.tag)
    if tagged != commit and (tagged is None or job.remote.compare(plan.package, tagged)):
        raise ConflictError(f"somebody else set {plan.tag} of {plan.repo_id!r} to {tagged} in the meantime")
    _check(job, plan.tag)


def _propose(job: Job) -> Publication:
    """Open a pull request with the release, or find the one that is open."""
    found = job.remote.open_pull_request(job.plan.package)
    if found is None:
        found = _open(job, str(job.plan.head), send_ahead(job))
    commit, url = found
    _check(job, commit)
    return Publication(job.plan, commit, url)


def _open(job: Job, parent: str, additions: list[CommitOperationAdd]) -> tuple[str, str]:
    job.tell("commit")
    for last in job.patience.attempts():
        try:
            made = _create_commit(job, parent, additions)
            return made.oid, str(made.pr_url)
        except Exception as error:
            if found := job.remote.open_pull_request(job.plan.package):
                return found
            if last or not is_transient(error):
                raise _explain_commit(error, job.plan.repo_id) from error
            logger.warning("Trying again to open a pull request: %s", reason_of(error))
    raise AssertionError("at least one attempt is made")
