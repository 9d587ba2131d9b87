"""A delivery that lies on the Hub: named, downloaded, read like a folder, and gone afterwards."""

import json
from collections import Counter
from pathlib import Path

import pytest
from datasets import load_dataset

from assurai_datasets.errors import AssuraiError, DataError, LimitError, UsageError
from assurai_datasets.files.digest import sha256_file
from assurai_datasets.publishing import AccessDeniedError, HubUnavailableError, Patience
from assurai_datasets.publishing.fetch_dataset import FetchLimits, fetch_dataset
from assurai_datasets.release import verify_release
from assurai_datasets.schema.codes import Code
from assurai_datasets.workflow import build_release, validate
from assurai_datasets.workflow.fetch import DatasetAddress, fetched, parse_dataset_address
from tests.hub.fixture import TestHub
from tests.published_files import INDEX, published_files, write_published

REPO = "assurai-lab/published"
ADDRESS = f"hf://datasets/{REPO}"
QUICK = Patience(tries=2, sleep=lambda wait_s: None)
COMMAND = "from assurai_datasets.cli import main; main()"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return published_files()


@pytest.fixture
def signed_in(hub: TestHub, monkeypatch: pytest.MonkeyPatch) -> TestHub:
    monkeypatch.setattr("huggingface_hub.HfApi", hub.api)
    return hub


@pytest.mark.parametrize(
    ("place", "address"),
    [
        (ADDRESS, DatasetAddress(REPO, None)),
        (f"{ADDRESS}@v1.0", DatasetAddress(REPO, "v1.0")),
        (Path(f"{ADDRESS}@refs/pr/1"), DatasetAddress(REPO, "refs/pr/1")),
        ("deliveries/batch-07", None),
        (Path("/data/hf"), None),
    ],
)
def test_an_address_is_told_from_a_path(place: str | Path, address: DatasetAddress | None) -> None:
    assert parse_dataset_address(place) == address


@pytest.mark.parametrize(
    "place", ["hf://org/name", "hf://datasets/name", "hf://models/org/name", f"{ADDRESS}@", "hf://"]
)
def test_an_address_of_something_else_is_a_wrong_call(place: str) -> None:
    with pytest.raises(UsageError, match="hf://datasets/ORG/NAME"):
        parse_dataset_address(place)


def test_paths_are_given_as_they_are() -> None:
    with fetched(["one", Path("two")]) as paths:
        assert paths == (Path("one"), Path("two"))


def test_a_revision_is_brought_as_plain_files_that_go_with_the_block(
    signed_in: TestHub, files: dict[str, bytes], transfer: str
) -> None:
    signed_in.put(REPO, files, tag="v1")
    signed_in.put(REPO, {INDEX: b"{}\n"})
    with fetched([f"{ADDRESS}@v1"]) as (folder,):
        there = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        assert there == files
        assert not [path for path in folder.rglob("*") if path.is_symlink()]
        assert folder.name == "published"
    assert not folder.exists()


