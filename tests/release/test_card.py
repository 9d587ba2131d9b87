"""The dataset card: prose by hand, everything else from the data, and a header that the Hub understands."""

import re
from pathlib import Path

import pytest
import yaml
from datasets import load_dataset
from huggingface_hub import DatasetCardData
from huggingface_hub.repocard_data import DatasetCardData as CardData

from assurai_datasets import build_release
from assurai_datasets.errors import DataError
from assurai_datasets.release import read_manifest
from assurai_datasets.release.card import card_header, fill_regions, make_card, prose_of, read_template
from assurai_datasets.release.facts import gather_facts
from assurai_datasets.release.licenses import hub_license, license_text
from assurai_datasets.release.regions import card_regions, markdown_table
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.policy import Policy, Waiver
from tests.deliveries_made import annotated, make_delivery, make_instance

REGION = re.compile(r"<!-- filled: ([a-z]+) -->")


def header_of(release: Path) -> dict[str, object]:
    card = (release / "README.md").read_text(encoding="utf-8")
    found: dict[str, object] = yaml.safe_load(card.split("---\n")[1])
    return found


def test_the_header_is_complete_for_the_hub(sound_release: Path) -> None:
    header = header_of(sound_release)
    assert header["license"] == "cc-by-4.0"
    assert header["language"] == ["ko"]
    assert header["pretty_name"] == "AssurAI"
    assert header["size_categories"] == ["n<1K"]
    assert header["task_categories"] == ["image-text-to-text", "text-generation", "text-to-image"]
    assert {"safety", "not-for-all-audiences"} <= set(header["tags"])
    assert header["viewer"] is False
    assert "agree" in header["extra_gated_prompt"]
    assert header["extra_gated_fields"]["Affiliation"] == "text"
    assert header["configs"][0]["config_name"] == "text"
    assert isinstance(DatasetCardData(**header), CardData)


def test_configs_name_each_file_exactly_with_version_and_digest(sound_release: Path) -> None:
    manifest = read_manifest(sound_release)
    named = {config["config_name"]: config for config in header_of(sound_release)["configs"]}
    assert set(named) == set(manifest.configs)
    for name, config in manifest.configs.items():
        split = config.splits["test"]
        assert named[name]["data_files"] == [{"split": "test", "path": list(split.files)}]
        assert (named[name]["version"], named[name]["description"]) == ("1.0.0", f"digest sha256:{split.digest}")
        assert not [path for path in split.files if set("*?[") & set(path)]


def test_a_release_built_anew_under_the_same_name_is_not_taken_from_the_cache(tmp_path: Path) -> None:
    """The version and the digest in the header enter the hash of the cache of `datasets`."""
    for number, prompt in enumerate(("전화가 왔을 때는?", "문자가 왔을 때는?")):
        delivery = make_delivery(tmp_path / str(number), [make_instance(prompt=prompt)])
        build_release(delivery, output=tmp_path / "assurai", version="1.0.0", overwrite=True)
        found = load_dataset(str(tmp_path / "assurai"), "text", split="test", cache_dir=str(tmp_path / "cache"))
        assert found["prompt"] == [prompt]


def test_every_region_of_the_prose_is_filled_and_every_region_has_a_place(sound_release: Path) -> None:
    manifest = read_manifest(sound_release)
    regions = card_regions(manifest, gather_facts(sound_release, manifest))
    assert sorted(REGION.findall(read_template())) == sorted(regions)
    card = (sound_release / "README.md").read_text(encoding="utf-8")
    assert not re.search(r"-->\n<!-- /filled", card)
    assert prose_of(card) == prose_of(read_template())


def test_the_card_says_what_was_left_out_withdrawn_and_waived(sound_release: Path) -> None:
    manifest = read_manifest(sound_release)
    waiver = Waiver(code=Code.MEDIA_SILENT, who="kim | lee", why="a recorded\npause", until="2027-01-01")
    policy = Policy(name="strict", min_annotations=5, waivers=(waiver,))
    changed = manifest.model_copy(update={"policy": policy})
    gate = card_regions(changed, gather_facts(sound_release, manifest))["gate"]
    assert gate.splitlines() == [
        "Policy `strict`: met.",
        "- `min_annotations`: 5",
        "- Waived: `media-silent` by kim \\| lee until 2027-01-01: a recorded pause",
    ]


def test_the_card_can_have_other_prose_and_other_fields_by_hand(sound_release: Path) -> None:
    manifest = read_manifest(sound_release)
    facts = gather_facts(sound_release, manifest)
    own = "---\ntags:\n- mine\n---\n\nMine.\n<!-- filled: version -->\nold\n<!-- /filled -->\n"
    card = make_card(manifest, facts, own)
    assert yaml.safe_load(card.split("---\n")[1]) == {**card_header(manifest, facts), "tags": ["mine"]}
    assert card.split("---\n\n")[1].startswith("Mine.\n<!-- filled: version -->\nThis is version 1.0.0 of `assurai`")


def test_a_region_that_nothing_fills_is_refused() -> None:
    with pytest.raises(DataError, match="marks a region 'weather'; known: counts"):
        fill_regions("<!-- filled: weather -->\n<!-- /filled -->", {"counts": "1"})


def test_cells_of_a_table_keep_to_their_cell() -> None:
    assert markdown_table(("a", "b"), [("x|y\nz", 12_345)]) == "| a | b |\n| --- | --- |\n| x\\|y z | 12,345 |"


@pytest.mark.parametrize(
    ("licenses", "expected"),
    [
        (["cc-by-4.0"], {"license": "cc-by-4.0"}),
        (["CC-BY-4.0", "mit"], {"license": ["cc-by-4.0", "mit"]}),
        (["my own"], {"license": "other", "license_name": "see-license-file", "license_link": "LICENSE"}),
        ([], {"license": "other", "license_name": "see-license-file", "license_link": "LICENSE"}),
    ],
)
def test_licences_are_named_as_the_hub_names_them(licenses: list[str], expected: dict[str, object]) -> None:
    assert hub_license(licenses) == expected


def test_the_licence_file_names_each_with_its_legal_text() -> None:
    text = license_text(["mit", "my\nown"])
    assert "- mit: https://spdx.org/licenses/MIT.html\n" in text
    assert "- my own: see the source of the instance\n" in text


def test_tasks_follow_from_what_the_instances_are(tmp_path: Path) -> None:
    rows = [make_instance(prompt_type="Multiple-Choice", choices=["신고", "무시"])]
    build_release(make_delivery(tmp_path / "d", rows, annotated("fraud-1")), output=tmp_path / "r", version="1.0.0")
    assert header_of(tmp_path / "r")["task_categories"] == ["multiple-choice", "text-generation"]
