"""Media of this case, which git does not hold."""

from pathlib import Path

import numpy as np
import soundfile


def make(folder: Path) -> None:
    (folder / "media").mkdir(exist_ok=True)
    soundfile.write(folder / "media" / "silence.wav", np.zeros(8000), 16_000)
