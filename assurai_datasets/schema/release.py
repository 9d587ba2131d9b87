"""The manifest of a release: the content of `release.json`."""

from typing import Annotated, Literal

from pydantic import Field

from assurai_datasets.schema.delivery import LabelDeclaration
from assurai_datasets.schema.instance import InstanceId
from assurai_datasets.schema.policy import Policy
from assurai_datasets.schema.record import Many, Record, Sha256, Text
from assurai_datasets.schema.times import Time

RELEASE_FORMAT = "assurai-release/1"
SCHEMA_VERSION = "1"
LAYOUT_VERSION = "1"
"""Version of what the documents of a release say and how: card, Croissant, figures."""
Count = Annotated[int, Field(ge=0)]
Version = Annotated[
    str,
    Field(pattern=r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$", max_length=32, description="SemVer."),
]


class ReleaseFile(Record):
    """One file of a release as it was packed."""

    path: Text = Field(description="Path inside the release, with forward slashes.")
    bytes: Count
    sha256: Sha256


class Split(Record):
    """One split of a config: its rows, their logical digest, its files."""

    rows: Count
    digest: Sha256 = Field(description="Digest of all rows, whatever their order and files.")
    files: Many[Text]


class Config(Record):
    """One config of a release."""

    splits: dict[Text, Split]


class Source(Record):
    """A delivery that went into the release, known by what it said and not by where it lay."""

    name: Text
    instances: Count
    digest: Sha256


class LeftOut(Record):
    """A delivered instance that did not enter, and why."""

    instance_id: InstanceId
    reason: Text


class Retraction(Record):
    """A withdrawn instance: it stays away from every later release."""

    instance_id: InstanceId
    reason: Text
    date: Time


class CleanedMedium(Record):
    """A medium whose private metadata was removed: the digest it was delivered with and what went."""

    instance_id: InstanceId
    field: Text = Field(description="`media` or `responses.<position>.media`.")
    delivered_sha256: Sha256
    sha256: Sha256
    removed: Many[Text]


class UncleanedMedium(Record):
    """A medium that is packed with the private metadata it was delivered with."""

    instance_id: InstanceId
    field: Text = Field(description="`media` or `responses.<position>.media`.")
    sha256: Sha256
    private: Many[Text]


class Previous(Record):
    """The release this one was compared with."""

    version: Version
    digest: Sha256 = Field(description="Digest of its manifest.")


class Release(Record):
    """The manifest of a release: the content of `release.json`."""

    format: Literal["assurai-release/1"]
    name: Text
    version: Version
    date: Time | None = None
    schema_version: Text
    taxonomy_version: Text
    layout_version: Text = Field("1", description="Version of what the documents of the release say and how.")
    canary: Text = Field(description="UUID to search training data for; the same in every version of a dataset.")
    licenses: Many[Text]
    languages: Many[Text]
    policy: Policy
    labels: dict[Text, LabelDeclaration] = Field(
        {}, description="Foreign annotation labels, as the deliveries declare."
    )
    configs: dict[Text, Config]
    files: Many[ReleaseFile] = Field(description="Every other file of the release.")
    sources: Many[Source]
    previous: Previous | None = None
    left_out: Many[LeftOut] = ()
    retractions: Many[Retraction] = ()
    cleaned_media: Many[CleanedMedium] = ()
    uncleaned_media: Many[UncleanedMedium] | None = Field(
        None,
        description="Media that kept private metadata, where the build was told not to clean; absent where it cleaned.",
    )
    digest: Sha256 = Field(description="Digest of this manifest without this field, as canonical JSON.")
