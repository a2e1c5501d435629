#!/usr/bin/env python3
"""Draws handwriting to measure the reader with: `manifest.jsonl` and images in `.local/bench/handwriting`.

    validation.py [--out DIR] [--lines 300] [--seed 1]

The fonts, twelve hands that nothing is trained on, are fetched by `sources.py --use validation` first. The texts
were written for it and are nobody's: `tests/bench/handwriting-answers.json` and `tests/bench/minimal-pairs.json`.
Three sets:

- `synthetic_lines`: lines of answers, each in another hand;
- `synthetic_terms`: whole answers on a page, with the terms of a guide that they contain (`terms`) and some, easily
  mistaken for those, that they don't (`absent`);
- `synthetic_pairs`: each sentence of the minimal pairs twice, with one word and with the other, in the same hand: the
  word that is written is in `terms`, the other in `absent`.

Rows: `{image, text, kind, level, set, terms, absent}`; a page's lines are parted by line feeds. Needs numpy, Pillow,
OpenCV and fonttools; the same versions and seed give the same images.
"""

import argparse
import json
import random
from pathlib import Path

import cv2
import numpy as np

import lines
import sources

REPOSITORY = sources.HERE.parents[2]
ANSWERS = REPOSITORY / "tests" / "bench" / "handwriting-answers.json"
PAIRS = REPOSITORY / "tests" / "bench" / "minimal-pairs.json"
OUT = REPOSITORY / ".local" / "bench" / "handwriting"
# How many hands write each answer of `synthetic_terms`.
HANDS_PER_ANSWER = 2
# Words on a line of a page, and on one of `synthetic_lines`.
PAGE_WORDS = (5, 8)
LINE_WORDS = (3, 9)
# Pixels around the writing of a page, and from one line to the next as a share of the tallest line's height.
MARGIN = 60
PITCH = 1.15


def cut(rand, text, shortest, longest):
    """The text in lines of so many words; the last may be shorter."""
    words, found = text.split(), []
    while words:
        count = rand.randint(shortest, longest)
        found.append(" ".join(words[:count]))
        words = words[count:]
    return found


def page_of(inks):
    """The ink of lines one below the other."""
    pitch = int(max(ink.shape[0] for ink in inks) * PITCH)
    page = np.zeros((pitch * len(inks) + 2 * MARGIN, max(ink.shape[1] for ink in inks) + 2 * MARGIN), np.float32)
    for number, ink in enumerate(inks):
        # Lines stand on their baselines, roughly: their middles are equally far apart.
        lines.lay(page, ink, MARGIN, MARGIN + number * pitch + (pitch - ink.shape[0]) // 2)
    return page


class Set:
    """Draws and notes down rows."""

    def __init__(self, out: Path, fonts, seed):
        self.out = out
        self.random = random.Random(seed)
        self.noise = np.random.default_rng(seed)
        self.pen = lines.Pen(self.random, self.noise)
        self.fonts = fonts
        self.rows = []

    def font_for(self, *text):
        """A hand that has every sign of these texts."""
        able = [font for font in self.fonts if all(font.has(own) for own in text)]
        return self.random.choice(able) if able else None

    def add(self, name, level, text, ink, terms=(), absent=()):
        image = f"{name.removeprefix('synthetic_')}-{len(self.rows):04}.png"
        cv2.imwrite(str(self.out / image), lines.photograph(self.random, self.noise, ink))
        row = {"image": image, "text": text, "kind": "handwritten", "level": level, "set": name}
        self.rows.append(row | {"terms": list(terms), "absent": list(absent)})

    def line(self, name, text, font, hand=None, terms=(), absent=()):
        ink = self.pen.write(font, text, hand)
        self.add(name, "line", text, lines.boxed(self.random, ink), terms, absent)

    def add_lines(self, answers, count):
        """So many lines of the answers, cut anew each time round; a line that no hand can write is passed over."""
        drawn = 0
        while drawn < count:
            parts = [part for answer in answers for part in cut(self.random, answer["answer"], *LINE_WORDS)]
            self.random.shuffle(parts)
            for part in parts[: count - drawn]:
                if font := self.font_for(part):
                    self.line("synthetic_lines", part, font)
                    drawn += 1

    def add_terms(self, answers):
        for answer in answers * HANDS_PER_ANSWER:
            if not (font := self.font_for(answer["answer"])):
                continue
            parts = cut(self.random, answer["answer"], *PAGE_WORDS)
            hand = self.pen.hand(font)
            ink = page_of([self.pen.write(font, part, hand) for part in parts])
            self.add("synthetic_terms", "page", "\n".join(parts), ink, answer["terms"], answer["absent"])

    def add_pairs(self, pairs):
        for one, other, sentence in pairs:
            font = self.font_for(sentence, one, other)
            hand = self.pen.hand(font)
            for written, not_written in [(one, other), (other, one)]:
                self.line("synthetic_pairs", sentence.format(written), font, hand, [written], [not_written])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT, help="where it goes")
    parser.add_argument("--lines", type=int, default=300, help="lines of `synthetic_lines`")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    arguments.out.mkdir(parents=True, exist_ok=True)
    fonts = [lines.Font(path) for path in sources.fonts("validation")]
    answers = json.loads(ANSWERS.read_text())
    drawn = Set(arguments.out, fonts, arguments.seed)
    drawn.add_lines(answers, arguments.lines)
    drawn.add_terms(answers)
    drawn.add_pairs(json.loads(PAIRS.read_text()))
    manifest = arguments.out / "manifest.jsonl"
    manifest.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in drawn.rows))
    print(f"validation: {len(drawn.rows)} images in {len(fonts)} hands, {manifest}")


if __name__ == "__main__":
    main()
