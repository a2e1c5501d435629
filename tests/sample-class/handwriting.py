"""Draws text as a hand writes it: ruled paper, ink glyph by glyph, then what a camera or scanner makes of it."""

import hashlib
import io
import random
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFilter, ImageFont

# A4 at 150 dots per inch.
WIDTH, HEIGHT = 1240, 1754
# Lines are drawn at twice the size and scaled down, so that a quarter of a pixel's jitter shows.
SCALE = 2
MARGIN = 165
TOP = 190
PITCH = 47
BOTTOM = HEIGHT - 70
RIGHT = WIDTH - 60

FONTSOURCE_VERSION = "5.3.0"
CACHE = Path(__file__).resolve().parents[2] / ".local" / "fonts"


@dataclass(frozen=True)
class Hand:
    """How one student writes."""

    # Name of the npm package `@fontsource/…` and SHA-256 of its Latin regular woff2 file.
    font: str
    sha256: str
    # Size of the letters in pixels.
    size: int
    ink: tuple[int, int, int]
    # Drawn before an answer, as in "Question {}".
    label: str
    # Whether the label stands left of the margin line.
    label_in_margin: bool = False
    # Whether the answer begins on the line below the label.
    label_alone: bool = False
    # Added behind each letter, as a share of the size: some fonts set an i or a comma so close that it drowns.
    spacing: float = 0.0
    # Lines left empty after an answer.
    gap: int = 0


