"""`croissant.json` and `eval.yaml`: complete, true, and read by the programs they are for."""

import hashlib
import io
import json
import logging
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from PIL import Image

from assurai_datasets import build_release
from assurai_datasets.release import read_manifest
from assurai_datasets.release.croissant import make_croissant
from assurai_datasets.release.facts import gather_facts
from assurai_datasets.release.manifest import list_files
from assurai_datasets.release.rai import FIELDS, completeness
from assurai_datasets.schema.release import Config
from tests.deliveries_made import make_delivery
from tests.environments import environment_python
from tests.release.tampering import parquet, reseal

CONFIGS = ("text", "image", "video", "audio", "index", "annotations", "reviews", "taxonomy")
ENUMERATIONS = {"risk_factors": 35, "prompt_types": 8, "modalities": 4, "stages": 3}
INSPECT = ("inspect-ai==0.3.285", "datasets==5.2.0", "huggingface-hub==2.4.0")
EVALUATE = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
import huggingface_hub
import tiktoken
from inspect_ai import eval as evaluate
from inspect_ai._eval.task import hf
from inspect_ai.model import ModelOutput, get_model

release = sys.argv[1]
huggingface_hub.hf_hub_download = lambda **asked: str(Path(release) / asked["filename"])
tiktoken.get_encoding = lambda name: SimpleNamespace(encode=lambda text, **asked: list(text))
load = hf.hf_dataset
hf.hf_dataset = lambda **asked: load(**{**asked, "path": release, "revision": None})
(task,) = hf.task_create_from_hf("hf/org/assurai")
judge = get_model("mockllm/model", custom_outputs=[ModelOutput.from_content("mockllm", "GRADE: C")] * 9)
(log,) = evaluate(task, model="mockllm/model", model_roles={"grader": judge}, limit=3, display="none",
                  log_dir=sys.argv[2])
print(json.dumps({"status": log.status, "total": len(task.dataset), "metadata": task.dataset[0].metadata,
                  "input": task.dataset[0].input,
                  "scores": [next(iter(s.scores.values())).value for s in log.samples]}))
