#!/usr/bin/env python3
"""Makes annotated-page.png, the README's picture, from a page that `make demo` has graded.

Reduced to the width of a web page and to a palette. The paper's many shades would take the whole palette and leave blue
and vermillion out, so these have places of their own in it. Needs Pillow (requirements.txt).
"""

import sys
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
GRADED = HERE.parents[1] / ".local" / "demo" / "24-0148" / "annotated-1.png"
WIDTH = 1000
COLOURS = 64  # of the page itself
SHADES = 6
BLUE, VERMILLION = (0, 114, 178), (213, 94, 0)  # as in shared/feedback/src/draw.rs


def shades(colour: tuple[int, int, int]) -> list[int]:
    """The colour, and lighter ones for the soft edges of its strokes."""
    return [round(value + (255 - value) * step / SHADES) for step in range(SHADES) for value in colour]


def palette(page: Image.Image) -> Image.Image:
    """The page's commonest colours, blue and vermillion."""
    own = page.quantize(COLOURS, method=Image.Quantize.MEDIANCUT).getpalette()[: 3 * COLOURS]
    image = Image.new("P", (1, 1))
    image.putpalette(own + shades(BLUE) + shades(VERMILLION))
    return image


def main() -> None:
    if not GRADED.exists():
        sys.exit(f"There is no {GRADED}: `make demo` first.")
    page = Image.open(GRADED).convert("RGB")
    page = page.resize((WIDTH, round(page.height * WIDTH / page.width)), Image.Resampling.LANCZOS)
    target = HERE / "annotated-page.png"
    page.quantize(palette=palette(page), dither=Image.Dither.NONE).save(target, optimize=True)
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
