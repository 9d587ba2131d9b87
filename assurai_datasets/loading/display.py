"""Rows in a notebook: a warning first, the content folded away, media blurred until they are pointed at."""

import base64
import html
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np
import soundfile
from PIL import Image

from assurai_datasets.errors import AssuraiError
from assurai_datasets.loading.messages import to_messages
from assurai_datasets.media import decode_audio, decode_video

WARNING = "Content warning: this row tests a risk and may be disturbing. 불편한 내용이 있을 수 있습니다."
WIDTH_PX = 320
N_FRAMES = 4
_STYLE = (
    "<style>.assurai-row{border:1px solid #c90;padding:.5em;margin:.5em 0}.assurai-row pre{white-space:pre-wrap}"
    ".assurai-row img{filter:blur(16px)}.assurai-row img:hover,.assurai-row img:focus{filter:none}</style>"
)


class ShownRows:
    """Rows as a notebook shows them; printed as text, only their ids and risk factors are seen."""

    def __init__(self, rows: tuple[Mapping[str, Any], ...]) -> None:
        self.rows = rows

    def __repr__(self) -> str:
        lines = (f"{row.get('id')}: {row.get('risk_factor')}, {row.get('prompt_type')}" for row in self.rows)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return _STYLE + "".join(map(_row_html, self.rows))


def show_rows(rows: Mapping[str, Any] | Iterable[Mapping[str, Any]], *, limit: int = 5) -> ShownRows:
    """Return rows for a notebook to show: folded away behind a content warning, media blurred until pointed at.

    Args:
        rows: A row of a modality's config or of `index`, or several, such as a dataset.
        limit: Most rows to show.
    """
    return ShownRows((rows,) if isinstance(rows, Mapping) else tuple(islice(rows, limit)))


def _row_html(row: Mapping[str, Any]) -> str:
    facts = ", ".join(str(row[name]) for name in ("risk_factor", "prompt_type", "stage") if row.get(name))
    head = f"<summary>⚠ <b>{_text(row.get('id'))}</b> {_text(facts)}<br><small>{WARNING}</small></summary>"
    return f'<details class="assurai-row">{head}{"".join(_content_html(row))}</details>'


def _content_html(row: Mapping[str, Any]) -> Iterator[str]:
    for message in to_messages(row, media=False) if row.get("prompt") else ():
        yield f"<p><i>{_text(message['role'])}</i></p><pre>{_text(message['content'])}</pre>"
    for kind, show in (("image", _image_html), ("video", _video_html), ("audio", _audio_html)):
        if row.get(kind) is not None:
            yield _media_html(row[kind], show)
    for position, response in enumerate(row.get("responses") or ()):
        score = "" if response.get("safety_score") is None else f", safety score {response['safety_score']:g}"
        yield f"<p><i>response {position}{score}</i></p><pre>{_text(response.get('text') or '(a medium)')}</pre>"


def _media_html(value: Any, show: Any) -> str:
    try:
        return str(show(value))
    except (AssuraiError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return f"<p>(cannot be shown: {_text(error)})</p>"


def _image_html(value: Any) -> str:
    picture = Image.open(io.BytesIO(value["bytes"])) if isinstance(value, Mapping) else value
    return _picture_html(picture)


def _video_html(value: Any) -> str:
    frames = decode_video(value, n_frames=N_FRAMES).frames
    return _picture_html(Image.fromarray(np.concatenate(list(frames), axis=1)), WIDTH_PX * N_FRAMES // 2)


def _audio_html(value: Any) -> str:
    if "array" in value:
        samples, rate_hz = value["array"], value["sampling_rate"]
    else:
        samples, rate_hz = decode_audio(value, mono=True)
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format="WAV", subtype="PCM_16")
    return f'<audio controls preload="none" src="{_data_uri("audio/wav", file.getvalue())}"></audio>'


def _picture_html(picture: Image.Image, width_px: int = WIDTH_PX) -> str:
    small = picture.convert("RGB")
    small.thumbnail((width_px, width_px))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=80)
    return f'<img tabindex="0" src="{_data_uri("image/jpeg", file.getvalue())}">'


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _text(value: object) -> str:
    return html.escape(str(value))
