"""The plan as people and programs read it."""

from assurai_datasets.release import count_instances
from assurai_datasets.reporting import plan_json, plan_targets, plan_text

KINDS = [(4, "image", "Rail")] * 75 + [(1, "text", "Q Only")] * 200


def test_targets_of_nothing_are_left_out_and_the_others_add_up() -> None:
    found = plan_targets(count_instances([]))
    assert all(target.target for target in found)
    assert sum(target.missing for target in found) == 2 * 11_480


def test_more_than_planned_makes_up_for_nothing_else() -> None:
    found = {entry["field"]: entry for entry in plan_json(count_instances(KINDS))}
    assert (found["risk_factor.1.text"]["have"], found["risk_factor.1.text"]["missing"]) == (200, 0)
    assert (found["risk_factor.4.image"]["have"], found["risk_factor.4.image"]["missing"]) == (75, 5)


def test_the_largest_gaps_are_to_be_collected_next() -> None:
    table, _, gaps = plan_text(count_instances(KINDS)).partition("\n\nCollect next:\n")
    assert table.splitlines()[0].split() == ["target", "have", "planned", "missing"]
    assert gaps.splitlines()[0] == "  prompt type Q Only: 3,551"
    assert len(gaps.splitlines()) == 10


def test_a_plan_that_is_met_asks_for_nothing() -> None:
    planned = plan_targets(count_instances([]))
    by_factor = [(t.field.split(".")[1:], t.target) for t in planned if t.field.startswith("risk_factor.")]
    cells = [(int(factor), modality) for (factor, modality), n in by_factor for _ in range(n)]
    types = [t.field.partition(".")[2] for t in planned if t.field.startswith("prompt_type.") for _ in range(t.target)]
    kinds = [(*cell, prompt_type) for cell, prompt_type in zip(cells, types, strict=True)]
    assert plan_text(count_instances(kinds)).endswith("Collect next:\n  nothing: the plan is met")
