"""Getting a release to the Hub whole or not at all, and back."""

from assurai_datasets.publishing.download import download_release
from assurai_datasets.publishing.failures import (
    AccessDeniedError,
    ConflictError,
    HubUnavailableError,
    Patience,
    PublicationRefusedError,
    PublishingError,
    QuotaError,
    RemoteMismatchError,
)
from assurai_datasets.publishing.plan import Plan, plan_publication
from assurai_datasets.publishing.publish import Publication, publish

__all__ = [
    "AccessDeniedError",
    "ConflictError",
    "HubUnavailableError",
    "Patience",
    "Plan",
    "Publication",
    "PublicationRefusedError",
    "PublishingError",
    "QuotaError",
    "RemoteMismatchError",
    "download_release",
    "plan_publication",
    "publish",
]
