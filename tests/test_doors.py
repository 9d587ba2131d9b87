"""Rooms load their doors when these are first used."""

import subprocess
import sys

import pytest

import assurai_datasets
from assurai_datasets import execution, loading, media

ROOMS = [assurai_datasets, execution, loading, media]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_every_door_opens(room):
    assert all(getattr(room, name) is not None for name in room.__all__)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_a_door_that_is_not_there_is_no_attribute(room):
    with pytest.raises(AttributeError, match=f"module '{room.__name__}' has no attribute 'nothing'"):
        _ = room.nothing


def test_a_door_leads_to_what_it_names_though_a_module_has_that_name_too():
    from assurai_datasets.execution import run_in_workers

    assert callable(run_in_workers)
    assert execution.run_in_workers is run_in_workers


def test_a_room_loads_nothing_before_it_is_used():
    code = (
        "import sys, assurai_datasets.media, assurai_datasets.execution\n"
        "assert not {'numpy', 'av', 'PIL', 'subprocess', 'pydantic'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
