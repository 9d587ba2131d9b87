"""Publish: verify, plan, compare with what is there, and carry it out."""

import logging
import re
from pathlib import Path
from typing import Any, NamedTuple

from huggingface_hub import HfApi

from assurai_datasets.errors import AssuraiError, DataError
from assurai_datasets.publishing import Patience, Plan, Publication, plan_publication
from assurai_datasets.publishing import publish as carry_out
from assurai_datasets.publishing.job import Progress
from assurai_datasets.publishing.plan import Gating
from assurai_datasets.publishing.published_tables import fetch_published_tables
from assurai_datasets.release import Diff, diff_releases
from assurai_datasets.release.versions import numbers_of
from assurai_datasets.workflow.verify import verify

_log = logging.getLogger(__name__)
_TAG = re.compile(r"v(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}")


class PublishSettings(NamedTuple):
    """How a release is published.

    Attributes:
        public: Whether everybody sees it; otherwise the repository stays, or is made, private.
        gated: What readers are asked for: `auto` lets them in once they agree, `manual` after a look; None leaves what
            is there.
        pull_request: Whether a pull request is opened instead of a commit to `main`.
    """

    public: bool = False
    gated: Gating | None = None
    pull_request: bool = False


class Proposal(NamedTuple):
    """What publishing a release will do.

    Attributes:
        plan: The steps, the files and the settings.
        diff: What changed since the version published before this one; None where there is none to compare with.
    """

    plan: Plan
    diff: Diff | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the object that `assurai publish --json` prints before anything is done."""
        return {**self.plan.to_json(), "diff": _ids_and_fields(self.diff)}


def plan_release(
    release: str | Path,
    repo_id: str,
    settings: PublishSettings | None = None,
    *,
    api: HfApi | None = None,
    patience: Patience | None = None,
) -> Proposal:
    """Return what publishing a release will do; it was verified, and nothing is changed.

    Args:
        release: The folder of the release.
        repo_id: `org/name`.
        settings: How it is published.
        api: The client of the Hub, with endpoint and token; by default with those of the user.
        patience: How often to ask again.

    Raises:
        UsageError: The folder is no release, or `repo_id` is not `org/name`.
        DataError: The release does not verify, or must not be published as asked.
        PublishingError: The Hub does not let this be done, or does not answer.
    """
    asked = settings or PublishSettings()
    _verify(Path(release))
    api = api or HfApi()
    plan = plan_publication(
        release,
        repo_id,
        api=api,
        public=asked.public,
        gated=asked.gated,
        pull_request=asked.pull_request,
        patience=patience,
    )
    return Proposal(plan, _changes(Path(release), plan, api, patience))


def publish_release(
    proposal: Proposal, *, api: HfApi | None = None, progress: Progress | None = None, patience: Patience | None = None
) -> Publication:
    """Return the publication that a proposal came to: one commit and one tag, both checked.

    Args:
        proposal: What `plan_release` found.
        api: The client of the Hub, with endpoint and token; by default with those of the user.
        progress: Told of each step.
        patience: How often to try again after 429, 5xx and lost connections.

    Raises:
        DataError: A file of the release was changed meanwhile, or the Hub refuses the card.
        PublishingError: The Hub does not let this be done, or does not answer; running it again goes on.
    """
    return carry_out(proposal.plan, api=api or HfApi(), progress=progress, patience=patience)


def _verify(release: Path) -> None:
    problems = verify(release).problems
    if problems:
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise DataError(
            f"{str(release)!r} does not verify: {problems[0].file}: {problems[0].what}{more}; assurai verify lists all"
        )


def _changes(release: Path, plan: Plan, api: HfApi, patience: Patience | None) -> Diff | None:
    """Return what changed since the version published before; a version that cannot be compared stops nothing."""
    before = _version_before(plan)
    if before is None or plan.state == "published":
        return None
    try:
        return diff_releases(fetch_published_tables(plan.repo_id, before, api=api, patience=patience), release)
    except AssuraiError as error:
        _log.warning("cannot say what changed since %s: %s", before, error)
        return None


def _version_before(plan: Plan) -> str | None:
    """Return the tag of the highest published version below that of a plan."""
    numbers = {numbers_of(tag[1:]): tag for tag in plan.tags if _TAG.fullmatch(tag)}
    below = [version for version in numbers if version < numbers_of(plan.package.version)]
    return numbers[max(below)] if below else None


def _ids_and_fields(diff: Diff | None) -> dict[str, Any] | None:
    """Return a diff without the old and new values, which may be long and are there for `assurai diff` to show."""
    if diff is None:
        return None
    return {name: value for name, value in diff.to_json().items() if name != "fields"}