def test_without_a_revision_main_is_used_and_its_commit_said(
    signed_in: TestHub, files: dict[str, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    commit = signed_in.put(REPO, files)
    with fetched([ADDRESS]) as (folder,):
        assert (folder / INDEX).read_bytes() == files[INDEX]
    assert f"main is commit {commit}" in caplog.text
    assert f"@{commit}" in caplog.text
    assert signed_in.token not in caplog.text


def test_the_release_is_that_of_the_folder(signed_in: TestHub, files: dict[str, bytes], tmp_path: Path) -> None:
    signed_in.put(REPO, files, tag="v1")
    folder = write_published(tmp_path / "published", files)
    digests = []
    for number, place in enumerate([f"{ADDRESS}@v1", folder]):
        release = tmp_path / str(number)
        built = build_release(
            place, output=release, version="1.0.0", date="2026-01-01", score_polarity="risk", workers=1
        )
        assert built.report.errors == ()
        digests.append({p.name: sha256_file(p) for p in release.rglob("*") if p.is_file()})
    assert digests[0] == digests[1]


def test_what_is_odd_is_said_once_and_media_become_responses(
    signed_in: TestHub, files: dict[str, bytes], tmp_path: Path
) -> None:
    signed_in.put(REPO, files, tag="v1")
    built = build_release(
        f"{ADDRESS}@v1", output=tmp_path / "r", version="1.0.0", date="2026-01-01", score_polarity="risk", workers=1
    )
    counts = Counter(issue.code for issue in built.report.issues)
    assert counts[Code.DELIVERY_COLUMN_UNMAPPED] == 1
    assert counts[Code.DELIVERY_SCORES_MISALIGNED] == 1
    assert built.report.instances == 12
    rows = load_dataset(str(tmp_path / "r"), "image", split="test")
    assert [len(responses) for responses in rows["responses"]] == [2, 2, 2, 1]
    assert [len(pictures) for pictures in rows["response_images"]] == [2, 2, 2, 1]
    assert set(rows["image"]) == {None}
    first = json.loads(files[INDEX].splitlines()[0])
    scores = {row["id"]: [one["safety_score"] for one in row["responses"]] for row in rows.remove_columns("image")}
    assert scores[first["id"]] == [6 - score for score in first["ref_output_risk_score"]]


def test_without_the_polarity_it_stops_and_says_why(
    signed_in: TestHub, files: dict[str, bytes], tmp_path: Path
) -> None:
    signed_in.put(REPO, files, tag="v1")
    (issue,) = validate(f"{ADDRESS}@v1").errors
    assert issue.code == Code.DELIVERY_POLARITY_MISSING
    assert build_release(f"{ADDRESS}@v1", output=tmp_path / "r", version="1.0.0").release is None
    assert not (tmp_path / "r").exists()


def test_a_revision_that_is_not_there_is_a_wrong_call(signed_in: TestHub, files: dict[str, bytes]) -> None:
    signed_in.put(REPO, files)
    with pytest.raises(UsageError, match="has no revision 'v9'"), fetched([f"{ADDRESS}@v9"]):
        pass


def test_a_dataset_nobody_sees_is_named(signed_in: TestHub) -> None:
    with pytest.raises(AccessDeniedError, match="'assurai-lab/other'"), fetched(["hf://datasets/assurai-lab/other"]):
        pass


def test_a_gated_dataset_says_where_to_ask(hub: TestHub, files: dict[str, bytes], tmp_path: Path) -> None:
    hub.put(REPO, files)
    hub.api().update_repo_settings(REPO, repo_type="dataset", gated="manual")
    with pytest.raises(AccessDeniedError, match="ask for access"):
        fetch_dataset(REPO, None, tmp_path, api=hub.api(hub.other_token), patience=QUICK)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (FetchLimits(files=3), "more than 3 files"),
        (FetchLimits(file_bytes=100), "more than 100 bytes in one file"),
        (FetchLimits(total_bytes=5000), "more than 5,000 bytes"),
    ],
)
def test_a_dataset_that_is_too_large_is_refused_before_anything_is_sent(
    hub: TestHub, files: dict[str, bytes], tmp_path: Path, limits: FetchLimits, message: str
) -> None:
    hub.put(REPO, files)
    with pytest.raises(LimitError, match=message):
        fetch_dataset(REPO, None, tmp_path, api=hub.api(), limits=limits, patience=QUICK)
    assert not hub.asked(path="/resolve/")
    assert not list(tmp_path.iterdir())


def test_a_name_that_leads_out_is_refused_before_anything_is_sent(hub: TestHub, tmp_path: Path) -> None:
    hub.put(REPO, {INDEX: b"{}\n", "../outside.txt": b"x"})
    with pytest.raises(DataError, match="climbs"):
        fetch_dataset(REPO, None, tmp_path, api=hub.api(), patience=QUICK)
    assert not hub.asked(path="/resolve/")


