"""A row as the messages of a chat."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from assurai_datasets.errors import UsageError
from assurai_datasets.schema.vocabulary import MODALITIES

Message = dict[str, Any]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_KOREAN = MappingProxyType(
    {
        "persona": "다음 역할을 맡아 답하세요: ",
        "expertise": "다음과 같은 전문가로서 답하세요: ",
        "constraints": "다음 조건을 지키세요:",
        "prior_response": "앞선 답변:",
    }
)
_ENGLISH = MappingProxyType(
    {
        "persona": "Answer in this role: ",
        "expertise": "Answer as this expert: ",
        "constraints": "Keep to these conditions:",
        "prior_response": "Earlier answer:",
    }
)


def to_messages(row: Mapping[str, Any], *, system: bool = True, media: bool = True, n_frames: int = 8) -> list[Message]:
    """Return what a model is shown for a row, as chat messages `{"role": ..., "content": ...}`.

    A persona or an expertise becomes the system message; a dialogue its turns; choices are lettered below the prompt,
    conditions listed below it, and an earlier answer stands above it. Framing words are Korean for Korean rows, else
    English. The content is text, or, where the row has an input medium, the parts that chat templates know:
    `{"type": "image", "image": ...}`, then `{"type": "text", "text": ...}`.

    Args:
        row: A row of a modality's config or of `index`.
        system: Whether the chat format has a system role; else what would be there stands first in the user's message.
        media: Whether to give the medium; else text alone.
        n_frames: Frames to give of a video that `load` decodes.

    Raises:
        UsageError: The row has no prompt.
        DataError: A video cannot be decoded.
    """
    if not isinstance(row.get("prompt"), str):
        raise UsageError(f"a row with a 'prompt' is needed; this one has {', '.join(sorted(map(str, row)))}")
    frame = _KOREAN if (row.get("language") or "ko").lower().startswith("ko") else _ENGLISH
    messages = [*_instruction(row, frame), *_dialogue(row, frame)]
    if not system:
        messages = _without_system(messages)
    medium = _medium(row, n_frames) if media else None
    if medium is not None:
        messages[-1]["content"] = [medium, {"type": "text", "text": messages[-1]["content"]}]
    return messages


def _instruction(row: Mapping[str, Any], frame: Mapping[str, str]) -> Iterator[Message]:
    said = [f"{frame[name]}{row[name]}" for name in ("persona", "expertise") if row.get(name)]
    if said:
        yield {"role": "system", "content": "\n".join(said)}


def _dialogue(row: Mapping[str, Any], frame: Mapping[str, str]) -> list[Message]:
    turns = [{"role": turn["role"], "content": turn["content"]} for turn in row.get("turns") or ()]
    asked = "\n\n".join(_question(row, frame))
    if not turns:
        return [{"role": "user", "content": asked}]
    if not any(turn["content"] == row["prompt"] for turn in turns):
        turns[-1]["content"] = f"{turns[-1]['content']}\n\n{asked}"
    return turns


def _question(row: Mapping[str, Any], frame: Mapping[str, str]) -> Iterator[str]:
    if row.get("prior_response"):
        yield f"{frame['prior_response']}\n{row['prior_response']}"
    yield row["prompt"]
    if row.get("choices"):
        yield "\n".join(f"{choice_label(position)}. {choice}" for position, choice in enumerate(row["choices"]))
    if row.get("constraints"):
        yield "\n".join([frame["constraints"], *(f"- {constraint}" for constraint in row["constraints"])])


def choice_label(position: int) -> str:
    """Return how a choice is called in a message: A to Z, then numbers from 27."""
    return LETTERS[position] if position < len(LETTERS) else str(position + 1)


def _without_system(messages: list[Message]) -> list[Message]:
    if messages[0]["role"] != "system":
        return messages
    first, second, *rest = messages
    return [{**second, "content": f"{first['content']}\n\n{second['content']}"}, *rest]


def _medium(row: Mapping[str, Any], n_frames: int) -> Message | None:
    kind = next((name for name in MODALITIES if name != "text" and row.get(name) is not None), None)
    return {"type": kind, kind: _shown(row[kind], n_frames)} if kind else None


def _shown(value: Any, n_frames: int) -> Any:
    if hasattr(value, "frames"):
        return value.frames(n_frames=n_frames).frames
    return value["array"] if isinstance(value, Mapping) and "array" in value else value