def font_of(hand: Hand) -> ImageFont.FreeTypeFont:
    """The hand's font, fetched from npm the first time, checked, and unpacked to TrueType in memory."""
    CACHE.mkdir(parents=True, exist_ok=True)
    archive = CACHE / f"fontsource-{hand.font}-{FONTSOURCE_VERSION}.tgz"
    if not archive.exists():
        package = f"@fontsource/{hand.font}@{FONTSOURCE_VERSION}"
        subprocess.run(["npm", "pack", "--silent", package], cwd=CACHE, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(archive) as files:
        content = files.extractfile(f"package/files/{hand.font}-latin-400-normal.woff2").read()
    found = hashlib.sha256(content).hexdigest()
    if found != hand.sha256:
        raise SystemExit(f"{archive}: the font's SHA-256 is {found}, not {hand.sha256}. Delete the file and try again.")
    font = TTFont(io.BytesIO(content))
    font.flavor = None
    unpacked = io.BytesIO()
    font.save(unpacked)
    unpacked.seek(0)
    return ImageFont.truetype(unpacked, hand.size * SCALE, layout_engine=ImageFont.Layout.BASIC)


class Sheet:
    """One sheet of ruled paper and the ink on it."""

    def __init__(self, hand: Hand, seed: str):
        self.hand = hand
        self.font = font_of(hand)
        self.random = random.Random(seed)
        self.noise = np.random.default_rng(list(hashlib.sha256(seed.encode()).digest()))
        self.mask = Image.new("L", (WIDTH * SCALE, HEIGHT * SCALE), 0)
        # A hand drifts slowly off the line and back.
        self.drift = self.random.uniform(0, 6)

    def write(self, text: str, left: float, baseline: float) -> None:
        """Writes one line from `left` on the baseline, in pixels of the page."""
        x, y = left * SCALE, baseline * SCALE
        slope = self.random.uniform(-0.005, 0.005)
        for glyph in text:
            advance = advance_of(glyph, self.font, self.hand)
            if glyph == " ":
                x += advance * self.random.uniform(1.0, 1.35)
                continue
            self.drift += 0.06
            lift = np.sin(self.drift) * 2.5 + self.random.gauss(0, 1.0) + (x - left * SCALE) * slope
            self._stamp(glyph, x + self.random.gauss(0, 0.6), y + lift)
            x += advance * self.random.uniform(0.98, 1.03)

    def _stamp(self, glyph: str, x: float, baseline: float) -> None:
        """Stamps one glyph, a little turned and a little larger or smaller than the last one like it."""
        side = self.hand.size * SCALE * 2
        stamp = Image.new("L", (side * 2, side * 2), 0)
        ImageDraw.Draw(stamp).text((side, side), glyph, font=self.font, fill=255, anchor="ls")
        angle = np.radians(self.random.gauss(0, 1.8))
        grow = self.random.gauss(1.0, 0.035)
        cos, sin = np.cos(angle) / grow, np.sin(angle) / grow
        affine = (cos, sin, side - cos * side - sin * side, -sin, cos, side + sin * side - cos * side)
        stamp = stamp.transform(stamp.size, Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR)
        pressure = self.random.uniform(0.82, 1.0)
        stamp = stamp.point(lambda value: int(value * pressure))
        box = stamp.getbbox()
        if box is None:
            return
        corner = (round(x) - side + box[0], round(baseline) - side + box[1])
        self.mask.paste(255, corner, stamp.crop(box))

    def picture(self, paper: tuple[int, int, int]) -> Image.Image:
        """The sheet seen straight from above in even light, RGB."""
        ink = np.asarray(self._wobble(self.mask).resize((WIDTH, HEIGHT), Image.Resampling.BOX), dtype=np.float32) / 255
        # A ballpoint's ink is uneven over a few pixels.
        ink *= 0.90 + 0.10 * self._clouds(5)
        page = np.ones((HEIGHT, WIDTH, 3), dtype=np.float32) * paper
        page += self._clouds(90)[..., None] * 3.0 + self._clouds(3)[..., None] * 1.2
        for y in range(TOP, BOTTOM, PITCH):
            page[y : y + 2, :] = page[y : y + 2, :] * 0.55 + np.array((150, 180, 215)) * 0.45
        page[:, MARGIN - 15 : MARGIN - 13] = page[:, MARGIN - 15 : MARGIN - 13] * 0.5 + np.array((220, 130, 135)) * 0.5
        page = page * (1 - ink[..., None]) + np.array(self.hand.ink) * ink[..., None]
        return Image.fromarray(page.clip(0, 255).astype(np.uint8))

    def _clouds(self, cell: int) -> np.ndarray:
        """Smooth noise of about −1 to 1 whose clouds are `cell` pixels wide."""
        coarse = self.noise.standard_normal((HEIGHT // cell + 2, WIDTH // cell + 2)).astype(np.float32) / 2
        return np.asarray(Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))

    def _wobble(self, image: Image.Image) -> Image.Image:
        """Shifts strokes by up to a pixel or two, so that no two letters are quite alike."""
        width, height = image.size
        step = 24 * SCALE
        mesh = []
        across, down = width // step + 2, height // step + 2
        shift = self.noise.normal(0, 1.4, (down, across, 2))
        for row in range(down - 1):
            for column in range(across - 1):
                left, top = column * step, row * step
                target = (left, top, min(left + step, width), min(top + step, height))
                corners = [(row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1)]
                points = [(left, top), (left, target[3]), (target[2], target[3]), (target[2], top)]
                source = [value + shift[at][i] for at, point in zip(corners, points) for i, value in enumerate(point)]
                mesh.append((target, source))
        return image.transform(image.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)

    # What a camera or a scanner makes of the sheet.

    def scanned(self, picture: Image.Image) -> Image.Image:
        """As a flatbed scanner sees it: a hair's turn, paper nearly white, little noise."""
        turn = self.random.uniform(-0.4, 0.4)
        picture = picture.rotate(turn, Image.Resampling.BICUBIC, fillcolor=(250, 250, 250))
        values = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.5)), dtype=np.float32)
        values = (values - 20) * (255 / 222) + self.noise.normal(0, 1.0, values.shape)
        return Image.fromarray(values.clip(0, 255).astype(np.uint8))

    def photographed(self, picture: Image.Image, turn: float, shadow: float) -> Image.Image:
        """As a phone sees it: on a desk, turned by some degrees, darker towards a corner, noisy.

        `shadow` is the share of light that the darkest corner loses.
        """
        desk = np.ones((HEIGHT, WIDTH, 3), dtype=np.float32) * (96, 74, 58)
        desk += self._clouds(40)[..., None] * 9
        desk[:] += np.sin(np.arange(HEIGHT) / 9.0)[:, None, None] * 4
        desk = Image.fromarray(desk.clip(0, 255).astype(np.uint8))

        # The corners of the sheet on the photo, clockwise from the top left: a little perspective, then the turn.
        inset = 0.93 - abs(turn) * 0.012
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (WIDTH / 2 * inset, HEIGHT / 2 * inset)
        corners[0] += (14, 9)
        corners[2] += (-6, 11)
        angle = np.radians(turn)
        rotation = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
        corners = corners @ rotation + (WIDTH / 2, HEIGHT / 2)
        perspective = _perspective(corners, np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]))
        size, how = (WIDTH, HEIGHT), Image.Transform.PERSPECTIVE
        laid = picture.transform(size, how, perspective, Image.Resampling.BICUBIC)
        where = Image.new("L", size, 255).transform(size, how, perspective, Image.Resampling.BICUBIC)
        photo = np.asarray(Image.composite(laid, desk, where).filter(ImageFilter.GaussianBlur(0.7)), dtype=np.float32)

        y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        light = 1 - 0.10 * (x / WIDTH)
        # The soft edge of a hand's shadow, running across the lower left of the page.
        edge = 1 / (1 + np.exp(-((HEIGHT - y) * 0.75 + x - 1150 + 40 * np.sin(y / 130)) / 60))
        light *= 1 - shadow * (1 - edge)
        photo = photo * light[..., None] * (1.0, 0.985, 0.955)
        photo += self.noise.normal(0, 2.2, photo.shape)
        return Image.fromarray(photo.clip(0, 255).astype(np.uint8))


