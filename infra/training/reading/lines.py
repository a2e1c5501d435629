"""Draws lines of handwriting from fonts, with the faults of hands, pens, paper and cameras.

A line is drawn in two steps. `Pen.write` gives the ink: how much of each pixel it covers, 0 to 1, after the hand's
faults (uneven letters and spaces, a wandering baseline, slant, stroke width). `photograph` puts ink on paper and
gives what a scanner or a phone makes of it: grey, 0 (black) to 255. Everything follows from the two seeded generators
given.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

# Height of a small x in pixels before anything is warped.
X_HEIGHT = 30
# Height in pixels of the strips that the recognizer takes.
STRIP_HEIGHT = 48

cv2.setNumThreads(1)


class Font:
    """A font file. Printed type is not warped like a hand's writing."""

    def __init__(self, path: Path, printed=False):
        self.path = path
        self.printed = printed
        self.signs = set(TTFont(path, lazy=True).getBestCmap() or {})
        _, top, _, bottom = ImageFont.truetype(path, 100).getbbox("xzaecmnu")
        self.x_height = max(10, bottom - top)
        self.sizes = {}

    def at(self, size):
        if size not in self.sizes:
            self.sizes[size] = ImageFont.truetype(self.path, size)
        return self.sizes[size]

    def has(self, text):
        return all(ord(sign) in self.signs for sign in text if sign != " ")


