"""Every check of validation over an intake, under a policy."""

from collections.abc import Iterator

from assurai_datasets.formats.intake import Intake
from assurai_datasets.schema.issue import Issue
from assurai_datasets.schema.policy import Policy
from assurai_datasets.validation.annotations import check_annotations
from assurai_datasets.validation.annotators import check_annotators
from assurai_datasets.validation.instances import check_instances
from assurai_datasets.validation.media import MediaChecks, check_media
from assurai_datasets.validation.media_duplicates import check_media_duplicates
from assurai_datasets.validation.near_texts import check_near_texts
from assurai_datasets.validation.texts import check_texts


def check_intake(intake: Intake, policy: Policy, media: MediaChecks) -> Iterator[Issue]:
    """Yield every issue of the rows and the media of an intake.

    Args:
        intake: Rows that were read; what is learnt of their media is kept in it.
        policy: What a release must meet.
        media: How deeply media are checked, and by how many processes.
    """
    yield from check_instances(intake)
    yield from check_texts(intake)
    yield from check_near_texts(intake)
    yield from check_annotations(intake, policy)
    yield from check_annotators(intake)
    yield from check_media(intake, media)
    yield from check_media_duplicates(intake)