def _perspective(target: np.ndarray, source: np.ndarray) -> list[float]:
    """Pillow's eight numbers of the perspective that takes points of `target` back to `source`."""
    rows, values = [], []
    for (x, y), (u, v) in zip(target, source):
        rows += [(x, y, 1, 0, 0, 0, -u * x, -u * y), (0, 0, 0, x, y, 1, -v * x, -v * y)]
        values += [u, v]
    return list(np.linalg.solve(np.array(rows), np.array(values)))


def advance_of(glyph: str, font: ImageFont.FreeTypeFont, hand: Hand) -> float:
    """How far the pen moves on for a letter, in the doubled pixels of the drawing. No kerning: a hand has none."""
    return font.getlength(glyph) + hand.spacing * hand.size * SCALE


def wrap(words: list[str], font: ImageFont.FreeTypeFont, hand: Hand, width: float) -> list[str]:
    """Breaks words into lines no wider than `width` pixels of the page."""

    def length(line: str) -> float:
        # Spaces come out wider than in the font, and letters vary.
        return sum(advance_of(glyph, font, hand) for glyph in line) * 1.01 + line.count(" ") * font.getlength(" ") * 0.2

    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and length(longer) <= width * SCALE:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def write_script(hand: Hand, seed: str, heading: list[str], answers: list[tuple[str, str]]) -> list[Sheet]:
    """Writes heading and (label, answer) pairs onto as many sheets as they need."""
    sheets = [Sheet(hand, f"{seed}/1")]
    for i, line in enumerate(heading):
        sheets[0].write(line, MARGIN + 10, TOP - 85 + i * PITCH)
    baseline = TOP + PITCH * len(heading) - 3
    for label, answer in answers:
        label = hand.label.format(label)
        if hand.label_in_margin:
            lines = wrap(answer.split(), sheets[0].font, hand, RIGHT - MARGIN)
        elif hand.label_alone:
            lines = [label, *wrap(answer.split(), sheets[0].font, hand, RIGHT - MARGIN)]
        else:
            lines = wrap([*label.split(), *answer.split()], sheets[0].font, hand, RIGHT - MARGIN)
        for i, line in enumerate(lines):
            # Nobody writes a label on the last line and its answer overleaf.
            needed = PITCH if i == 0 and len(lines) > 1 else 0
            if baseline + needed > BOTTOM:
                sheets.append(Sheet(hand, f"{seed}/{len(sheets) + 1}"))
                baseline = TOP - 3
            if hand.label_in_margin and i == 0:
                wide = sum(advance_of(glyph, sheets[-1].font, hand) for glyph in label) / SCALE
                sheets[-1].write(label, MARGIN - 35 - wide, baseline)
            sheets[-1].write(line, MARGIN + sheets[-1].random.uniform(-2, 8), baseline)
            baseline += PITCH
        baseline += PITCH * hand.gap
    return sheets
