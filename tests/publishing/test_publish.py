"""Publishing to the loopback Hub: what is planned, what is done, what is refused."""

import json
import logging
import traceback
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd

from assurai_datasets.errors import AssuraiError, DataError, LimitError, UsageError
from assurai_datasets.publishing import (
    AccessDeniedError,
    ConflictError,
    HubUnavailableError,
    Patience,
    Plan,
    Publication,
    PublicationRefusedError,
    QuotaError,
    plan_publication,
    publish,
)
from tests.hub.fixture import TestHub
from tests.hub.repository import Entry
from tests.publishing.releases import FILES, content_of, make_release

REPO = "assurai-lab/words"
QUICK = Patience(tries=3, sleep=lambda wait_s: None)
pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return make_release(tmp_path / "release")


@pytest.fixture
def second(tmp_path: Path) -> Path:
    files = {**FILES, "README.md": FILES["README.md"] + b"more\n", "data/text/b.parquet": b"\0" * 1000}
    del files["data/index/a.parquet"]
    return make_release(tmp_path / "second", "1.1.0", files)


def plan(hub: TestHub, release: Path, repo_id: str = REPO, token: str | None = None, **options: object) -> Plan:
    return plan_publication(release, repo_id, api=hub.api(token), patience=QUICK, **options)  # type: ignore[arg-type]


def carry_out(hub: TestHub, planned: Plan) -> Publication:
    return publish(planned, api=hub.api(), patience=QUICK)


def publish_now(hub: TestHub, release: Path, **options: object) -> Publication:
    return carry_out(hub, plan(hub, release, **options))


def published(hub: TestHub, revision: str) -> dict[str, bytes]:
    files = hub.files(REPO, revision)
    files.pop(".gitattributes")
    return files


def test_a_plan_changes_nothing_and_says_what_will_be_done(hub: TestHub, release: Path):
    planned = plan(hub, release, gated="manual")
    assert {request.method for request in hub.log} == {"GET"}
    assert (planned.state, planned.tag, planned.public, planned.gated) == ("new", "v1.0.0", False, "manual")
    assert planned.difference.added == tuple(sorted([*FILES, "release.json"]))
    assert planned.bytes == sum(path.stat().st_size for path in release.rglob("*") if path.is_file())
    facts = json.loads(json.dumps(planned.to_json()))
    assert facts["repo"] == REPO
    assert facts["plan"]["delete"] == []
    assert (facts["done"], facts["commit"]) == (False, None)


def test_a_release_arrives_whole_as_one_commit_and_one_tag_in_a_private_repository(
    hub: TestHub, release: Path, transfer: str
):
    done = publish_now(hub, release)
    repository = hub.state.repository("dataset", REPO)
    assert published(hub, "v1.0.0") == content_of(release)
    assert hub.tags(REPO) == {"v1.0.0": done.commit}
    assert [commit.title for commit in repository.history("main")] == ["Release 1.0.0", "initial commit"]
    assert repository.private
    assert done.done
    assert not done.already
    assert done.to_json()["commit"] == done.commit
    assert bool(hub.asked("PUT", "/stored/")) == (transfer == "lfs")


def test_the_next_version_sends_only_what_changed_and_leaves_the_first_alone(
    hub: TestHub, release: Path, second: Path, transfer: str
):
    first = publish_now(hub, release)
    planned = plan(hub, second)
    assert planned.state == "update"
    assert planned.difference.added == ("data/text/b.parquet",)
    assert planned.difference.changed == ("README.md", "release.json")
    assert planned.difference.deleted == ("data/index/a.parquet",)
    assert planned.bytes < 5000
    assert planned.tags == ("v1.0.0",)
    done = carry_out(hub, planned)
    assert published(hub, "v1.0.0") == content_of(release)
    assert published(hub, "v1.1.0") == published(hub, "main") == content_of(second)
    assert hub.tags(REPO) == {"v1.0.0": first.commit, "v1.1.0": done.commit}


