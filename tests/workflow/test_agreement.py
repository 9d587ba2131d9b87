"""Agreement over deliveries and bare tables."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from assurai_datasets.cli import main
from assurai_datasets.errors import DataError, UsageError
from assurai_datasets.workflow.agreement import AgreementSettings, agree_on
from tests.deliveries_made import make_annotation, make_delivery, make_instance

QUICK = AgreementSettings(resamples=0)


def alpha(folder: Path, mapping: str, **settings: object) -> float:
    (field,) = agree_on(folder, settings=AgreementSettings(mapping=mapping, resamples=0, **settings)).values()
    return round(field.agreement.krippendorff_alpha.value, 5)


def test_alpha_of_published_ratings_is_the_known_one(real_folder: Path) -> None:
    assert alpha(real_folder / "square", "square-responses") == 0.30123
    assert alpha(real_folder / "klue_sts", "klue-sts") == 0.74770
    assert alpha(real_folder / "klue_sts", "klue-sts", level="ordinal") == 0.74952


def many(n: int) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    instances = [
        make_instance(id=f"i-{k}", prompt=f"{k}번 질문에 답해 주세요.", risk_factor=21 + k % 2) for k in range(n)
    ]
    said = [
        make_annotation(
            instance_id=f"i-{k}", annotator_id=f"person-{who}", safety_score=1 + (k + (who == 2 and k % 5 == 0)) % 5
        )
        for k in range(n)
        for who in range(3)
    ]
    return instances, said


def test_groups_have_figures_of_their_own(tmp_path: Path) -> None:
    instances, said = many(30)
    delivery = make_delivery(tmp_path / "delivery", instances, said)
    field = agree_on(delivery, settings=QUICK._replace(by="risk_factor"))["safety_score"]
    assert sorted(field.agreement.by) == ["Fraud", "Mis/disinformation"]
    assert {part.n_instances for part in field.agreement.by.values()} == {15}


def test_a_bare_table_of_ratings_gives_the_figures_of_the_delivery(tmp_path: Path) -> None:
    instances, said = many(30)
    delivery = make_delivery(tmp_path / "delivery", instances, said)
    table = tmp_path / "ratings.csv"
    rows = [f"{a['instance_id']},{a['annotator_id']},{a['safety_score']}" for a in said]
    table.write_text("instance_id,annotator_id,safety_score\n" + "\n".join(rows) + "\n", encoding="utf-8")
    of_table, of_delivery = (agree_on(source, settings=QUICK)["safety_score"] for source in (table, delivery))
    assert of_table == of_delivery


def test_a_label_of_a_bare_table_takes_its_level_from_the_caller(tmp_path: Path) -> None:
    table = tmp_path / "ratings.csv"
    rows = [f"u{k},{who},{'yes' if k % 3 else 'no'}" for k in range(20) for who in "ab"]
    table.write_text("instance_id,annotator_id,polite\n" + "\n".join(rows) + "\n", encoding="utf-8")
    field = agree_on(table, settings=QUICK._replace(label="polite", level="nominal"))["polite"]
    assert field.agreement.krippendorff_alpha.value == 1.0


def test_raw_annotator_ids_are_not_printed(tmp_path: Path) -> None:
    instances, said = many(20)
    delivery = make_delivery(tmp_path / "delivery", instances, said)
    for arguments in ([], ["--json"], ["--by", "annotator"]):
        outcome = CliRunner().invoke(main, ["agreement", str(delivery), "--resamples", "0", *arguments])
        assert outcome.exit_code == 0
        assert "person-" not in outcome.output


def test_json_has_the_keys_programs_read(tmp_path: Path) -> None:
    instances, said = many(20)
    delivery = make_delivery(tmp_path / "delivery", instances, said)
    outcome = CliRunner().invoke(main, ["agreement", str(delivery), "--by", "risk_factor", "--json"])
    printed = json.loads(outcome.stdout)
    figures = printed["fields"]["safety_score"]
    assert (figures["level"], figures["n_instances"], figures["n_annotations"], figures["n_annotators"]) == (
        "ordinal",
        20,
        60,
        3,
    )
    assert {"value", "low", "high"} <= figures["krippendorff_alpha"].keys()
    assert sorted(printed["by"]) == ["Fraud", "Mis/disinformation"]


def test_too_few_units_are_said_to_be_too_few(tmp_path: Path) -> None:
    instances, said = many(5)
    field = agree_on(make_delivery(tmp_path / "delivery", instances, said), settings=QUICK)["safety_score"]
    assert field.agreement.krippendorff_alpha.value is None
    assert "too few" in field.agreement.krippendorff_alpha.note


def test_a_field_nobody_judged_is_data_that_fails(tmp_path: Path) -> None:
    instances, said = many(5)
    with pytest.raises(DataError, match="no judgement of 'mood'"):
        agree_on(make_delivery(tmp_path / "delivery", instances, said), settings=QUICK._replace(label="mood"))


def test_deliveries_and_bare_tables_do_not_mix(tmp_path: Path) -> None:
    table = tmp_path / "ratings.csv"
    table.write_text("instance_id,annotator_id,safety_score\nu1,a,5\n", encoding="utf-8")
    with pytest.raises(UsageError, match="not both"):
        agree_on(table, make_delivery(tmp_path / "delivery"))


def test_a_row_that_is_no_rating_is_named_without_its_annotator(tmp_path: Path) -> None:
    table = tmp_path / "ratings.csv"
    table.write_text("instance_id,annotator_id,safety_score\nu1,kim-minji,9\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"ratings\.csv:2 safety_score") as error:
        agree_on(table)
    assert "kim-minji" not in str(error.value)