def clouds(noise, height, width, cell):
    """Smooth noise of mean 0 and deviation near 1, whose clouds are about `cell` pixels wide."""
    rows, columns = max(2, round(height / cell) + 1), max(2, round(width / cell) + 1)
    coarse = noise.standard_normal((rows, columns)).astype(np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def lay(canvas, piece, x, y):
    """Lays ink on a canvas with its corner at (x, y), cut off where it reaches over the edge; the darker of both
    counts."""
    top, bottom = max(0, y), min(canvas.shape[0], y + piece.shape[0])
    left, right = max(0, x), min(canvas.shape[1], x + piece.shape[1])
    if bottom > top and right > left:
        part = piece[top - y : bottom - y, left - x : right - x]
        canvas[top:bottom, left:right] = np.maximum(canvas[top:bottom, left:right], part)


@dataclass(frozen=True)
class Hand:
    """How somebody writes."""

    # Size of the letters and width of the spaces, as a share of the font's, and pixels added to each space.
    size: float
    space: float
    gap: float
    # How far the pen strays, in pixels.
    unsteady: float
    # Letter by letter, as in print hands, and pixels between the letters; else joined as the font joins them.
    apart: bool
    tracking: float
    # Pixels that the writing leans for each pixel of height.
    slant: float
    # How much everything is distorted, in pixels; none for printed type.
    distortion: float
    # 0 to 1: what pen it is.
    pen: float


class Pen:
    """Writes with hands made up at random. `rand` is a `random.Random`, `noise` a numpy generator."""

    def __init__(self, rand, noise):
        self.random = rand
        self.noise = noise

    def hand(self, font: Font):
        """Another hand that writes in this font."""
        rand = self.random
        apart = not font.printed and rand.random() < 0.4
        is_flat = font.printed and rand.random() < 0.8
        return Hand(
            size=rand.uniform(0.92, 1.08),
            space=rand.uniform(0.7, 2.0) * (0.5 if rand.random() < 0.06 else 1),
            gap=rand.uniform(0, 14),
            unsteady=rand.choice([0, 0, 0.5, 1, 2]) * rand.random(),
            apart=apart,
            tracking=rand.uniform(-1.5, 2.5) if apart else 0,
            slant=0 if is_flat else rand.gauss(0, 0.22) if rand.random() < 0.75 else rand.uniform(-0.7, 0.5),
            distortion=0 if is_flat else rand.choice([0.4, 1.2, 2.0, 3.0, 4.2]) * (0.25 if font.printed else 1),
            pen=1 if font.printed else rand.random(),
        )

    def write(self, font: Font, text, hand: Hand | None = None):
        """The ink of one line, cut to its bounds; none when the font draws nothing. Without a hand it is a new one."""
        hand = hand or self.hand(font)
        ink, size = self._words(font, text, hand)
        ink = np.pad(ink, int(size * 0.6))
        if hand.distortion > 0:
            ink = self._warp(ink, hand)
        ink = stroke(ink, hand.pen)
        rows, columns = np.where(ink.max(1) > 0.3)[0], np.where(ink.max(0) > 0.3)[0]
        if len(rows) == 0 or len(columns) == 0:
            return None
        return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]

    def _words(self, font, text, hand):
        """The words one after another, and the size in which they are written."""
        rand = self.random
        size = max(16, min(220, round(100 * X_HEIGHT / font.x_height * hand.size)))
        words = text.split(" ")
        space = font.at(size).getlength(" ") * hand.space + hand.gap
        baseline, height = int(size * 1.5), size * 3
        letters = sum(font.at(size).getlength(word) for word in words)
        width = letters + space * 1.3 * len(words) + size * 3 + len(text) * 6
        line = np.zeros((height, int(width)), np.float32)
        x, drift = float(size), 0.0
        for word in words:
            drift = drift * 0.7 + rand.gauss(0, hand.unsteady * 2)
            own = max(14, int(size * rand.uniform(0.93, 1.07))) if hand.unsteady and rand.random() < 0.5 else size
            ink, advance = self._word(font.at(own), word, size, baseline, hand)
            lay(line, ink, round(x - size), round(drift))
            x += advance + space * rand.uniform(0.75, 1.3)
        return line, size

    def _word(self, face, word, margin, baseline, hand):
        """The ink of one word behind a margin, and how far the pen moves on."""
        rand = self.random
        image = Image.new("L", (int(face.getlength(word) + len(word) * 8 + margin * 3), margin * 3))
        draw = ImageDraw.Draw(image)
        x = float(margin)
        if hand.apart:
            for sign in word:
                draw.text((x, baseline + rand.gauss(0, hand.unsteady * 0.8)), sign, font=face, fill=255, anchor="ls")
                x += face.getlength(sign) + hand.tracking + rand.gauss(0, hand.unsteady * 0.5)
        else:
            draw.text((x, baseline), word, font=face, fill=255, anchor="ls")
            x += face.getlength(word)
        ink = np.asarray(image, np.float32) / 255
        if hand.unsteady and rand.random() < 0.5:
            turn = cv2.getRotationMatrix2D((margin, baseline), rand.gauss(0, 1.2), 1)
            ink = cv2.warpAffine(ink, turn, (ink.shape[1], ink.shape[0]))
        return ink, x - margin

    def _warp(self, ink, hand):
        """Slant, slope, and elastic distortion: of strokes, letters, the slant, the height, the baseline, the width."""
        noise, strength = self.noise, hand.distortion
        height, width = ink.shape
        # A box is turned with its line, so little of the slope is left.
        slope = self.random.gauss(0, 0.006)
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        along = lambda cell: clouds(noise, 1, width, cell).repeat(height, 0)
        from_middle = (y - height / 2) / height
        source_x = x + (y - height / 2) * hand.slant
        source_y = y + (x - width / 2) * slope
        for cell, much in [(38, 1.0), (14, 0.5)]:
            source_x += clouds(noise, height, width, cell) * strength * much * (1.3 if cell == 38 else 1)
            source_y += clouds(noise, height, width, cell) * strength * much
        source_x += along(60) * from_middle * strength * 4 + along(120) * strength * 3
        source_y += along(90) * from_middle * strength * 2.5 + along(170) * strength * 1.6
        return cv2.remap(ink, source_x, source_y, cv2.INTER_LINEAR, borderValue=0)


def stroke(ink, pen):
    """The ink of a thicker or a finer pen, three of them and the font's own."""
    if pen < 0.30:
        return cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)))
    if pen < 0.38:
        return cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    if pen < 0.52:
        return np.maximum(cv2.erode(ink, np.ones((2, 2), np.uint8)), ink * 0.25)
    return ink


def boxed(rand, ink):
    """The ink as a detector's box around it would give it: with margins, now and then cut too tight."""
    height, width = ink.shape
    top, bottom = (int(height * rand.uniform(-0.04, 0.30)) for _ in range(2))
    left, right = (int(height * rand.uniform(0, 0.5)) for _ in range(2))
    ink = ink[max(0, -top) : height - max(0, -bottom)]
    return np.pad(ink, ((max(0, top), max(0, bottom)), (left, right)))


