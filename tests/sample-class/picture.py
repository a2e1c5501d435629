#!/usr/bin/env python3
"""Makes annotated-page.png, the README's picture, from a page that `make demo` has graded.

Reduced to the width of a web page and to a palette. The paper's many greys would take the whole palette and leave blue
and vermillion out, so these have places of their own in it. Needs Pillow (requirements.txt).
"""

import sys
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
GRADED = HERE.parents[1] / ".local" / "demo" / "24-0127" / "annotated-1.png"
WIDTH = 1000
GREYS = 24
SHADES = 8
BLUE, VERMILLION = (0, 114, 178), (213, 94, 0)  # as in shared/feedback/src/draw.rs


def palette() -> Image.Image:
    """Greys, and both colours in shades up to white."""

    def ramp(colour: tuple[int, int, int], steps: int) -> list[int]:
        share = [step / (steps - 1) for step in range(steps)]
        return [round(value + (255 - value) * part) for part in share for value in colour]

    colours = ramp((20, 20, 20), GREYS) + ramp(BLUE, SHADES) + ramp(VERMILLION, SHADES)
    image = Image.new("P", (1, 1))
    image.putpalette(colours)
    return image


def main() -> None:
    if not GRADED.exists():
        sys.exit(f"There is no {GRADED}: `make demo` first.")
    page = Image.open(GRADED).convert("RGB")
    page = page.resize((WIDTH, round(page.height * WIDTH / page.width)), Image.Resampling.LANCZOS)
    target = HERE / "annotated-page.png"
    page.quantize(palette=palette(), dither=Image.Dither.NONE).save(target, optimize=True)
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
