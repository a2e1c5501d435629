#!/usr/bin/env python3
"""Makes `kept/`: what make_bad_files.py needs and the standard library cannot write.

Runs in the virtualenv of the sample class (tests/sample-class/README.md says how to make it), after render.py, whose
pages it takes. The results are committed, so that nobody needs to run it.
"""

from pathlib import Path

import pikepdf
from PIL import Image

HERE = Path(__file__).resolve().parent
KEPT = HERE / "kept"
PAGE = HERE.parent / "sample-class" / "pages" / "amara-okafor.png"


def main() -> None:
    KEPT.mkdir(exist_ok=True)
    # The upper half is enough, and keeps the repository small.
    page = Image.open(PAGE).convert("L").crop((0, 0, 1240, 877))
    page.quantize(16).save(KEPT / "good.png", optimize=True)
    page.save(KEPT / "good.jpg", quality=50)
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    # AES-256 with a password to open it: without "student's secret" nothing in it can be read.
    encryption = pikepdf.Encryption(user="student's secret", owner="owner's secret", R=6)
    document.save(KEPT / "encrypted.pdf", encryption=encryption)


if __name__ == "__main__":
    main()
