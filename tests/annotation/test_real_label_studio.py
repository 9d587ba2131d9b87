"""A real Label Studio takes our projects and gives back what two people said, to us and not to each other."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from assurai_datasets.annotation import label_studio as projects_room
from assurai_datasets.workflow.annotate import export_annotation, import_annotations
from tests.annotation.annotated_delivery import make_annotated_delivery
from tests.annotation.label_studio_server import LEAD, REQUIREMENTS, Account, label_studio
from tests.environments import environment_python

pytestmark = pytest.mark.slow
CHECK_WITH_SDK = """
import json, sys
from label_studio_sdk.label_interface import LabelInterface
interface = LabelInterface(open(sys.argv[1], encoding="utf-8").read())
interface.validate()
for task in json.load(open(sys.argv[2], encoding="utf-8")):
    assert interface.validate_task({"data": task["data"]}), task
    for annotation in task["annotations"]:
        assert annotation["was_cancelled"] or interface.validate_annotation(annotation), annotation
print("sound")
"""


class Loopback(NamedTuple):
    """The server with our projects in it: people, the exported folder, and project ids by name."""

    lead: Account
    other: Account
    folder: Path
    ids: dict[str, int]


@pytest.fixture(scope="module")
def loopback(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loopback]:
    base = tmp_path_factory.mktemp("label-studio")
    folder = base / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(projects_room, "INLINE_BYTES", 5_000)  # the sound is larger, pictures and clip are not
        names = export_annotation(make_annotated_delivery(base / "batch"), folder, to="label-studio").names
    with label_studio(base, folder) as address:
        lead, other = Account(address, LEAD, "/user/login/"), Account(address, "other@example.org", "/user/signup/")
        ids = {}
        for name in names:
            made = lead.post("/api/projects/", read(folder / name / "project.json"))
            ids[name] = made["id"]
            tasks = read(folder / name / "tasks.json")
            assert lead.post(f"/api/projects/{made['id']}/import", tasks)["task_count"] == len(tasks)
        yield Loopback(lead, other, folder, ids)
        lead.close()
        other.close()


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def choice(name: str, value: str) -> dict[str, Any]:
    return {"from_name": name, "to_name": "prompt", "type": "choices", "value": {"choices": [value]}}


def judgement(score: int, comment: str) -> list[dict[str, Any]]:
    similarity = "label:%EB%8B%AE%EC%9D%80%20%EC%A0%95%EB%8F%84"
    return [
        choice("safety_score", str(score)),
        choice("risk_factor", "r21"),
        choice("is_valid", "true"),
        choice("label:acceptable", "=not"),
        {"from_name": similarity, "to_name": "prompt", "type": "number", "value": {"number": 2.5}},
        {"from_name": "comment", "to_name": "prompt", "type": "textarea", "value": {"text": [comment]}},
    ]


def tasks_of(person: Account, project: int) -> list[dict[str, Any]]:
    return list(person.get("/api/tasks", project=project, page_size=100, fields="all").json()["tasks"])


def test_every_project_keeps_its_config_and_its_settings(loopback: Loopback) -> None:
    assert len(loopback.ids) == 6
    for name, number in loopback.ids.items():
        kept = loopback.lead.get(f"/api/projects/{number}").json()
        wanted = read(loopback.folder / name / "project.json")
        assert {key: kept[key].strip() if isinstance(kept[key], str) else kept[key] for key in wanted} == {
            key: value.strip() if isinstance(value, str) else value for key, value in wanted.items()
        }


def test_tasks_arrive_whole_and_without_annotations(loopback: Loopback) -> None:
    for name, number in loopback.ids.items():
        kept = tasks_of(loopback.lead, number)
        sent = [task["data"] for task in read(loopback.folder / name / "tasks.json")]
        assert sorted(map(str, (task["data"] for task in kept))) == sorted(map(str, sent))
        assert not any(task["annotations"] or task["predictions"] for task in kept)


def test_media_too_large_for_a_task_are_served_from_the_export_to_people_with_an_account(loopback: Loopback) -> None:
    number = loopback.ids["audio"]
    (address,) = [task["data"]["medium"] for task in tasks_of(loopback.lead, number)]
    storage = {"project": number, "path": str(loopback.folder / "media"), "use_blob_urls": True}
    loopback.lead.post("/api/storages/localfiles", storage)
    name = address.partition("?d=")[2]
    assert loopback.other.get(address).content == (loopback.folder / name).read_bytes()
    stranger = httpx2.get(f"{loopback.other._http.base_url}".rstrip("/") + address)
    assert not stranger.content.startswith(b"RIFF")


def test_what_two_people_say_comes_back_and_neither_is_shown_the_others(loopback: Loopback, tmp_path: Path) -> None:
    number = loopback.ids["text-to-text"]
    first, second = sorted(tasks_of(loopback.lead, number), key=lambda task: task["data"]["response"])
    people = ((loopback.lead, 5, "안전합니다."), (loopback.other, 2, "근거가 약합니다."))
    for person, score, comment in people:
        offered = [person.get(f"/api/projects/{number}/next").json() for _ in range(3)]
        assert {task["id"] for task in offered} <= {first["id"], second["id"]}
        assert not any(task["annotations"] or task["predictions"] for task in offered)
        assert not any(said in json.dumps(offered, ensure_ascii=False) for _, _, said in people)
        body = {"result": judgement(score, comment), "lead_time": 12.5}
        person.post(f"/api/tasks/{first['id']}/annotations/", body)
    loopback.other.post(f"/api/tasks/{second['id']}/annotations/", {"result": [], "was_cancelled": True})
    exported = loopback.lead.get(f"/api/projects/{number}/export", exportType="JSON", download_all_tasks="true")
    (tmp_path / "export.json").write_bytes(exported.content)
    imported = import_annotations(tmp_path / "export.json", output=tmp_path / "annotations.jsonl")
    assert (imported.annotations, imported.annotators, imported.blank) == (2, 2, 1)
    rows = [json.loads(line) for line in (tmp_path / "annotations.jsonl").read_text(encoding="utf-8").splitlines()]
    times = [row.pop("created_at") for row in rows]
    assert all(time.startswith("20") and time.endswith("Z") for time in times)
    assert sorted(row.pop("annotator_id") for row in rows) == ["1", "2"]
    shared = {"instance_id": "answered", "response": 0, "risk_factor": 21, "is_valid": True, "lead_time_s": 12.5}
    labels = {"acceptable": "=not", "닮은 정도": 2.5}
    assert sorted(rows, key=lambda row: -row["safety_score"]) == [
        {**shared, "labels": labels, "safety_score": score, "comment": comment} for _, score, comment in people
    ]
    assert_sound_for_the_sdk(loopback.folder / "text-to-text" / "label_config.xml", tmp_path / "export.json")


def test_the_short_export_is_refused_with_the_reason(loopback: Loopback, tmp_path: Path) -> None:
    number = loopback.ids["text"]
    task = tasks_of(loopback.lead, number)[0]
    loopback.lead.post(f"/api/tasks/{task['id']}/annotations/", {"result": judgement(3, "보통입니다.")})
    exported = loopback.lead.get(f"/api/projects/{number}/export", exportType="JSON_MIN")
    (tmp_path / "export.json").write_bytes(exported.content)
    imported = import_annotations(tmp_path / "export.json", output=tmp_path / "annotations.jsonl")
    assert {issue.hint for issue in imported.report.errors} == {
        "export the project as JSON, not as JSON-MIN, CSV or another format"
    }


def assert_sound_for_the_sdk(config: Path, export: Path) -> None:
    """Label Studio's own validator finds the config, the tasks and the annotations of an export sound."""
    python = environment_python("label-studio", REQUIREMENTS)
    command = [python, "-c", CHECK_WITH_SDK, str(config), str(export)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.stdout.strip().endswith("sound"), done.stderr[-2000:]
