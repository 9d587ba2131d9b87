"""The loopback Hub as the real client sees it."""

import http.client
import io
import os
import shutil
import urllib.request
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from tests.hub.fixture import TestHub

REPO = "assurai-lab/words"
CARD = b"---\nlicense: mit\n---\nhello\n"
TABLE = bytes(range(256)) * 2000


@pytest.fixture
def repo(hub: TestHub, transfer: str) -> str:
    hub.api().create_repo(REPO, repo_type="dataset", private=True)
    return REPO


def upload(hub: TestHub, **files: bytes) -> str:
    names = {name.replace("__", "/").replace("_", "."): content for name, content in files.items()}
    operations = [CommitOperationAdd(name, content) for name, content in names.items()]
    return hub.api().create_commit(REPO, operations, repo_type="dataset", commit_message="Add").oid


def test_what_is_committed_is_what_is_downloaded(hub: TestHub, repo: str, transfer: str, tmp_path: Path):
    oid = upload(hub, data__table_parquet=TABLE, README_md=CARD)
    folder = snapshot_download(
        REPO, repo_type="dataset", cache_dir=tmp_path, token=hub.token, endpoint=hub.endpoint, revision="main"
    )
    assert Path(folder).name == oid
    assert (Path(folder) / "data/table.parquet").read_bytes() == TABLE
    assert (Path(folder) / "README.md").read_bytes() == CARD
    assert bool(hub.asked("GET", "xet-write-token")) == (transfer == "xet")
    assert bool(hub.asked("PUT", "/stored/")) == (transfer == "lfs")


def test_a_file_like_object_goes_over_lfs_even_with_xet_on(hub: TestHub, repo: str):
    operation = CommitOperationAdd("a.bin", io.BytesIO(TABLE))
    hub.api().create_commit(REPO, [operation], repo_type="dataset", commit_message="Add")
    assert hub.files(REPO)["a.bin"] == TABLE
    assert len(hub.asked("PUT", "/stored/")) == 1


def test_each_revision_keeps_its_own_bytes_and_etag(hub: TestHub, repo: str, tmp_path: Path):
    first = upload(hub, a_md=b"one\n", b_parquet=TABLE)
    second = upload(hub, a_md=b"two\n", b_parquet=TABLE[::-1])
    where = {"repo_type": "dataset", "cache_dir": tmp_path, "token": hub.token, "endpoint": hub.endpoint}
    for revision, text, table in [(first, b"one\n", TABLE), (second, b"two\n", TABLE[::-1])]:
        assert Path(hf_hub_download(REPO, "a.md", revision=revision, **where)).read_bytes() == text
        assert Path(hf_hub_download(REPO, "b.parquet", revision=revision, **where)).read_bytes() == table


def test_an_object_already_there_is_not_sent_again(hub: TestHub, repo: str, transfer: str):
    upload(hub, a_parquet=TABLE)
    before = len(hub.asked("PUT"))
    upload(hub, b_parquet=TABLE)
    assert len(hub.asked("PUT")) == before
    assert hub.files(REPO)["b.parquet"] == TABLE


def test_a_commit_on_a_stale_parent_is_refused(hub: TestHub, repo: str):
    parent = hub.api().dataset_info(REPO).sha
    upload(hub, a_md=b"1\n")
    with pytest.raises(HfHubHTTPError) as caught:
        hub.api().create_commit(
            REPO,
            [CommitOperationAdd("b.md", b"2\n")],
            repo_type="dataset",
            commit_message="Late",
            parent_commit=parent,
        )
    assert caught.value.response.status_code == 412
    assert "b.md" not in hub.files(REPO)


def test_a_commit_with_one_impossible_line_changes_nothing(hub: TestHub, repo: str):
    head = upload(hub, a_md=b"1\n")
    operations = [CommitOperationAdd("b.md", b"2\n"), CommitOperationDelete("missing.md")]
    with pytest.raises(EntryNotFoundError):
        hub.api().create_commit(REPO, operations, repo_type="dataset", commit_message="Both")
    assert hub.api().dataset_info(REPO).sha == head


