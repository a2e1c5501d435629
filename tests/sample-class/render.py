#!/usr/bin/env python3
"""Draws the sample class: answers.json and the table below in, pages/ and class.json out. README.md says how to run it.

The same versions of requirements.txt give the same bytes.
"""

import datetime
import io
import json
import sys
from pathlib import Path

from fpdf import FPDF
from PIL import Image

from handwriting import Hand, Sheet, write_script

HERE = Path(__file__).resolve().parent
PAGES = HERE / "pages"
TITLE = "General paper, Year 9"
DATE = datetime.datetime(2025, 3, 14, tzinfo=datetime.timezone.utc)

BLUE, DARK_BLUE, BLACK = (38, 58, 140), (30, 40, 95), (45, 45, 50)
WHITE_PAPER, CREAM_PAPER = (247, 247, 245), (243, 239, 228)

NAMES = {
    "24-0113": "Amara Okafor",
    "24-0127": "Lukas Brandt",
    "24-0131": "Mei-Ling Chen",
    "24-0148": "Diego Fuentes",
    "24-0152": "Priya Raman",
    "24-0160": "Noah Whitfield",
    "24-0175": "Fatima Al-Sayed",
    "24-0189": "Jonas Nguyen",
}

HANDS = {
    "24-0113": Hand(
        "patrick-hand",
        "ac5bc9033b2572bf84d39f7150c1634e37ed16e8dbee632d6d0bceac0bbf0199",
        36,
        DARK_BLUE,
        "{}.",
        label_in_margin=True,
    ),
    "24-0127": Hand(
        "kalam", "954410601a823f37e219f7930b7446f86afa15621326a7078d56fb9c910135cb", 35, BLUE, "{})", gap=1
    ),
    "24-0131": Hand(
        "architects-daughter",
        "284a3c1856b253a681c180bf5328cae3b94d4aaab702f6385490ec4e1b449df3",
        34,
        BLACK,
        "Q{}",
        spacing=0.08,
    ),
    "24-0148": Hand(
        "indie-flower",
        "cb57752edc96294323252e8d84fa25f975943b2ef3e87b2c984b15ca935d7657",
        36,
        BLUE,
        "Question {}",
        label_alone=True,
        spacing=0.05,
    ),
    "24-0152": Hand(
        "caveat",
        "d0b7b931b8980049327e8f8f9ac264617c8200b8422d62e886473d3d9527bad3",
        46,
        BLACK,
        "{}",
        label_in_margin=True,
        gap=3,
    ),
    "24-0189": Hand(
        "handlee", "d3807ea30015f5082c0a3e2b7803885310db888be091dbc86fecb1ca67f3c622", 36, DARK_BLUE, "{}.", gap=1
    ),
}

# Students who did not keep to the order of the paper.
ORDER = {"24-0152": ["1", "2", "3a", "3b", "7", "6", "4", "5", "9", "8"]}


def answers_in_order(number: str, answers: dict[str, str]) -> list[tuple[str, str]]:
    """(label, answer) as they stand on the script."""
    return [(label, answers[label]) for label in ORDER.get(number, list(answers))]


def save_jpeg(image: Image.Image, name: str, quality: int, orientation: int = 1) -> dict[str, str]:
    """Saves a photo, with its EXIF orientation where it isn't upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(PAGES / name, quality=quality, optimize=True, exif=exif)
    return {"path": f"pages/{name}", "content_type": "image/jpeg"}


def save_png(image: Image.Image, name: str) -> dict[str, str]:
    """Saves a scan in sixteen greys."""
    image.convert("L").quantize(16).save(PAGES / name, optimize=True)
    return {"path": f"pages/{name}", "content_type": "image/png"}


def new_pdf() -> FPDF:
    """An empty A4 document, in points."""
    document = FPDF(unit="pt", format="A4")
    document.set_creation_date(DATE)
    document.set_auto_page_break(True, 60)
    return document


def save_pdf(document: FPDF, name: str) -> dict[str, str]:
    """Saves a PDF."""
    document.output(str(PAGES / name))
    return {"path": f"pages/{name}", "content_type": "application/pdf"}


def draw_amara(number: str, script: list[tuple[str, str]]) -> list[dict[str, str]]:
    """A flatbed scan."""
    (sheet,) = handwritten(number, script)
    return [save_png(sheet.scanned(sheet.picture(WHITE_PAPER)), "amara-okafor.png")]


def draw_lukas(number: str, script: list[tuple[str, str]]) -> list[dict[str, str]]:
    """A phone held sideways: the pixels lie on their side, and the EXIF orientation says so."""
    (sheet,) = handwritten(number, script)
    photo = sheet.photographed(sheet.picture(CREAM_PAPER), turn=0.8, shadow=0.0)
    # Orientation 6: a viewer must turn it a quarter clockwise, so it is kept turned counterclockwise.
    return [save_jpeg(photo.transpose(Image.Transpose.ROTATE_90), "lukas-brandt.jpg", 55, orientation=6)]


def draw_mei_ling(number: str, script: list[tuple[str, str]]) -> list[dict[str, str]]:
    """A skewed photo with the photographer's shadow."""
    (sheet,) = handwritten(number, script)
    photo = sheet.photographed(sheet.picture(WHITE_PAPER), turn=4.0, shadow=0.45)
    return [save_jpeg(photo.convert("L"), "mei-ling-chen.jpg", 60)]