@pytest.mark.usefixtures("no_waiting")
def test_a_file_that_arrives_with_other_bytes_is_named(hub: TestHub, files: dict[str, bytes], tmp_path: Path) -> None:
    hub.put(REPO, files)
    hub.inject("corrupt-download", path=f"/resolve/.*{INDEX}", method="GET", times=None)
    with pytest.raises(DataError, match=f"'{INDEX}' of '{REPO}' did not arrive"):
        fetch_dataset(REPO, None, tmp_path, api=hub.api(), patience=QUICK)


@pytest.mark.usefixtures("no_waiting")
def test_a_passing_fault_is_got_over_and_a_lasting_one_is_one_line(
    hub: TestHub, files: dict[str, bytes], tmp_path: Path
) -> None:
    hub.put(REPO, files)
    hub.inject("503", path="/(tree|resolve)/")
    assert fetch_dataset(REPO, "main", tmp_path / "one", api=hub.api(), patience=QUICK)
    hub.inject("503", times=None)
    with pytest.raises(HubUnavailableError, match="run this again later"):
        fetch_dataset(REPO, "main", tmp_path / "two", api=hub.api(), patience=QUICK)


@pytest.mark.usefixtures("no_waiting")
def test_a_fault_at_any_request_gives_all_files_or_an_error(hub: TestHub, tmp_path: Path) -> None:
    files = published_files(4)
    hub.put(REPO, files, tag="v1")
    fetch_dataset(REPO, "v1", tmp_path / "sound", api=hub.api(), patience=QUICK)
    kinds = ("drop", "truncate-download", "corrupt-download", "500")
    outcomes = Counter[str]()
    for at in range(len(hub.log)):
        hub.inject(kinds[at % len(kinds)], at=at, times=1)
        folder = tmp_path / str(at)
        try:
            fetch_dataset(REPO, "v1", folder, api=hub.api(), patience=QUICK)
            assert {path: (folder / path).read_bytes() for path in files} == files
            outcomes["whole"] += 1
        except AssuraiError:
            outcomes["error"] += 1
        hub.faults.clear()
    assert outcomes["whole"] > 0


@pytest.mark.slow
def test_every_verb_that_reads_a_delivery_reads_an_address(
    hub: TestHub, files: dict[str, bytes], transfer: str, tmp_path: Path
) -> None:
    hub.put(REPO, files, tag="v1", private=True)
    polarity, release = ("--score-polarity", "risk"), str(tmp_path / "release")
    for arguments, status, said in (
        (("validate", f"{ADDRESS}@v1", *polarity), 0, "12 instances, 0 errors"),
        (("validate", f"{ADDRESS}@v1"), 1, "delivery-polarity-missing"),
        (("validate", f"{ADDRESS}@v9"), 2, "has no revision"),
        (("build", ADDRESS, "-o", release, "--version", "1.0.0", *polarity), 0, "main is commit"),
        (("agreement", f"{ADDRESS}@v1"), 1, "there are no annotations"),
        (("stats", f"{ADDRESS}@v1", "--json"), 0, '"total": 12'),
    ):
        done = hub.run(COMMAND, *arguments, xet=transfer == "xet")
        assert done.returncode == status, done.stderr
        assert said in done.stdout + done.stderr
        assert hub.token not in done.stdout + done.stderr


@pytest.mark.slow
def test_an_index_of_the_published_size_becomes_a_release(signed_in: TestHub, tmp_path: Path) -> None:
    files = published_files(11_480, every=8, words=100)
    assert 33_000_000 < len(files[INDEX]) < 36_000_000
    signed_in.put(REPO, files, tag="v1")
    release = tmp_path / "release"
    built = build_release(f"{ADDRESS}@v1", output=release, version="1.0.0", date="2026-01-01", score_polarity="risk")
    assert built.report.errors == ()
    assert built.release is not None
    rows = {name: config.splits["test"].rows for name, config in built.release.configs.items()}
    assert rows == {"text": 10_045, "image": 1_433, "audio": 1, "video": 1, "index": 11_480, "taxonomy": 35}
    counts = Counter(issue.code for issue in built.report.issues)
    assert (counts[Code.DELIVERY_COLUMN_UNMAPPED], counts[Code.DELIVERY_SCORES_MISALIGNED]) == (1, 1)
    assert verify_release(release).ok