def test_tags_and_branches_are_made_once_and_listed(hub: TestHub, repo: str):
    api = hub.api()
    head = upload(hub, a_md=b"1\n")
    api.create_tag(REPO, tag="v1.0.0", revision=head, repo_type="dataset")
    with pytest.raises(HfHubHTTPError, match="409"):
        api.create_tag(REPO, tag="v1.0.0", repo_type="dataset")
    api.create_branch(REPO, branch="next", repo_type="dataset")
    upload(hub, a_md=b"2\n")
    refs = api.list_repo_refs(REPO, repo_type="dataset")
    assert [(tag.name, tag.target_commit) for tag in refs.tags] == [("v1.0.0", head)]
    assert {branch.name for branch in refs.branches} == {"main", "next"}
    assert api.dataset_info(REPO, revision="v1.0.0").sha == head
    api.delete_tag(REPO, tag="v1.0.0", repo_type="dataset")
    with pytest.raises(RevisionNotFoundError):
        api.dataset_info(REPO, revision="v1.0.0")


def test_history_and_listings_come_in_pages(hub: TestHub, repo: str):
    hub.state.page_size = 2
    for number in range(5):
        upload(hub, **{f"data__{number}_md": b"%d\n" % number})
    commits = hub.api().list_repo_commits(REPO, repo_type="dataset")
    assert [commit.title for commit in commits] == ["Add"] * 5 + ["initial commit"]
    files = hub.api().list_repo_files(REPO, repo_type="dataset")
    assert files == [".gitattributes", *(f"data/{number}.md" for number in range(5))]


def test_missing_things_are_told_apart(hub: TestHub, repo: str, tmp_path: Path):
    where = {"repo_type": "dataset", "cache_dir": tmp_path, "token": hub.token, "endpoint": hub.endpoint}
    with pytest.raises(EntryNotFoundError):
        hf_hub_download(REPO, "missing.md", **where)
    with pytest.raises(RevisionNotFoundError):
        hf_hub_download(REPO, "README.md", revision="missing", **where)
    with pytest.raises(RepositoryNotFoundError):
        hf_hub_download("assurai-lab/missing", "README.md", **where)


@pytest.mark.parametrize("nobody", [True, False])
def test_a_private_repository_is_not_there_for_others(hub: TestHub, repo: str, nobody: bool):
    with pytest.raises(RepositoryNotFoundError):
        hub.api(False if nobody else hub.other_token).dataset_info(REPO)
    assert hub.api(hub.read_token).dataset_info(REPO).private is True


def test_a_gated_repository_shows_its_listing_and_keeps_its_files(hub: TestHub, repo: str, tmp_path: Path):
    upload(hub, a_md=b"1\n")
    hub.api().update_repo_settings(REPO, gated="auto", private=False, repo_type="dataset")
    other = hub.api(hub.other_token)
    assert "a.md" in other.list_repo_files(REPO, repo_type="dataset")
    where = {"repo_type": "dataset", "cache_dir": tmp_path}
    with pytest.raises(GatedRepoError):
        other.hf_hub_download(REPO, "a.md", **where)
    hub.state.accounts.granted.add(("stranger", REPO))
    assert Path(other.hf_hub_download(REPO, "a.md", **where)).read_bytes() == b"1\n"


def test_a_reading_token_and_a_stranger_cannot_write(hub: TestHub, repo: str):
    for token, status in [(hub.read_token, 403), (hub.other_token, 404)]:
        with pytest.raises(HfHubHTTPError) as caught:
            hub.api(token).create_tag(REPO, tag="v1", repo_type="dataset")
        assert caught.value.response.status_code == status


