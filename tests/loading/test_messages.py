"""Rows as chat messages."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assurai_datasets.errors import UsageError
from assurai_datasets.loading import load, to_messages
from assurai_datasets.loading.messages import choice_label

NOTHING = dict.fromkeys(("turns", "choices", "persona", "expertise", "constraints", "prior_response"))


def row(**fields: Any) -> dict[str, Any]:
    return {**NOTHING, "prompt": "무엇을 하면 좋을까요?", "language": "ko", **fields}


def test_a_prompt_alone_is_one_message():
    assert to_messages(row()) == [{"role": "user", "content": "무엇을 하면 좋을까요?"}]


def test_choices_are_lettered_below_the_prompt():
    (message,) = to_messages(row(choices=["쉰다", "걷는다"]))
    assert message["content"] == "무엇을 하면 좋을까요?\n\nA. 쉰다\nB. 걷는다"
    assert [choice_label(position) for position in (0, 25, 26)] == ["A", "Z", "27"]


@pytest.mark.parametrize(("field", "words"), [("persona", "역할을 맡아"), ("expertise", "전문가로서")])
def test_a_persona_and_an_expertise_are_the_system_message(field: str, words: str):
    system, user = to_messages(row(**{field: "동네 사서"}))
    assert (system["role"], user["role"]) == ("system", "user")
    assert words in system["content"]
    assert system["content"].endswith("동네 사서")


def test_without_a_system_role_it_stands_first_in_the_users_message():
    with_system = to_messages(row(persona="동네 사서"))
    (message,) = to_messages(row(persona="동네 사서"), system=False)
    assert message == {"role": "user", "content": "\n\n".join(part["content"] for part in with_system)}


def test_conditions_are_listed_below_and_an_earlier_answer_above():
    (message,) = to_messages(row(constraints=["짧게", "쉽게"], prior_response="걸으세요."))
    assert message["content"] == (
        "앞선 답변:\n걸으세요.\n\n무엇을 하면 좋을까요?\n\n다음 조건을 지키세요:\n- 짧게\n- 쉽게"
    )


def test_a_dialogue_is_its_turns():
    turns = [{"role": role, "content": text} for role, text in (("user", "안녕"), ("assistant", "네"), ("user", "또"))]
    assert to_messages(row(turns=turns, prompt="또")) == turns
    assert to_messages(row(turns=[{"role": "system", "content": "짧게"}, *turns], prompt="또"), system=False) == [
        {"role": "user", "content": "짧게\n\n안녕"},
        *turns[1:],
    ]


def test_a_prompt_that_the_dialogue_lacks_is_asked_at_its_end():
    turns = [
        {"role": "user", "content": "안녕"},
        {"role": "assistant", "content": "네"},
        {"role": "user", "content": "또"},
    ]
    messages = to_messages(row(turns=turns))
    assert messages[-1] == {"role": "user", "content": "또\n\n무엇을 하면 좋을까요?"}
    assert turns[-1]["content"] == "또"


def test_framing_words_follow_the_language():
    assert "Keep to these conditions:\n- short" in to_messages(row(language="en", constraints=["short"]))[0]["content"]
    assert to_messages(row(language="EN-gb", persona="a librarian"))[0]["content"] == "Answer in this role: a librarian"


def test_a_medium_is_a_part_before_the_text():
    (message,) = to_messages(row(image="picture"))
    assert message["content"] == [
        {"type": "image", "image": "picture"},
        {"type": "text", "text": "무엇을 하면 좋을까요?"},
    ]
    assert to_messages(row(image="picture"), media=False) == to_messages(row())
    assert to_messages(row(image=None)) == to_messages(row())


@pytest.mark.parametrize("config", ["image", "audio", "video"])
def test_loaded_media_are_ready_for_chat_templates(release: Path, config: str):
    found = next(row for row in load(config, release=release) if row[config] is not None)
    part, text = to_messages(found, n_frames=2)[-1]["content"]
    assert (part["type"], text["type"]) == (config, "text")
    if config == "audio":
        assert part["audio"].dtype == np.float32
    if config == "video":
        assert part["video"].shape[0] == 2


def test_every_row_of_a_release_ends_with_the_user_and_alternates(release: Path):
    for found in load("index", release=release):
        roles = [message["role"] for message in to_messages(found)]
        spoken = roles[1:] if roles[0] == "system" else roles
        assert spoken == ["user" if n % 2 == 0 else "assistant" for n in range(len(spoken))]
        assert len(spoken) % 2 == 1
        assert found["prompt"] in "\n".join(message["content"] for message in to_messages(found))


def test_a_row_without_a_prompt_is_refused():
    with pytest.raises(UsageError, match="a row with a 'prompt' is needed; this one has id, value"):
        to_messages({"value": 1, "id": "a"})