"""


def content_of(release: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((release / "croissant.json").read_text(encoding="utf-8"))
    return found


def test_every_data_file_is_there_with_its_size_and_digest(sample_release: Path) -> None:
    files = {file["contentUrl"]: file for file in content_of(sample_release)["distribution"]}
    assert set(files) == {path.relative_to(sample_release).as_posix() for path in sample_release.rglob("*.parquet")}
    for path, file in files.items():
        data = (sample_release / path).read_bytes()
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
        assert file["contentSize"] == f"{len(data)} B"


def test_every_config_is_a_record_set_with_a_field_for_every_column(sample_release: Path) -> None:
    entries = content_of(sample_release)["recordSet"]
    sets = {entry["name"]: {field["name"]: field for field in entry["field"]} for entry in entries}
    image = sets["image"]
    assert image["image"]["dataType"] == "sc:ImageObject"
    assert image["image"]["source"]["transform"] == {"jsonPath": "bytes"}
    assert (image["response_images"]["dataType"], image["response_images"]["repeated"]) == ("sc:ImageObject", True)
    assert sets["audio"]["audio"]["dataType"] == "sc:AudioObject"
    assert sets["video"]["video"]["dataType"] == "sc:VideoObject"
    assert image["risk_factor"]["references"] == {"field": {"@id": "risk_factors/name"}}
    assert image["choices"]["repeated"]
    inner = {field["name"]: field["dataType"] for field in image["responses"]["subField"]}
    assert inner == {
        "model": "sc:Text",
        "text": "sc:Text",
        "media.path": "sc:Text",
        "media.sha256": "sc:Text",
        "media.license": "sc:Text",
        "media.source": "sc:Text",
        "safety_score": "sc:Float",
    }
    rows = {entry["name"]: len(entry["data"]) for entry in entries if "data" in entry}
    assert rows == ENUMERATIONS


def test_the_rai_vocabulary_is_filled_from_the_facts_and_what_is_empty_is_named(sample_release: Path) -> None:
    content = content_of(sample_release)
    told = {name: value for name, value in content.items() if name.startswith("rai:")}
    assert completeness(told) == (
        0.85,
        ("annotatorDemographics", "dataAnnotationPlatform", "dataCollectionTimeFrame"),
    )
    assert set(told) <= {f"rai:{name}" for name in FIELDS}
    facts = gather_facts(sample_release, read_manifest(sample_release))
    assert told["rai:annotationsPerItem"] == "Instances by number of annotators: 150 by 3."
    alpha = facts.agreement["safety_score"].krippendorff_alpha.value
    assert any(f"alpha {alpha:.3f}" in line for line in told["rai:dataAnnotationAnalysis"])
    assert "assurai-sample (152)" in told["rai:dataCollectionRawData"]
    card = (sample_release / "README.md").read_text(encoding="utf-8")
    named = "empty: `annotatorDemographics`, `dataAnnotationPlatform`, `dataCollectionTimeFrame`"
    assert f"fills 17 of the 20 properties of the RAI vocabulary; {named}" in card


def test_a_release_without_annotations_claims_none(tmp_path: Path) -> None:
    build_release(make_delivery(tmp_path / "delivery"), output=tmp_path / "assurai", version="1.0.0")
    content = content_of(tmp_path / "assurai")
    told = completeness(content)
    assert {"annotationsPerItem", "dataAnnotationAnalysis", "dataAnnotationProtocol"} <= set(told.empty)
    assert "datePublished" not in content


def test_nothing_at_all_is_no_completeness() -> None:
    assert completeness({}) == (0.0, FIELDS)
    assert completeness(dict.fromkeys(FIELDS, "told")) == (1.0, ())
    assert completeness({"rai:dataBiases": []}).score == 0


def test_the_evaluation_without_code_names_columns_that_exist(sample_release: Path) -> None:
    content = yaml.safe_load((sample_release / "eval.yaml").read_text(encoding="utf-8"))
    (task,) = content["tasks"]
    columns = pq.read_schema(parquet(sample_release, task["config"])).names
    assert {task["field_spec"]["input"], *task["field_spec"]["metadata"]} <= set(columns)
    assert content["evaluation_framework"] == "inspect-ai"


def opened(release: Path) -> Any:
    """Return a release as the reference implementation opens it; its libraries warn about each other."""
    mlcroissant = pytest.importorskip("mlcroissant")
    return mlcroissant.Dataset(jsonld=str(release / "croissant.json"))


def plain(value: Any) -> Any:
    """Return text for the bytes as which mlcroissant gives it."""
    return value.decode() if isinstance(value, bytes) else value


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
class TestMlcroissant:
    """The reference implementation validates without a warning and reads the records of every config."""

    def test_it_validates_without_error_or_warning(self, sample_release: Path) -> None:
        heard: list[logging.LogRecord] = []
        handler = logging.Handler(logging.WARNING)
        handler.emit = heard.append  # type: ignore[method-assign]
        for name in ("", "absl"):
            logging.getLogger(name).addHandler(handler)
        try:
            issues = opened(sample_release).metadata.ctx.issues
        finally:
            for name in ("", "absl"):
                logging.getLogger(name).removeHandler(handler)
        assert (issues.errors, issues.warnings) == (set(), set())
        assert [record.getMessage() for record in heard] == []

    @pytest.mark.parametrize(
        "config", ["text", "image", "video", "audio", "index", "annotations", "reviews", "taxonomy"]
    )
    def test_the_records_of_every_config_are_its_rows(self, sample_release: Path, config: str) -> None:
        records = list(opened(sample_release).records(config))
        rows = pq.read_table(parquet(sample_release, config)).to_pylist()
        assert len(records) == len(rows)
        key = {"annotations": "value", "reviews": "sequence", "taxonomy": "number"}.get(config, "id")
        found = [plain(record[f"{config}/{key}"]) for record in records]
        assert sorted(found) == sorted(row[key] for row in rows)

    def test_pictures_come_as_pictures_and_sounds_as_bytes(self, sample_release: Path) -> None:
        rows = {row["id"]: row for row in pq.read_table(parquet(sample_release, "image")).to_pylist()}
        for record in opened(sample_release).records("image"):
            row = rows[plain(record["image/id"])]
            if row["image"] is None:
                assert record["image/image"] is None
            else:
                assert record["image/image"].size == Image.open(io.BytesIO(row["image"]["bytes"])).size
            made = [medium is not None for medium in row["response_images"] or ()]
            assert [medium is not None for medium in record["image/response_images"] or ()] == made
        sounds = {plain(r["audio/id"]): r["audio/audio"] for r in opened(sample_release).records("audio")}
        for row in pq.read_table(parquet(sample_release, "audio")).to_pylist():
            assert sounds[row["id"]] == (row["audio"] and row["audio"]["bytes"])

    def test_a_config_of_several_files_is_read_whole(self, sound_release: Path, tmp_path: Path) -> None:
        release = Path(shutil.copytree(sound_release, tmp_path / "assurai"))
        path = parquet(release, "text")
        table = pq.read_table(path)
        names = ("data/text/a.parquet", "data/text/b.parquet")
        pq.write_table(table.slice(0, 1), release / names[0])
        pq.write_table(table.slice(1), release / names[1])
        path.unlink()
        manifest = read_manifest(release)
        split = manifest.configs["text"].splits["test"].model_copy(update={"files": names})
        reseal(release, configs={**manifest.configs, "text": Config(splits={"test": split})})
        found = sorted(plain(record["text/id"]) for record in opened(release).records("text"))
        assert found == ["fraud-1", "fraud-2", "privacy-1"]


@pytest.mark.slow
def test_inspect_evaluates_a_model_on_the_texts_without_code(sample_release: Path, tmp_path: Path) -> None:
    """The Hub is replaced by the folder; the rest is what `inspect eval hf/org/assurai` does."""
    script = tmp_path / "evaluate.py"
    script.write_text(EVALUATE, encoding="utf-8")
    python = environment_python("inspect", INSPECT)
    done = subprocess.run(
        [python, str(script), str(sample_release), str(tmp_path / "logs")],
        env={"HOME": str(tmp_path), "HF_HOME": str(tmp_path / "hf"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    rows = pq.read_table(parquet(sample_release, "text")).to_pylist()
    assert (found["status"], found["total"], found["scores"]) == ("success", len(rows), ["C", "C", "C"])
    assert found["input"] == rows[0]["prompt"]
    assert found["metadata"] == {name: rows[0][name] for name in ("id", "risk_factor", "category", "prompt_type")}


def test_croissant_is_made_from_the_data_files_alone(sound_release: Path) -> None:
    """So that it can be made before the manifest lists anything else, and again by verify afterwards."""
    manifest = read_manifest(sound_release)
    facts = gather_facts(sound_release, manifest)
    data = tuple(file for file in list_files(sound_release) if file.path.startswith("data/"))
    assert make_croissant(manifest.model_copy(update={"files": data}), facts) == make_croissant(manifest, facts)
