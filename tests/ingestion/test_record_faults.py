"""What a model refuses is said in words that need no knowledge of Python."""

from pathlib import Path
from typing import Any

import pytest

from assurai_datasets.ingestion import ingest
from assurai_datasets.schema.codes import Code
from tests.deliveries_made import make_delivery, make_instance


def messages(delivery: Path) -> list[str]:
    with ingest(delivery) as intake:
        return [f"{issue.message} -> {issue.hint}" for issue in intake.issues]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"prompt_type": "MC", "choices": "one|two"}, "choices is 'one|two': should be a list"),
        ({"prompt_type": "MS", "turns": ["hi", "ho"]}, "turns.0 is 'hi': should be an object"),
        ({"responses": ["yes"]}, "responses.0 is 'yes': should be an object"),
    ],
)
def test_lists_and_objects_are_called_so(tmp_path: Path, values: dict[str, Any], found: str) -> None:
    message, *_ = messages(make_delivery(tmp_path, [make_instance(**values)]))
    assert message.startswith(found)


def test_settings_that_are_no_object_are_called_so(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path)
    (delivery / "delivery.yaml").write_text("- 1\n", encoding="utf-8")
    assert messages(delivery) == ["it is [1]: should be an object -> correct it; see the schema"]


def test_a_variant_that_the_prompt_type_denies_is_reported(tmp_path: Path) -> None:
    row = make_instance(prompt_type="RPfun", prompt_variant="educational")
    with ingest(make_delivery(tmp_path, [row])) as intake:
        (issue,) = intake.issues
    assert (issue.code, issue.where.field) == (Code.INSTANCE_VALUE_INVALID, "prompt_variant")
    assert issue.message == "the prompt type 'RPfun' means 'functional', the field says 'educational'"


@pytest.mark.parametrize("variant", ["functional", "RPfun", None])
def test_a_variant_that_the_prompt_type_confirms_is_none(tmp_path: Path, variant: str | None) -> None:
    row = make_instance(prompt_type="RPfun", prompt_variant=variant)
    with ingest(make_delivery(tmp_path, [row])) as intake:
        assert intake.issues == []
        assert [found.instance.prompt_variant for found in intake.instances()] == ["functional"]
