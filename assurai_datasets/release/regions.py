"""The computed regions of the dataset card, as Markdown."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from assurai_datasets.agreement import Agreement, Estimate
from assurai_datasets.release.coefficients import estimate
from assurai_datasets.release.counts import Counts
from assurai_datasets.release.facts import RESAMPLES, Facts, MediaFacts
from assurai_datasets.release.prove_rows import splits
from assurai_datasets.release.rai import FIELDS as RAI_FIELDS
from assurai_datasets.release.rai import completeness, rai_properties
from assurai_datasets.release.svg import CELLS_FILE, COUNTS_FILE
from assurai_datasets.schema.release import Release

LEFT_OUT_RULES = frozenset({"name", "waivers"})


def card_regions(manifest: Release, facts: Facts) -> dict[str, str]:
    """Return the text of every region of the card, by name."""
    return {
        "version": _version(manifest),
        "counts": _counts(facts),
        "figures": _figures(facts.counts),
        "tables": _tables(facts.counts),
        "modalities": _modalities(facts),
        "construction": _construction(manifest, facts),
        "gate": _gate(manifest),
        "agreement": _agreement(facts),
        "review": _review(facts),
        "sizes": _sizes(manifest),
        "croissant": _croissant(manifest, facts),
        "digests": _digests(manifest),
    }


def markdown_table(head: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    """Return rows as a Markdown table; numbers with thousands separators."""
    lines = [head, tuple("---" for _ in head), *(tuple(map(_cell, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return " ".join(str(value).split()).replace("|", "\\|")


def _version(manifest: Release) -> str:
    dated = f", dated {manifest.date}" if manifest.date else ""
    return f"This is version {manifest.version} of `{manifest.name}`{dated}.\nCanary: `{manifest.canary}`."


def _counts(facts: Facts) -> str:
    counts = facts.counts
    lines = [f"{counts.total:,} instances.", "", markdown_table(("Modality", "Instances"), counts.modality.items())]
    return "\n".join(lines)


def _figures(counts: Counts) -> str:
    return (
        f"![Instances by risk factor and modality: {counts.total:,} in all]({COUNTS_FILE})\n\n"
        f"![Instances by risk factor and prompt type: {counts.total:,} in all]({CELLS_FILE})"
    )


def _tables(counts: Counts) -> str:
    head = ("", "Risk factor", "Category", "Total", "Text", "Image", "Video", "Audio")
    by_type = markdown_table(("Prompt type", "Instances"), counts.prompt_type.items())
    by_category = markdown_table(("Category", "Instances"), counts.category.items())
    by_factor = markdown_table(head, (tuple(row.values()) for row in counts.risk_factor if row["total"]))
    return f"{by_type}\n\n{by_category}\n\n{by_factor}"


def _modalities(facts: Facts) -> str:
    rows = [
        (name, n, facts.asks_for_media.get(name, 0), *_made(facts.media, name))
        for name, n in facts.counts.modality.items()
        if n and name != "text"
    ]
    if not rows:
        return "All instances are text."
    head = ("Modality", "Instances", "Ask to make a medium", "Input media", "Bytes", "Media among responses", "Bytes")
    return markdown_table(head, rows)


def _made(media: tuple[MediaFacts, ...], config: str) -> tuple[int, int, int, int]:
    """Return number and bytes of the input media of a config, and of the media among its responses."""
    own = [facts for facts in media if facts.config == config]
    given = [facts for facts in own if facts.column == config]
    made = [facts for facts in own if facts.column != config]
    return _sum(given, "number"), _sum(given, "bytes"), _sum(made, "number"), _sum(made, "bytes")


def _sum(media: list[MediaFacts], what: str) -> int:
    return sum(getattr(facts, what) for facts in media)


def _construction(manifest: Release, facts: Facts) -> str:
    stages = ", ".join(f"{name} {n:,}" for name, n in facts.stages.items()) or "not told"
    sources = ((source.name, source.instances) for source in manifest.sources)
    return f"Instances by stage: {stages}.\n\n{markdown_table(('Delivery', 'Instances'), sources)}"


def _gate(manifest: Release) -> str:
    policy = manifest.policy
    rules = policy.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude=set(LEFT_OUT_RULES))
    lines = [f"Policy `{policy.name}`: met."]
    lines += [f"- `{name}`: {_rule(value)}" for name, value in rules.items()]
    lines += [f"- Waived: `{w.code}`{_of(w)} by {_cell(w.who)} until {w.until}: {_cell(w.why)}" for w in policy.waivers]
    if not policy.waivers:
        lines.append("- Nothing was waived.")
    return "\n".join([*lines, *_listed(manifest)])


def _listed(manifest: Release) -> Iterator[str]:
    told = {
        "Delivered instances that were left out": manifest.left_out,
        "Withdrawn instances": manifest.retractions,
        "Media from which private metadata was removed": manifest.cleaned_media,
    }
    for what, entries in told.items():
        if entries:
            yield f"- {what}: {len(entries):,}; `release.json` says which and why."
    if manifest.uncleaned_media is not None:
        n = len(manifest.uncleaned_media)
        yield f"- Media were not cleaned: {n:,} are packed with private metadata; `release.json` says which."
        yield f"- 미디어의 개인 메타데이터를 지우지 않았습니다: {n:,}개에 남아 있습니다."


def _rule(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_rule(inner)}" for name, inner in value.items())
    return "; ".join(map(_rule, value)) if isinstance(value, list) else _cell(value)


def _of(waiver: Any) -> str:
    return f" of `{waiver.instance_id}`" if waiver.instance_id else ""


def _agreement(facts: Facts) -> str:
    if not facts.agreement:
        return "This release has no annotations."
    judged = ", ".join(f"{n:,} by {by}" for by, n in facts.annotations.items())
    head = ("Label", "Level", "Judged", "Judgements", "Percent agreement", "Krippendorff's alpha", "Gwet's AC")
    rows = [
        (f"`{name}`", a.level, a.n_instances, a.n_annotations, *map(estimate, _coefficients(a)))
        for name, a in facts.agreement.items()
    ]
    return (
        f"{facts.annotators:,} annotators; instances by number of annotators: {judged}.\n\n"
        f"{markdown_table(head, rows)}\n\n"
        f"In brackets: 95 % intervals, bootstrapped over what was judged with {RESAMPLES} resamples. "
        "Gwet's AC is AC1 for nominal labels and AC2 for the others."
    )


def _coefficients(agreement: Agreement) -> tuple[Estimate, Estimate, Estimate]:
    gwet = agreement.gwet_ac1 if agreement.level == "nominal" else agreement.gwet_ac2
    return agreement.percent_agreement_interval, agreement.krippendorff_alpha, gwet


def _review(facts: Facts) -> str:
    reviews = facts.reviews
    if reviews is None:
        return "This release has no review events."
    told = (
        f"{reviews.events:,} events by {reviews.reviewers:,} reviewers about {reviews.instances:,} instances, "
        f"in up to {reviews.rounds:,} rounds."
    )
    rows = [*reviews.actions.items(), *((f"finding: {name}", n) for name, n in reviews.findings.items())]
    latest = markdown_table(("Latest event", "Instances"), reviews.latest.items())
    return f"{told}\n\n{markdown_table(('Event', 'Number'), rows)}\n\n{latest}"


def _sizes(manifest: Release) -> str:
    rows = [
        (f"`{name}`", split.rows, len(split.files), sum(_bytes(manifest, file) for file in split.files))
        for name, split in splits(manifest)
    ]
    return markdown_table(("Config", "Rows", "Files", "Bytes"), rows)


def _bytes(manifest: Release, path: str) -> int:
    return next((file.bytes for file in manifest.files if file.path == path), 0)


def _croissant(manifest: Release, facts: Facts) -> str:
    score, empty = completeness(rai_properties(manifest, facts))
    named = f"; empty: {', '.join(f'`{name}`' for name in empty)}" if empty else ""
    n = len(RAI_FIELDS)
    return f"`croissant.json` fills {n - len(empty)} of the {n} properties of the RAI vocabulary{named} ({score:.0%})."


def _digests(manifest: Release) -> str:
    rows = [(f"`{name}`", split.rows, f"`{split.digest}`") for name, split in splits(manifest)]
    return markdown_table(("Config", "Rows", "Digest of the rows (SHA-256)"), rows)