def with_neighbour(rand, ink, other):
    """The ink with the feet of the line above or the heads of the line below reaching in."""
    height, width = ink.shape
    much = max(1, int(height * rand.uniform(0.05, 0.16)))
    x = rand.randrange(-other.shape[1] // 2, max(1, width - 10))
    ink = ink.copy()
    if rand.random() < 0.5:
        lay(ink, other[-much:], x, 0)
    else:
        lay(ink, other[:much], x, height - much)
    return ink


def photograph(rand, noise, ink):
    """Grey picture of ink on paper, as a scanner or a camera gives it; smaller than the ink, half of the times."""
    height, width = ink.shape
    if rand.random() < 0.35:
        # A ballpoint's ink is uneven.
        uneven = clouds(noise, height, width, rand.choice([3, 8, 30])) * rand.uniform(0.05, 0.3)
        ink = ink * np.clip(1 + uneven, 0.15, 1.1)
    is_pencil = rand.random() < 0.15
    if is_pencil:
        ink = ink * np.clip(0.75 + noise.standard_normal((height, width)).astype(np.float32) * 0.25, 0.1, 1)
    kind = rand.random()
    white, black = rand.uniform(0.72, 1.0), rand.uniform(0.3, 0.55) if is_pencil else rand.uniform(0, 0.38)
    if kind < 0.25:
        page = np.ones((height, width), np.float32)
        black = rand.uniform(0, 0.2)
    else:
        page = paper(rand, noise, height, width, white)
    page = page * (1 - ink) + ink * np.minimum(black, page)
    if rand.random() < 0.5:
        page = cv2.GaussianBlur(page, (0, 0), rand.uniform(0.3, 1.8 if height > 60 else 1.0))
    if kind < 0.12:
        # Black and white, as some scanners save it.
        page = (page > rand.uniform(0.45, 0.75)).astype(np.float32)
    page = np.clip(page, 0, 1)
    if rand.random() < 0.5:
        scale = rand.uniform(0.35, 1.0)
        page = cv2.resize(page, (max(8, int(width * scale)), max(8, int(height * scale))), interpolation=cv2.INTER_AREA)
    grey = (page * 255).astype(np.uint8)
    if rand.random() < 0.35:
        _, jpeg = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, rand.randrange(25, 90)])
        grey = cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE)
    return grey


def paper(rand, noise, height, width, white):
    """Paper with stains, shadow, noise, and rulings, 0 to 1."""
    page = np.full((height, width), white, np.float32)
    if rand.random() < 0.4:
        page += clouds(noise, height, width, rand.choice([60, 150])) * rand.uniform(0, 0.05)
    if rand.random() < 0.3:
        page += np.linspace(-1, 1, width)[None] * rand.uniform(-0.15, 0.15)
        page += np.linspace(-1, 1, height)[:, None] * rand.uniform(-0.08, 0.08)
    if rand.random() < 0.5:
        page += noise.standard_normal((height, width)).astype(np.float32) * rand.uniform(0, 0.05)
    if rand.random() < 0.22:
        rule(rand, page)
    return page


def rule(rand, page):
    """Draws a ruling under the line, now and then one above it, now and then squares."""
    height, width = page.shape
    dark, thick = rand.uniform(0.04, 0.3), rand.choice([1, 1, 2, 3])
    y = int(height * rand.uniform(0.55, 0.98))
    page[y : y + thick] -= dark
    if rand.random() < 0.4:
        y = int(height * rand.uniform(0, 0.3))
        page[y : y + thick] -= dark
    if rand.random() < 0.3:
        pitch = max(4, int(height * rand.uniform(0.3, 0.8)))
        for x in range(rand.randrange(pitch), width, pitch):
            page[:, x : x + thick] -= dark
        for y in range(rand.randrange(pitch), height, pitch):
            page[y : y + thick] -= dark


def strip(grey, squeeze=1.0):
    """The picture at the height of the recognizer's strips; `squeeze` makes it narrower or wider."""
    height, width = grey.shape
    size = (max(8, round(width * STRIP_HEIGHT / height * squeeze)), STRIP_HEIGHT)
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA if height > STRIP_HEIGHT else cv2.INTER_LINEAR)
