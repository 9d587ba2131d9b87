"""The paper's plan: what is there of it, what is missing, and what to collect next."""

from typing import Any

from assurai_datasets.release import Counts
from assurai_datasets.reporting.tables import align
from assurai_datasets.schema.vocabulary import MODALITIES
from assurai_datasets.validation.plan import Target, targets

NEXT = 10


def plan_targets(counts: Counts) -> tuple[Target, ...]:
    """Return the targets of the paper's plan, those that are 0 left out, with what counts have of them."""
    modalities: tuple[str, ...] = MODALITIES
    by_factor = {(row["number"], name): row[name] for row in counts.risk_factor for name in modalities}
    return tuple(target for target in targets(by_factor, counts.prompt_type) if target.target)


def plan_text(counts: Counts) -> str:
    """Return the targets as a table, and which ten gaps are the largest."""
    found = plan_targets(counts)
    rows = [(target.name, target.have, target.target, target.missing) for target in found]
    gaps = sorted((target for target in found if target.missing), key=lambda target: -target.missing)[:NEXT]
    collect = "\n".join(f"  {target.name}: {target.missing:,}" for target in gaps) or "  nothing: the plan is met"
    return f"{align([('target', 'have', 'planned', 'missing'), *rows])}\n\nCollect next:\n{collect}"


def plan_json(counts: Counts) -> list[dict[str, Any]]:
    """Return the targets as `assurai stats --plan --json` prints them."""
    return [{**target._asdict(), "missing": target.missing} for target in plan_targets(counts)]