def test_files_the_manifest_does_not_list_are_not_sent(hub: TestHub, release: Path):
    wanted = content_of(release)
    (release / "data" / "planted.parquet").write_bytes(b"planted")
    publish_now(hub, release)
    assert published(hub, "v1.0.0") == wanted


def test_large_files_are_sent_ahead_so_that_the_commit_carries_pointers(hub: TestHub, release: Path, transfer: str):
    publish_now(hub, release)
    (commit,) = hub.asked("POST", "/commit/")
    assert commit.bytes_in < 5000


def test_what_the_hub_has_already_is_not_sent_again(hub: TestHub, release: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    hub.inject("drop", method="POST", path="/commit/", times=None)
    planned = plan(hub, release)
    with pytest.raises(HubUnavailableError):
        carry_out(hub, planned)
    hub.faults.clear()
    sent = len(hub.asked("PUT", "/stored/"))
    publish_now(hub, release)
    assert sent == 2
    assert len(hub.asked("PUT", "/stored/")) == sent


def test_publishing_again_changes_nothing_and_succeeds(hub: TestHub, release: Path):
    first = publish_now(hub, release)
    before = len(hub.log)
    again = publish_now(hub, release)
    assert again.already
    assert again.done
    assert again.commit == first.commit
    assert {request.method for request in hub.log[before:]} == {"GET"}


def test_publishing_again_over_an_older_version_changes_nothing_and_succeeds(hub: TestHub, release: Path, second: Path):
    first = publish_now(hub, release)
    publish_now(hub, second)
    assert publish_now(hub, release).commit == first.commit
    assert published(hub, "main") == content_of(second)


def test_a_version_that_is_taken_by_other_content_is_refused(hub: TestHub, release: Path, tmp_path: Path):
    publish_now(hub, release)
    other = make_release(tmp_path / "other", "1.0.0", {**FILES, "data/text/c.parquet": b"\0"})
    with pytest.raises(
        PublicationRefusedError, match=r"v1\.0\.0 .*\('release\.json', 'data/text/c\.parquet'.* raise the"
    ):
        plan(hub, other)


@pytest.mark.parametrize("repo_id", ["words", "a/b/c", "assurai-lab/", "../x/y", "a b/c"])
def test_a_repository_is_named_by_organisation_and_name(hub: TestHub, release: Path, repo_id: str):
    with pytest.raises(UsageError, match="org/name"):
        plan(hub, release, repo_id)
    assert not hub.log


def test_a_release_without_a_date_is_refused(hub: TestHub, tmp_path: Path):
    with pytest.raises(PublicationRefusedError, match="no date"):
        plan(hub, make_release(tmp_path / "undated", date=None))
    assert not hub.log


def test_a_folder_that_is_no_release_is_wrong_usage(hub: TestHub, tmp_path: Path):
    with pytest.raises(UsageError, match=r"no release\.json"):
        plan(hub, tmp_path)


def test_a_release_that_is_not_as_listed_is_refused_before_anything_is_asked(hub: TestHub, release: Path):
    (release / "README.md").write_bytes(FILES["README.md"].replace(b"#", b"!"))
    with pytest.raises(DataError, match=r"'README\.md'.* is not as listed"):
        plan(hub, release)
    assert not hub.log


def test_a_manifest_that_was_changed_is_refused(hub: TestHub, release: Path):
    text = (release / "release.json").read_bytes()
    (release / "release.json").write_bytes(text.replace(b'"small"', b'"other"'))
    with pytest.raises(DataError, match="digest"):
        plan(hub, release)


def test_a_file_changed_while_it_is_sent_is_never_committed(hub: TestHub, release: Path, transfer: str):
    planned = plan(hub, release)
    (release / "data/text/test-00000-of-00001.parquet").write_bytes(b"changed")
    with pytest.raises(DataError, match="was changed while"):
        carry_out(hub, planned)
    assert not hub.asked("POST", "/commit/")


def test_public_and_gated_are_set_together_when_all_is_there(hub: TestHub, release: Path):
    publish_now(hub, release, public=True, gated="auto")
    repository = hub.state.repository("dataset", REPO)
    assert (repository.private, repository.gated) == (False, "auto")
    writes = [
        request.path.split("/")[5] for request in hub.log if request.method in ("POST", "PUT") and REPO in request.path
    ]
    assert writes.index("settings") > writes.index("tag")


def test_a_public_repository_needs_the_word_public(hub: TestHub, release: Path, second: Path):
    publish_now(hub, release, public=True)
    with pytest.raises(PublicationRefusedError, match="--public"):
        plan(hub, second)
    assert publish_now(hub, second, public=True).done


def test_gating_of_a_public_repository_is_set_before_anything_is_sent(hub: TestHub, release: Path, second: Path):
    publish_now(hub, release, public=True)
    hub.inject("drop", path="/preupload/", times=None)
    with pytest.raises(HubUnavailableError):
        publish_now(hub, second, public=True, gated="manual")
    assert hub.state.repository("dataset", REPO).gated == "manual"


def test_gating_that_is_there_stays_when_none_is_asked_for(hub: TestHub, release: Path, second: Path):
    publish_now(hub, release, gated="auto")
    publish_now(hub, second)
    assert hub.state.repository("dataset", REPO).gated == "auto"


def test_a_lost_tag_is_set_by_running_again(hub: TestHub, release: Path):
    hub.inject("drop", path="/tag/", times=None)
    with pytest.raises(HubUnavailableError, match="goes on from there"):
        publish_now(hub, release)
    hub.faults.clear()
    assert hub.tags(REPO) == {}
    planned = plan(hub, release)
    assert planned.state == "committed"
    assert planned.bytes == 0
    commits = len(hub.asked("POST", "/commit/"))
    assert carry_out(hub, planned).done
    assert len(hub.asked("POST", "/commit/")) == commits
    assert published(hub, "v1.0.0") == content_of(release)


def test_an_unfinished_publication_under_the_commit_of_somebody_else_stops(hub: TestHub, release: Path):
    hub.inject("drop", path="/tag/", times=None)
    with pytest.raises(HubUnavailableError):
        publish_now(hub, release)
    hub.faults.clear()
    hub.commit_as_somebody_else()
    with pytest.raises(ConflictError, match=r"somebody has committed on top"):
        plan(hub, release)
    assert hub.tags(REPO) == {}


def test_a_commit_of_somebody_else_since_the_plan_stops(hub: TestHub, release: Path, second: Path):
    publish_now(hub, release)
    planned = plan(hub, second)
    hub.commit_as_somebody_else()
    with pytest.raises(ConflictError, match="somebody else committed"):
        carry_out(hub, planned)
    assert set(hub.tags(REPO)) == {"v1.0.0"}
    assert "NOTES.md" in published(hub, "main")
    assert plan(hub, second).difference.deleted == ("NOTES.md", "data/index/a.parquet")


def test_a_commit_of_somebody_else_between_commit_and_tag_does_not_enter_the_tag(hub: TestHub, release: Path):
    hub.inject("stale-parent", path="/tag/")
    publish_now(hub, release)
    assert published(hub, "v1.0.0") == content_of(release)


def test_a_repository_somebody_else_created_meanwhile_stops(hub: TestHub, release: Path):
    planned = plan(hub, release)
    hub.api().create_repo(REPO, repo_type="dataset")
    hub.commit_as_somebody_else()
    with pytest.raises(ConflictError, match="somebody else created"):
        carry_out(hub, planned)
    assert not hub.asked("POST", "/commit/")


def test_a_tag_somebody_else_set_meanwhile_stops(hub: TestHub, release: Path):
    hub.api().create_repo(REPO, repo_type="dataset", private=True)
    planned = plan(hub, release)
    repository = hub.state.repository("dataset", REPO)
    repository.tags["v1.0.0"] = repository.branches["main"]
    with pytest.raises(ConflictError, match=r"somebody else set v1\.0\.0"):
        carry_out(hub, planned)


def test_a_hub_that_stored_other_bytes_gets_no_tag(hub: TestHub, release: Path, monkeypatch: pytest.MonkeyPatch):
    regular = Entry.regular
    monkeypatch.setattr(Entry, "regular", lambda content: regular(content + b"?"))
    with pytest.raises(AssuraiError, match="nothing was tagged"):
        publish_now(hub, release)
    assert hub.tags(REPO) == {}


def test_a_gitignore_on_the_hub_holds_nothing_back(hub: TestHub, release: Path):
    hub.api().create_repo(REPO, repo_type="dataset", private=True)
    ignore = CommitOperationAdd(".gitignore", b"*.parquet\n")
    hub.api().create_commit(REPO, [ignore], repo_type="dataset", commit_message="Ignore")
    publish_now(hub, release)
    assert published(hub, "v1.0.0") == content_of(release)


def test_a_pull_request_leaves_main_alone_and_is_tagged_after_its_merge(
    hub: TestHub, release: Path, second: Path, transfer: str
):
    publish_now(hub, release)
    proposed = publish_now(hub, second, pull_request=True)
    assert proposed.pull_request_url == f"{hub.endpoint}/datasets/{REPO}/discussions/1"
    assert not proposed.done
    assert published(hub, "main") == content_of(release)
    assert published(hub, "refs/pr/1") == content_of(second)
    again = publish_now(hub, second, pull_request=True)
    assert again.pull_request_url == proposed.pull_request_url
    assert set(hub.tags(REPO)) == {"v1.0.0"}
    hub.state.repository("dataset", REPO).merge(1)
    assert plan(hub, second).state == "committed"
    assert publish_now(hub, second).done
    assert published(hub, "v1.1.0") == content_of(second)


def test_a_pull_request_is_opened_once_even_when_the_answer_is_lost(hub: TestHub, release: Path, second: Path):
    publish_now(hub, release)
    hub.inject("drop-after", path="/commit/")
    assert publish_now(hub, second, pull_request=True).pull_request_url
    assert list(hub.state.repository("dataset", REPO).pull_requests) == [1]


def test_a_stranger_may_open_a_pull_request_on_a_public_repository_and_no_more(
    hub: TestHub, release: Path, second: Path
):
    publish_now(hub, release, public=True)
    with pytest.raises(AccessDeniedError, match="does not belong to 'assurai-lab'"):
        plan(hub, second, token=hub.other_token, public=True)
    planned = plan(hub, second, token=hub.other_token, public=True, pull_request=True)
    assert publish(planned, api=hub.api(hub.other_token), patience=QUICK).pull_request_url


def test_a_pull_request_needs_a_repository(hub: TestHub, release: Path):
    with pytest.raises(PublicationRefusedError, match="no 'assurai-lab/words' to open"):
        plan(hub, release, pull_request=True)


def test_a_reading_token_is_told_so_at_once(hub: TestHub, release: Path):
    with pytest.raises(AccessDeniedError, match=r"the token of 'owner' may only read; log in"):
        plan(hub, release, token=hub.read_token)
    assert len(hub.log) == 1


def test_a_missing_organisation_is_told_at_once(hub: TestHub, release: Path):
    with pytest.raises(AccessDeniedError, match=r"'owner' does not belong to 'nowhere'.*'owner', 'assurai-lab'"):
        plan(hub, release, "nowhere/words")


def test_an_unknown_token_is_told_at_once(hub: TestHub, release: Path):
    with pytest.raises(AccessDeniedError, match="find out whose token"):
        plan(hub, release, token="hf_unknownunknownunknownunknown000")


def test_a_missing_token_is_told_at_once(hub: TestHub, release: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("huggingface_hub.hf_api.get_token", lambda: None)
    api = hub.api()
    api.token = None
    with pytest.raises(AccessDeniedError, match="there is no token"):
        plan_publication(release, REPO, api=api, patience=QUICK)


def test_a_full_quota_is_one_clear_line(hub: TestHub, release: Path, transfer: str):
    hub.state.quota_bytes["assurai-lab"] = 0
    with pytest.raises(QuotaError, match="storage limit reached") as caught:
        publish_now(hub, release)
    assert isinstance(caught.value, LimitError)
    assert "\n" not in str(caught.value)
    assert hub.tags(REPO) == {}


def test_a_full_quota_at_the_commit_is_one_clear_line(hub: TestHub, release: Path):
    hub.state.quota_bytes["assurai-lab"] = 1000
    with pytest.raises(QuotaError, match="storage limit reached"):
        publish_now(hub, release)


def test_a_card_the_hub_refuses_is_named_and_nothing_is_committed(hub: TestHub, tmp_path: Path):
    release = make_release(tmp_path / "bad", files={"README.md": b"---\nconfigs: text\n---\n"})
    with pytest.raises(DataError, match=r"refuses the card: .*configs"):
        publish_now(hub, release)
    assert not hub.asked("POST", "/commit/")


@pytest.mark.parametrize("kind", ["429", "500", "503", "drop"])
def test_a_passing_fault_is_waited_out(hub: TestHub, release: Path, kind: str):
    for path in ("whoami", "repos/create", "/preupload/", "/commit/", "/tag/", "/tree/"):
        hub.inject(kind, path=path)
    waits: list[float] = []
    patience = Patience(sleep=waits.append)
    planned = plan_publication(release, REPO, api=hub.api(), patience=patience)
    assert publish(planned, api=hub.api(), patience=patience).done
    assert len(waits) >= 4
    assert set(waits) <= {1.0, 2.0, 4.0}


def test_a_lasting_fault_ends_in_bounded_time(hub: TestHub, release: Path):
    hub.inject("503", times=None)
    waits: list[float] = []
    with pytest.raises(HubUnavailableError, match="run this again later"):
        plan_publication(release, REPO, api=hub.api(), patience=Patience(sleep=waits.append))
    assert waits == [1.0, 2.0, 4.0, 8.0]


def test_progress_is_told_with_bytes(hub: TestHub, release: Path):
    steps: list[tuple[str, int, int]] = []
    planned = plan(hub, release)
    publish(planned, api=hub.api(), patience=QUICK, progress=lambda *step: steps.append(step))
    assert steps[0] == ("upload", 0, planned.bytes)
    assert ("upload", planned.bytes, planned.bytes) in steps
    assert [step for step, _, _ in steps if step != "upload"] == ["commit", "check", "tag", "check"]


def test_a_process_of_its_own_publishes_quietly(hub: TestHub, release: Path, transfer: str):
    code = """
import sys
from huggingface_hub import HfApi
from assurai_datasets.publishing import plan_publication, publish
print(publish(plan_publication(sys.argv[1], "assurai-lab/words", api=HfApi()), api=HfApi()).done)
"""
    done = hub.run(code, str(release), xet=transfer == "xet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")
    assert published(hub, "v1.0.0") == content_of(release)


def test_the_token_appears_nowhere(
    hub: TestHub,
    release: Path,
    second: Path,
    transfer: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
):
    caplog.set_level(logging.DEBUG)
    seen = [repr(publish_now(hub, release)), json.dumps(plan(hub, second).to_json()), repr(plan(hub, second))]
    for kind in ("drop", "500", "429"):
        hub.inject(kind, path="/(commit|preupload|xet-write-token)/", times=None)
        try:
            publish_now(hub, second)
        except AssuraiError as error:
            seen.append("".join(traceback.format_exception(error)))
        hub.faults.clear()
    seen += [str(hub.files(REPO)), *capfd.readouterr(), caplog.text, json.dumps([str(r) for r in hub.log])]
    assert len(seen) >= 8
    assert not [text for text in seen if hub.token in text]
