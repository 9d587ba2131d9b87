"""The responsible-AI vocabulary of Croissant (RAI 1.0), filled from the facts of a release."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from assurai_datasets.release.coefficients import estimate
from assurai_datasets.release.facts import Facts
from assurai_datasets.schema.release import Release

FIELDS = (
    "annotationsPerItem",
    "annotatorDemographics",
    "dataAnnotationAnalysis",
    "dataAnnotationPlatform",
    "dataAnnotationProtocol",
    "dataBiases",
    "dataCollection",
    "dataCollectionMissingData",
    "dataCollectionRawData",
    "dataCollectionTimeFrame",
    "dataCollectionType",
    "dataImputationProtocol",
    "dataLimitations",
    "dataManipulationProtocol",
    "dataPreprocessingProtocol",
    "dataReleaseMaintenancePlan",
    "dataSocialImpact",
    "dataUseCases",
    "machineAnnotationTools",
    "personalSensitiveInformation",
)
"""Every property of the vocabulary, without its prefix."""
_ALWAYS: Mapping[str, Any] = MappingProxyType(
    {
        "dataCollectionMissingData": (
            "Fields that a supplier did not give are null. Rows that broke a rule stopped the build; "
            "instances left out are listed in release.json with the reason."
        ),
        "dataImputationProtocol": "Nothing is imputed: a value that is not known is null.",
        "dataPreprocessingProtocol": [
            "Names of risk factors and prompt types are resolved to those of the taxonomy.",
            "Scores of a source that declares the opposite polarity are turned, so that 1 is risk and 5 is safe.",
            "Private metadata is removed from media unless the release says otherwise; pixels and samples stay.",
        ],
        "dataUseCases": [
            "Evaluating whether a generative model answers risky, borderline and harmless requests safely.",
            "Comparing safeguards; training annotators and judges of safety; studying where judgements differ.",
            "Not for training a model that is to be evaluated with these instances, and not for attacking systems.",
        ],
        "dataLimitations": [
            "Results say little about other languages; laws, institutions and sensitivities change.",
            "Risk factors, modalities and prompt types are filled unevenly; an average is one over this mixture.",
            "One risk factor is assigned to each instance, though many touch several.",
            "Published instances may have been seen in training; the canary helps to find out.",
        ],
        "dataBiases": [
            "Safety is judged by people of one country with a short scale; a mean hides disagreement.",
            "Instances were written to provoke unsafe answers and are no sample of what users ask.",
        ],
        "dataSocialImpact": (
            "Meant to find harm before users do. The same instances could be misused to provoke it, and reading them "
            "is a burden; access may be gated, and displays warn and blur."
        ),
        "personalSensitiveInformation": [
            "Instances are about violence, hate, sexual matters, self-harm, crime and other sensitive subjects.",
            "Texts were searched for personal data by program, which misses cases; "
            "annotators and reviewers appear under pseudonyms.",
        ],
        "dataReleaseMaintenancePlan": (
            "Releases are immutable and versioned as in semantic versioning: patch for packaging, minor for additions, "
            "major where instances changed. CHANGELOG.md names the changes. A withdrawn instance leaves its id, the "
            "reason and the date in every later release."
        ),
    }
)
_STAGES = MappingProxyType(
    {
        "seed": ("Expert curation", "experts wrote seed instances"),
        "crowd": ("Crowdsourcing", "trained crowd workers wrote instances after them"),
        "automated": ("Software collection", "programs derived instances from others"),
    }
)


class Completeness(NamedTuple):
    """How much of the vocabulary is filled.

    Attributes:
        score: Share of the properties that have a value, from 0 to 1.
        empty: Names of those that have none.
    """

    score: float
    empty: tuple[str, ...]


def completeness(properties: Mapping[str, Any]) -> Completeness:
    """Return how much of the vocabulary some properties, named with or without the prefix `rai:`, fill."""
    filled = {name.removeprefix("rai:") for name, value in properties.items() if value}
    empty = tuple(name for name in FIELDS if name not in filled)
    return Completeness(round(1 - len(empty) / len(FIELDS), 4), empty)


def rai_properties(manifest: Release, facts: Facts) -> dict[str, Any]:
    """Return the properties that the facts of a release fill, by name without the prefix.

    What deliveries do not tell stays empty: who the annotators are, on which platform they worked, when the instances
    were collected.
    """
    return dict(sorted({**_ALWAYS, **_collection(manifest, facts), **dict(_annotation(facts))}.items()))


def _collection(manifest: Release, facts: Facts) -> dict[str, Any]:
    known = [(_STAGES[stage], n) for stage, n in facts.stages.items() if stage in _STAGES]
    told = "; ".join(f"{words} ({n:,})" for (_, words), n in known) or "suppliers delivered instances"
    sources = ", ".join(f"{source.name} ({source.instances:,})" for source in manifest.sources)
    n = len(manifest.cleaned_media)
    cleaned = f"; private metadata was removed from {n:,} media" if n else ""
    if manifest.uncleaned_media is not None:
        cleaned = f"; media were not cleaned, and {len(manifest.uncleaned_media):,} carry private metadata"
    kinds = [kind for (kind, _), _ in known] or ["Others"]
    return {
        "dataCollection": f"{told[0].upper()}{told[1:]}.",
        "dataCollectionType": kinds,
        "dataCollectionRawData": f"Deliveries, with the number of their instances: {sources}.",
        "dataManipulationProtocol": f"Instances are packed as delivered, or as the review revised them{cleaned}.",
    }


def _annotation(facts: Facts) -> Iterator[tuple[str, Any]]:
    if not facts.agreement:
        return
    by = ", ".join(f"{n:,} by {judges}" for judges, n in facts.annotations.items())
    yield "annotationsPerItem", f"Instances by number of annotators: {by}."
    labels = ", ".join(facts.agreement)
    protocol = [
        f"Annotators judged independently; labels: {labels}. safety_score runs from 1, risk, to 5, safe.",
        "The single judgements are in the config annotations; safety_score of an instance is their mean.",
    ]
    if facts.reviews is not None:
        told = f"Experts reviewed {facts.reviews.instances:,} instances in {facts.reviews.events:,} recorded steps."
        protocol.append(told)
    yield "dataAnnotationProtocol", protocol
    yield (
        "dataAnnotationAnalysis",
        [
            f"{name} ({a.level}): Krippendorff's alpha {estimate(a.krippendorff_alpha)}, "
            f"percent agreement {estimate(a.percent_agreement_interval)}, n = {a.n_instances:,}"
            for name, a in facts.agreement.items()
        ],
    )
    yield "machineAnnotationTools", ["None: the labels are people's; only their mean and their agreement are computed."]
