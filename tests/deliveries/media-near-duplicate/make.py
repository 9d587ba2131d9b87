"""Media of this case, which git does not hold."""

from pathlib import Path

from PIL import Image


def make(folder: Path) -> None:
    (folder / "media").mkdir(exist_ok=True)
    drawing = Image.effect_mandelbrot((256, 192), (-2.0, -1.2, 1.0, 1.2), 60)
    drawing.save(folder / "media" / "chart.png")
    drawing.resize((192, 144)).save(folder / "media" / "smaller.jpg", quality=85)
