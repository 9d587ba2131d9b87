"""Publish: verify, plan, compare with what is there, and carry it out."""

from pathlib import Path
from typing import NamedTuple

from huggingface_hub import HfApi

from assurai_datasets.errors import DataError
from assurai_datasets.publishing import Patience, Plan, Publication, plan_publication
from assurai_datasets.publishing import publish as carry_out
from assurai_datasets.publishing.job import Progress
from assurai_datasets.publishing.plan import Gating
from assurai_datasets.release import verify_release


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


def plan_release(
    release: str | Path,
    repo_id: str,
    settings: PublishSettings | None = None,
    *,
    api: HfApi | None = None,
    patience: Patience | None = None,
) -> Plan:
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
    return plan_publication(
        release,
        repo_id,
        api=api or HfApi(),
        public=asked.public,
        gated=asked.gated,
        pull_request=asked.pull_request,
        patience=patience,
    )


def publish_release(
    plan: Plan, *, api: HfApi | None = None, progress: Progress | None = None, patience: Patience | None = None
) -> Publication:
    """Return the publication that a plan came to: one commit and one tag, both checked.

    Args:
        plan: What `plan_release` found.
        api: The client of the Hub, with endpoint and token; by default with those of the user.
        progress: Told of each step.
        patience: How often to try again after 429, 5xx and lost connections.

    Raises:
        DataError: A file of the release was changed meanwhile, or the Hub refuses the card.
        PublishingError: The Hub does not let this be done, or does not answer; running it again goes on.
    """
    return carry_out(plan, api=api or HfApi(), progress=progress, patience=patience)


def _verify(release: Path) -> None:
    problems = verify_release(release).problems
    if problems:
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise DataError(
            f"{str(release)!r} does not verify: {problems[0].file}: {problems[0].what}{more}; assurai verify lists all"
        )
