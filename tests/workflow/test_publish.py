"""Publishing through the workflow: what is verified first, and that a fault leaves a whole release or none."""

from pathlib import Path

import pytest

from assurai_datasets.errors import AssuraiError, DataError, UsageError
from assurai_datasets.publishing import Patience
from assurai_datasets.workflow.publish import PublishSettings, plan_release, publish_release
from tests.hub.fixture import TestHub
from tests.publishing.built import EDITED, FIRST, SECOND, build_text_release
from tests.publishing.releases import content_of

REPO = "assurai-lab/assurai"
QUICK = Patience(tries=2, sleep=lambda wait_s: None)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_text_release(tmp_path_factory.mktemp("release"), "1.0.0", FIRST)


def test_a_release_is_planned_and_published_as_it_is(hub: TestHub, release: Path) -> None:
    proposal = plan_release(release, REPO, PublishSettings(gated="auto"), api=hub.api())
    assert {request.method for request in hub.log} == {"GET"}
    assert publish_release(proposal, api=hub.api()).done
    files = hub.files(REPO, "v1.0.0")
    assert {path: content for path, content in files.items() if path != ".gitattributes"} == content_of(release)


def test_a_release_that_does_not_verify_is_refused_before_the_hub_is_asked(hub: TestHub, tmp_path: Path) -> None:
    release = build_text_release(tmp_path, "1.0.0", FIRST)
    (release / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(DataError, match=r"does not verify: notes\.txt: .*assurai verify lists all"):
        plan_release(release, REPO, api=hub.api())
    assert not hub.log


def test_a_folder_that_is_no_release_is_a_wrong_call(hub: TestHub, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        plan_release(tmp_path, REPO, api=hub.api())
    assert not hub.log


@pytest.mark.parametrize("path", ["/commit/", "/tag/"])
@pytest.mark.usefixtures("no_waiting")
def test_a_lost_network_leaves_no_tag_and_running_again_finishes(hub: TestHub, release: Path, path: str) -> None:
    hub.inject("drop", path=path, times=None)
    with pytest.raises(AssuraiError, match="run this again"):
        publish_release(plan_release(release, REPO, api=hub.api()), api=hub.api(), patience=QUICK)
    assert hub.tags(REPO) == {}
    hub.faults.clear()
    assert publish_release(plan_release(release, REPO, api=hub.api()), api=hub.api()).done
    assert set(hub.tags(REPO)) == {"v1.0.0"}


def test_a_plan_says_what_changed_since_the_version_before(hub: TestHub, release: Path, tmp_path: Path) -> None:
    publish_release(plan_release(release, REPO, api=hub.api()), api=hub.api())
    newest = build_text_release(tmp_path, "3.0.0", FIRST, SECOND)
    publish_release(plan_release(newest, REPO, api=hub.api()), api=hub.api())
    hub.log.clear()
    proposal = plan_release(build_text_release(tmp_path, "2.0.0", EDITED, SECOND), REPO, api=hub.api())
    assert proposal.diff is not None
    assert (proposal.diff.old, proposal.diff.added) == ("1.0.0", ("fraud-2",))
    assert {name: list(fields) for name, fields in proposal.diff.changed.items()} == {"fraud-1": ["prompt"]}
    assert proposal.to_json()["diff"]["changed"] == {"fraud-1": ["prompt"]}
    assert not [request for request in hub.log if "data/text" in request.path], "media are not needed to compare"


def test_a_version_that_cannot_be_compared_is_named_and_stops_nothing(
    hub: TestHub, release: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hub.put(REPO, {"README.md": b"# by hand\n"}, tag="v0.9.0", private=True)
    proposal = plan_release(release, REPO, api=hub.api(), patience=QUICK)
    assert proposal.diff is None
    assert "cannot say what changed since v0.9.0" in caplog.text
    assert publish_release(proposal, api=hub.api()).done