def test_ranges_are_answered_with_206_and_storage_sees_no_token(hub: TestHub, repo: str):
    upload(hub, a_parquet=TABLE)
    url = f"{hub.endpoint}/datasets/{REPO}/resolve/main/a.parquet"
    with httpx2.Client(follow_redirects=True, headers={"Authorization": f"Bearer {hub.token}"}) as client:
        part = client.get(url, headers={"Range": "bytes=10-19"})
        tail = client.get(url, headers={"Range": "bytes=-5"})
        beyond = client.get(url, headers={"Range": f"bytes={len(TABLE)}-"})
    assert (part.status_code, part.content) == (206, TABLE[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(TABLE)}"
    assert (tail.status_code, tail.content) == (206, TABLE[-5:])
    assert beyond.status_code == 416
    assert not any(request.authorized for request in hub.asked("GET", "/stored/"))


def test_a_full_quota_refuses_private_storage(hub: TestHub, repo: str):
    hub.state.quota_bytes["assurai-lab"] = 0
    with pytest.raises((HfHubHTTPError, ConnectionError), match="403"):
        upload(hub, a_parquet=TABLE)


def test_faults_come_when_asked_for_and_stop(hub: TestHub, repo: str, monkeypatch: pytest.MonkeyPatch):
    api = hub.api()
    hub.inject("500", method="GET", path="/refs", at=1, times=1)
    api.list_repo_refs(REPO, repo_type="dataset")
    with pytest.raises(HfHubHTTPError, match="500"):
        api.list_repo_refs(REPO, repo_type="dataset")
    api.list_repo_refs(REPO, repo_type="dataset")
    hub.inject("drop", path="/refs")
    with pytest.raises(httpx2.TransportError):
        api.list_repo_refs(REPO, repo_type="dataset")
    hub.inject("drop-after", method="POST", path="/tag/")
    with pytest.raises(httpx2.TransportError):
        api.create_tag(REPO, tag="v1", repo_type="dataset")
    assert hub.tags(REPO)


def test_downloads_can_be_corrupted_and_cut(hub: TestHub, repo: str):
    upload(hub, a_md=b"one two three\n")
    address = urllib.request.Request(f"{hub.endpoint}/datasets/{REPO}/resolve/main/a.md")
    address.add_header("Authorization", f"Bearer {hub.token}")
    hub.inject("corrupt-download", path="/resolve/")
    with urllib.request.urlopen(address) as response:
        assert response.read() == b"one two three\x0b"
    hub.faults.clear()
    hub.inject("truncate-download", path="/resolve/")
    with urllib.request.urlopen(address) as response, pytest.raises(http.client.IncompleteRead):
        response.read()


@pytest.mark.parametrize("xet", [True, False])
def test_a_process_of_its_own_takes_it_for_the_real_hub(hub: TestHub, xet: bool, tmp_path: Path):
    source = tmp_path / "a.parquet"
    source.write_bytes(TABLE)
    code = """
import sys
from huggingface_hub import HfApi, hf_hub_download
api = HfApi()
api.create_repo("assurai-lab/words", repo_type="dataset", private=True)
api.upload_file(path_or_fileobj=sys.argv[1], path_in_repo="a.parquet", repo_id="assurai-lab/words", repo_type="dataset")
path = hf_hub_download("assurai-lab/words", "a.parquet", repo_type="dataset")
assert open(path, "rb").read() == open(sys.argv[1], "rb").read()
"""
    done = hub.run(code, str(source), xet=xet)
    assert done.returncode == 0, done.stderr
    assert bool(hub.asked("PUT", "/stored/")) != xet
    assert hub.files(REPO)["a.parquet"] == TABLE


def test_a_process_reads_over_xet_what_another_one_sent_and_still_has_open(hub: TestHub, tmp_path: Path):
    hub.api().create_repo(REPO, repo_type="dataset", private=True)
    numbers = b"".join(number.to_bytes(4, "little") for number in range(100_000))
    upload(hub, a_parquet=TABLE, b_parquet=numbers)
    code = """
import sys
from huggingface_hub import snapshot_download
folder = snapshot_download("assurai-lab/words", repo_type="dataset")
print(sum(open(f"{folder}/{name}.parquet", "rb").read().count(b"\\0") for name in "ab"))
"""
    for xet in (True, False):
        done = hub.run(code, xet=xet)
        assert done.returncode == 0, done.stderr
        assert int(done.stdout) == TABLE.count(b"\0") + numbers.count(b"\0")
        shutil.rmtree(hub.home)


def test_files_put_without_a_client_are_read_like_any_other(hub: TestHub, tmp_path: Path):
    oid = hub.put(REPO, {"README.md": CARD, "a.parquet": TABLE}, tag="v1.0.0")
    hub.put(REPO, {"README.md": CARD})
    folder = hub.api(False).snapshot_download(REPO, repo_type="dataset", revision="v1.0.0", cache_dir=tmp_path)
    assert Path(folder).name == oid
    assert (Path(folder) / "a.parquet").read_bytes() == TABLE
    assert hub.api(False).list_repo_files(REPO, repo_type="dataset") == ["README.md"]


def test_the_environment_hides_the_settings_of_the_machine(hub: TestHub, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", os.devnull)
    environment = hub.environment(token="")
    assert environment["HF_HUB_OFFLINE"] == "0"
    assert not {"HF_DATASETS_CACHE", "HF_TOKEN"} & set(environment)