def draw_diego(number: str, script: list[tuple[str, str]]) -> list[dict[str, str]]:
    """Photos of two pages, uploaded in the wrong order (see `main`)."""
    sheets = handwritten(number, script)
    return [
        save_jpeg(sheet.photographed(sheet.picture(CREAM_PAPER), turn=-0.7, shadow=0.1), f"diego-fuentes-{i}.jpg", 55)
        for i, sheet in enumerate(sheets, 1)
    ]


def draw_priya(number: str, script: list[tuple[str, str]]) -> list[dict[str, str]]:
    """A scanned PDF: pictures only."""
    document = new_pdf()
    for sheet in handwritten(number, script):
        document.add_page()
        scan = sheet.scanned(sheet.picture(WHITE_PAPER)).convert("L")
        jpeg = io.BytesIO()
        scan.save(jpeg, "JPEG", quality=50, optimize=True)
        document.image(jpeg, 0, 0, document.w, document.h)
    return [save_pdf(document, "priya-raman.pdf")]


def draw_noah(number: str, script: list[tuple[str, str]]) -> list[dict[str, str]]:
    """A typed PDF with its text in it."""
    document = new_pdf()
    document.set_margin(70)
    document.add_page()
    document.set_font("Helvetica", size=11)
    for line in heading(number):
        document.multi_cell(0, 16, line, new_x="LMARGIN", new_y="NEXT")
    for label, answer in script:
        document.ln(8)
        document.multi_cell(0, 16, f"{label}. {answer}", align="L", new_x="LMARGIN", new_y="NEXT")
    return [save_pdf(document, "noah-whitfield.pdf")]


def draw_fatima(number: str, script: list[tuple[str, str]]) -> list[dict[str, str]]:
    """A typed text."""
    lines = [*heading(number), ""]
    for label, answer in script:
        lines += [f"{label}) {answer}", ""]
    (PAGES / "fatima-al-sayed.txt").write_text("\n".join(lines), encoding="utf-8")
    return [{"path": "pages/fatima-al-sayed.txt", "content_type": "text/plain"}]


def draw_jonas(number: str, script: list[tuple[str, str]]) -> list[dict[str, str]]:
    """Flatbed scans of a sheet and of its empty back."""
    (sheet,) = handwritten(number, script)
    (back,) = write_script(HANDS[number], f"{number}/back", [], [])
    return [
        save_png(page.scanned(page.picture(WHITE_PAPER)), f"jonas-nguyen-{i}.png")
        for i, page in enumerate((sheet, back), 1)
    ]


def heading(number: str) -> list[str]:
    """What stands at the top of a script."""
    return [f"{NAMES[number]}   No. {number}", TITLE]


def handwritten(number: str, script: list[tuple[str, str]]) -> list[Sheet]:
    """The sheets of a handwritten script."""
    return write_script(HANDS[number], number, heading(number), script)


DRAW = {
    "24-0113": draw_amara,
    "24-0127": draw_lukas,
    "24-0131": draw_mei_ling,
    "24-0148": draw_diego,
    "24-0152": draw_priya,
    "24-0160": draw_noah,
    "24-0175": draw_fatima,
    "24-0189": draw_jonas,
}


def main() -> None:
    PAGES.mkdir(exist_ok=True)
    answers = json.loads((HERE / "answers.json").read_text(encoding="utf-8"))
    entries = []
    for number, draw in DRAW.items():
        files = draw(number, answers_in_order(number, answers[number]))
        upload_order = list(range(1, len(files) + 1))
        if draw is draw_diego:
            upload_order.reverse()
        name = NAMES[number]
        entries.append({"student_name": name, "student_number": number, "files": files, "upload_order": upload_order})
        for file in files:
            size = (HERE / file["path"]).stat().st_size
            print(f"{size:>9,} bytes  {file['path']}", file=sys.stderr)
    (HERE / "class.json").write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
