"""Label Studio projects: configs with every field, tasks without any answer."""

import base64
from xml.etree import ElementTree as ET

import pytest

from assurai_datasets.annotation import Item, Medium, Project, label_studio, make_projects
from assurai_datasets.annotation.label_studio import Layout, label_config
from assurai_datasets.errors import UsageError
from assurai_datasets.schema.delivery import LabelDeclaration
from assurai_datasets.taxonomy import load_taxonomy
from tests.annotation.annotated_delivery import LABELS

DECLARED = {name: LabelDeclaration.model_validate(label) for name, label in LABELS.items()}


@pytest.fixture
def projects(items: list[Item]) -> dict[str, Project]:
    made = make_projects(items, title="batch", labels=DECLARED, annotators=3)
    return {project.name: project for project in made}


def controls(config: str) -> dict[str, ET.Element]:
    root = ET.fromstring(config)
    return {element.attrib["name"]: element for element in root.iter() if "toName" in element.attrib}


def values(control: ET.Element) -> dict[str, str]:
    return {choice.attrib["alias"]: choice.attrib["value"] for choice in control}


def test_there_is_a_project_for_each_layout(projects: dict[str, Project]) -> None:
    assert list(projects) == ["audio", "image", "text", "text-to-image", "text-to-text", "video"]


@pytest.mark.parametrize(("name", "tag"), [("image", "Image"), ("audio", "Audio"), ("video", "Video")])
def test_each_modality_is_shown_by_its_own_tag(projects: dict[str, Project], name: str, tag: str) -> None:
    root = ET.fromstring(projects[name].label_config)
    assert [element.attrib["value"] for element in root if element.tag == tag] == ["$medium"]


def test_a_response_and_its_medium_are_shown(projects: dict[str, Project]) -> None:
    shown = [e.attrib.get("value") for e in ET.fromstring(projects["text-to-image"].label_config) if e.tag != "Header"]
    assert shown[:3] == ["$prompt", "$answer", "$answer_medium"]


def test_every_config_warns_of_its_content_first_in_both_languages(projects: dict[str, Project]) -> None:
    for project in projects.values():
        first, second, *_ = ET.fromstring(project.label_config)
        assert first.attrib["value"].startswith("주의:")
        assert second.attrib["value"].startswith("Content warning:")


def test_the_fields_are_all_there_with_all_names_in_both_languages() -> None:
    found = controls(label_config(Layout(None, False, None), DECLARED))
    assert set(values(found["safety_score"])) == {"1", "2", "3", "4", "5"}
    factors = values(found["risk_factor"])
    assert list(factors) == [factor.code for factor in load_taxonomy().risk_factors]
    for factor in load_taxonomy().risk_factors:
        assert factor.name in factors[factor.code]
        assert factor.name_ko in factors[factor.code]
    assert set(values(found["is_valid"])) == {"true", "false"}
    assert found["comment"].tag == "TextArea"
    assert list(values(found["label:acceptable"])) == ["acceptable", "=not", "1"]
    number = found["label:%EB%8B%AE%EC%9D%80%20%EC%A0%95%EB%8F%84"]
    assert (number.tag, number.attrib["min"], number.attrib["max"]) == ("Number", "0", "5")


def test_every_task_holds_all_that_its_config_shows_and_no_more_than_the_item(projects: dict[str, Project]) -> None:
    for project in projects.values():
        shown = {
            value[1:]
            for element in ET.fromstring(project.label_config)
            if (value := element.attrib.get("value", "")).startswith("$")
        }
        for task in project.tasks:
            assert task.keys() == {"data"}
            assert task["data"].keys() == shown | {"instance_id", "response"}


def test_small_media_stand_in_the_task(projects: dict[str, Project], items: list[Item]) -> None:
    (task,) = projects["image"].tasks
    medium = next(item.medium for item in items if item.key == "image")
    assert medium is not None
    assert task["data"]["medium"] == f"data:image/png;base64,{base64.b64encode(medium.file.read_bytes()).decode()}"
    assert not projects["image"].linked


@pytest.mark.parametrize("limit", ["INLINE_BYTES", "INLINE_TOTAL_BYTES"])
def test_larger_media_are_named_for_label_studio_to_serve(
    items: list[Item], monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(label_studio, limit, 10)
    made = make_projects(items, title="batch", labels={}, annotators=3)
    project = next(project for project in made if project.name == "image")
    (medium,) = project.linked
    assert isinstance(medium, Medium)
    assert project.tasks[0]["data"]["medium"] == f"/data/local-files/?d=media/{medium.name}"


def test_the_settings_hide_what_others_did(projects: dict[str, Project]) -> None:
    settings = projects["text"].settings
    assert settings["maximum_annotations"] == 3
    hidden = ["show_collab_predictions", "show_annotation_history", "reveal_preannotations_interactively"]
    assert not any(settings[name] for name in [*hidden, "evaluate_predictions_automatically"])
    assert settings["show_instruction"]
    assert all(factor.name_ko in settings["expert_instruction"] for factor in load_taxonomy().risk_factors)


@pytest.mark.parametrize("value", ["$5", "a\bb", " "])
def test_a_label_that_the_config_cannot_hold_is_refused_by_name(value: str) -> None:
    labels = {"mood": LabelDeclaration(level="nominal", values=("calm", value))}
    with pytest.raises(UsageError, match="'mood'"):
        label_config(Layout(None, False, None), labels)


def test_a_long_title_keeps_the_name_of_its_layout(items: list[Item]) -> None:
    titles = [p.settings["title"] for p in make_projects(items, title="t" * 128, labels={}, annotators=3)]
    assert len(set(titles)) == 6
    assert all(len(title) <= 50 for title in titles)


def test_texts_that_look_like_markup_stay_texts() -> None:
    labels = {"<b>": LabelDeclaration(level="nominal", values=('"/><Style>', "&amp;"))}
    found = controls(label_config(Layout(None, False, None), labels))
    assert list(values(found["label:%3Cb%3E"])) == ['"/><Style>', "&amp;"]
