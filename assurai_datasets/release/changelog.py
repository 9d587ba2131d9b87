"""What changed in each version of a dataset, for people: `CHANGELOG.md`.

It names instances and fields and never quotes them: what was taken out for a reason must not live on here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from assurai_datasets.release.difference import Diff, FieldChange
from assurai_datasets.schema.release import Release

CHANGELOG = "CHANGELOG.md"
SHOWN = 100
QUOTED = ("risk_factor", "category", "prompt_type", "prompt_variant", "scope", "license")
"""Fields whose values come from a vocabulary, so that naming the old and the new one gives nothing away."""


def write_changelog(manifest: Release, diff: Diff | None, earlier: str | None = None) -> str:
    """Return the changelog of a release: its own section before those of the releases before.

    Args:
        manifest: The manifest of the release.
        diff: What changed since the release before; None for the first.
        earlier: The changelog of the release before.
    """
    dated = f" ({manifest.date})" if manifest.date else ""
    lines = [f"## {manifest.version}{dated}", "", *(_first(manifest) if diff is None else _changes(diff, manifest))]
    _, _, sections = (earlier or "").partition("\n## ")
    older = [f"## {sections}".rstrip()] if sections else []
    return "\n".join([f"# Changelog of {manifest.name}", "", *lines, "", *older]).rstrip() + "\n"


def _first(manifest: Release) -> Iterator[str]:
    instances = sum(split.rows for split in manifest.configs["index"].splits.values())
    yield f"First release, with {instances:,} instances: no earlier one was given to compare with."


def _changes(diff: Diff, manifest: Release) -> Iterator[str]:
    yield f"Compared with {diff.old}. {comparability(diff)}"
    yield ""
    retracted = {entry.instance_id: f"{' '.join(entry.reason.split())}, {entry.date}" for entry in manifest.retractions}
    yield from _listed("Added", [f"`{i}`" for i in diff.added])
    yield from _listed("Retracted", [f"`{i}` ({retracted[i]})" for i in diff.retracted])
    yield from _listed("Removed", [f"`{i}`" for i in diff.removed if i not in diff.retracted])
    yield from _listed("Changed", [f"`{i}`: {_named(fields)}" for i, fields in diff.changed.items()], by_line=True)
    yield from _listed("Media replaced", [f"`{i}`" for i in diff.media_replaced])
    yield from _listed("Relabelled", [f"`{i}`" for i in diff.relabelled])
    yield from _listed("Annotated anew", [f"`{i}`" for i in diff.re_annotated])
    yield from _listed("Other tables that changed", [f"`{name}`" for name in diff.side_tables])
    if diff.step in ("none", "patch"):
        packed = ", ".join(f"`{name}`" for name in diff.packaging) or "none"
        yield f"- No instance changed. Files packed anew: {packed}."


def comparability(diff: Diff) -> str:
    """Return a sentence on whether scores of the older release may be compared with scores of the newer one."""
    if diff.all_comparable:
        return "Scores stay comparable."
    if diff.comparable == diff.shared and not diff.removed:
        return f"Scores stay comparable on the {diff.shared:,} instances of {diff.old}; averages over all do not."
    return (
        f"Scores stay comparable on {diff.comparable:,} of the {diff.shared + len(diff.removed):,} instances of "
        f"{diff.old}, and on these alone."
    )


def summary(diff: Diff) -> str:
    """Return what changed in a few words: `2 instances added, 1 changed`."""
    counts = Counter(added=len(diff.added), removed=len(diff.removed), changed=len(diff.changed))
    told = [f"{n:,} {'instance' if n == 1 else 'instances'} {what}" for what, n in counts.items() if n]
    told += [f"the config {name!r} changed" for name in diff.side_tables]
    return ", ".join(told) or ("files were packed anew" if diff.packaging else "nothing changed")


def _named(fields: Mapping[str, FieldChange]) -> str:
    return ", ".join(
        f"{name} ({change.old} -> {change.new})" if name in QUOTED else name for name, change in fields.items()
    )


def _listed(title: str, entries: Sequence[str], *, by_line: bool = False) -> Iterator[str]:
    if not entries:
        return
    more = [f"and {len(entries) - SHOWN:,} more, which `assurai diff` lists"] if len(entries) > SHOWN else []
    shown = [*entries[:SHOWN], *more]
    if by_line:
        yield f"- {title} ({len(entries):,}):"
        yield from (f"  - {entry}" for entry in shown)
    else:
        yield f"- {title} ({len(entries):,}): {', '.join(shown)}."
