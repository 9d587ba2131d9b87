"""A look-alike of the AssurAI files as published: one index, and media whose names begin with an id."""

import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from assurai_datasets.taxonomy import load_taxonomy
from tests.media_files import clip, sound

INDEX = "assurai_index.jsonl"
CARD = "---\nlicense: cc-by-nc-4.0\nlanguage:\n- ko\n---\n# A look-alike\n"
CODES = ("QO", "MC", "MS", "RP", "CT", "EP", "RL", "RF")
LETTERS = {"text": "t", "image": "i", "audio": "a", "video": "v"}
TEXT = """
신고 상담 절차 기관 도움 전화 안내 예방 교육 보호 지원 정책 규정 문의 접수 기록 확인
설명 방법 시간 장소 서류 준비 가족 학교 회사 이웃 친구 시민 학생 교사 직원 담당자 전문가
센터 창구 누리집 주소 지역 마을 도시 나라 법률 권리 의무 책임 안전 건강 생활 환경 정보
자료 통계 보고서 조사 결과 계획 목표 순서 단계 조건 기준 사례 질문 답변 의견 제안 요청
"""
WORDS = TEXT.split()


def published_row(number: int, modality: str, *, words: int) -> dict[str, Any]:
    """Return row `number` of an index; text rows have four answers of so many words, the others two media."""
    chance = random.Random(number)
    factor = load_taxonomy().risk_factors[number % 35]
    row: dict[str, Any] = {
        "id": f"r{factor.number:02}_{LETTERS[modality]}{number:04}_p{CODES[number % 8]}_001",
        "modality": modality,
        "risk": f"R{factor.number:02}: {factor.name}",
        "input_prompt": f"{' '.join(chance.choices(WORDS, k=20))}에 대해 알려 주세요.",
        "ref_output_risk_score": [chance.randint(1, 5) for _ in range(4 if modality == "text" else 2)],
        "source_sheet": "batch",
    }
    if modality == "text":
        row |= {f"candidate_{n}_answer": " ".join(chance.choices(WORDS, k=words)) for n in range(1, 5)}
    return row


def _modality(number: int, every: int) -> str:
    if number % every:
        return "text"
    turn = number // every
    return ("image", "audio", "video")[turn] if turn < 3 else "image"


def published_rows(rows: int, *, every: int, words: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of an index: every so many a media row, the first three of them of each kind."""
    for number in range(rows):
        yield published_row(number, _modality(number, every), words=words)


def published_files(rows: int = 12, *, every: int = 2, words: int = 8) -> dict[str, bytes]:
    """Return path and content of every file: the second picture of the last media row is missing."""
    table = list(published_rows(rows, every=every, words=words))
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in table]
    files = {INDEX: "".join(lines).encode(), "README.md": CARD.encode()}
    last = ""
    for number, row in enumerate(table):
        if row["modality"] != "text":
            folder = f"Risk_{row['id'][1:3]}/{row['modality']}"
            for take in range(2):
                suffix, content = _medium(row["modality"], number, take)
                last = f"{folder}/{row['id']}_{'ab'[take]}.{suffix}"
                files[last] = content
    del files[last]
    return files


def _medium(modality: str, number: int, take: int) -> tuple[str, bytes]:
    if modality == "image":
        pixels = np.random.default_rng(2 * number + take).integers(0, 256, (24, 32, 3), dtype=np.uint8)
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "PNG")
        return "png", out.getvalue()
    if modality == "audio":
        return "wav", sound(pitch_hz=300.0 + number + 40 * take)
    return "mp4", clip(frames=8 + 4 * take)


def write_published(folder: Path, files: dict[str, bytes]) -> Path:
    """Return a folder with these files."""
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder
