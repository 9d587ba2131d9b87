"""What a handler gives back: an answer, or a refusal in the Hub's form."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answer:
    """Status, headers and body; a path as the body is sent from disk."""

    status: int = 200
    body: bytes | Path = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return self.body.stat().st_size if isinstance(self.body, Path) else len(self.body)


def answer_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})


class RefusalError(Exception):
    """An error answer: status, `X-Error-Code`, `X-Error-Message`, and the message as JSON."""

    def __init__(self, status: int, code: str | None, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.more = status, code, message, more
        self.headers: dict[str, str] = {}

    def with_headers(self, headers: Mapping[str, str]) -> "RefusalError":
        self.headers.update(headers)
        return self

    def to_answer(self) -> Answer:
        code = {"X-Error-Code": self.code} if self.code else {}
        headers = {**code, "X-Error-Message": self.message, **self.headers}
        return answer_json({"error": self.message, **self.more}, self.status, headers)
