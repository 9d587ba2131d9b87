"""`assurai agreement`: how far annotators agree."""

from pathlib import Path
from typing import Any

import click

from assurai_datasets.agreement import Agreement, AnnotatorQuality, Estimate
from assurai_datasets.cli import options
from assurai_datasets.cli.output import print_json, say
from assurai_datasets.workflow.agreement import AgreementSettings, FieldAgreement, agree_on

COEFFICIENTS = (
    ("percent agreement", "percent_agreement_interval"),
    ("Krippendorff's alpha", "krippendorff_alpha"),
    ("Fleiss' kappa", "fleiss_kappa"),
    ("Cohen's kappa", "cohen_kappa"),
    ("Gwet's AC1", "gwet_ac1"),
    ("Gwet's AC2", "gwet_ac2"),
)
GROUPS = ("risk_factor", "category", "prompt_type", "modality", "stage", "annotator")


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DELIVERY/TABLE...")
@click.option("--by", type=click.Choice(GROUPS), help="Figures for each group too.")
@click.option("--label", metavar="NAME", help="Only this field: safety_score, risk_factor, is_valid or a label.")
@click.option(
    "--level",
    type=click.Choice(["nominal", "ordinal", "interval", "ratio"]),
    help="Level over the declared one.",
)
@options.mapping
@click.option("--resamples", type=click.IntRange(0, 100_000), default=1000, show_default=True, help="Of the intervals.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the resamples.")
@click.option("--floor", type=click.IntRange(1), default=10, show_default=True, help="Fewest instances for a figure.")
@options.as_json
def agreement(sources: tuple[Path, ...], as_json: bool, **settings: Any) -> None:
    """Measure how far annotators agree, and how each of them works."""
    fields = agree_on(*sources, settings=AgreementSettings(**settings))
    if as_json:
        print_json(_as_json(fields))
        return
    for name, field in fields.items():
        _print_field(name, field)


def _as_json(fields: dict[str, FieldAgreement]) -> dict[str, Any]:
    figures = {name: field.agreement.model_dump(mode="json", exclude={"by"}) for name, field in fields.items()}
    by: dict[str, dict[str, Any]] = {}
    for name, field in fields.items():
        for group, measured in field.agreement.by.items():
            by.setdefault(group, {})[name] = measured.model_dump(mode="json", exclude={"by"})
    annotators = {name: [a.model_dump(mode="json") for a in field.annotators] for name, field in fields.items()}
    return {"fields": figures, "by": dict(sorted(by.items())), "annotators": annotators}


def _print_field(name: str, field: FieldAgreement) -> None:
    measured = field.agreement
    say(f"{name} ({measured.level})", bold=True)
    say(f"  {_counts(measured)}")
    for title, key in COEFFICIENTS:
        say(f"  {title:<22}{_figure(getattr(measured, key))}")
    for warning in measured.warnings:
        say(f"  note: {warning}")
    _print_groups(measured)
    _print_annotators(field.annotators)
    click.echo()


def _counts(measured: Agreement) -> str:
    return f"{measured.n_annotations:,} judgements of {measured.n_instances:,} by {measured.n_annotators:,} annotators"


def _figure(estimate: Estimate) -> str:
    if estimate.value is None:
        return estimate.note or "undefined"
    interval = "" if estimate.low is None else f"  ({estimate.low:.3f} to {estimate.high:.3f})"
    return f"{estimate.value:.5f}{interval}"


def _print_groups(measured: Agreement) -> None:
    if measured.by:
        say("  alpha by group")
    for group, part in sorted(measured.by.items()):
        say(f"    {group:<56}{_figure(part.krippendorff_alpha)}")


def _print_annotators(annotators: tuple[AnnotatorQuality, ...]) -> None:
    told = [annotator for annotator in annotators if annotator.agreement.value is not None]
    if told:
        say("  annotators: judgements, agreement with the others, accuracy against the seed instances")
    for annotator in told:
        shown = f"{annotator.n_annotations:>8,}  {_figure(annotator.agreement)}"
        gold = "" if annotator.accuracy.value is None else f"  {_figure(annotator.accuracy)}"
        say(f"    {annotator.annotator_id:<8}{shown}{gold}")
    if len(told) < len(annotators):
        say(f"  {len(annotators) - len(told)} annotators judged too little to say how they work")
