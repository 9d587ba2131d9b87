"""Publishing through the workflow: what is verified first, and that a fault leaves a whole release or none."""

from pathlib import Path

import pytest

from assurai_datasets.errors import AssuraiError, DataError, UsageError
from assurai_datasets.publishing import Patience
from assurai_datasets.workflow.publish import PublishSettings, plan_release, publish_release
from tests.hub.fixture import TestHub
from tests.publishing.built import FIRST, build_text_release
from tests.publishing.releases import content_of

REPO = "assurai-lab/assurai"
QUICK = Patience(tries=2, sleep=lambda wait_s: None)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_text_release(tmp_path_factory.mktemp("release"), "1.0.0", FIRST)


def test_a_release_is_planned_and_published_as_it_is(hub: TestHub, release: Path) -> None:
    plan = plan_release(release, REPO, PublishSettings(gated="auto"), api=hub.api())
    assert {request.method for request in hub.log} == {"GET"}
    assert publish_release(plan, api=hub.api()).done
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
