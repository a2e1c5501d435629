"""Texts that students might write: from openly licensed sources, and made up where those have none (numbers, formulas).

The students' answers are the training parts of three open corpora, `{data}/grading/{name}.train.jsonl`; README.md names
their origin and licence. One sentence in twenty of everything is held out, so that there is something to tune on.
"""

import hashlib
import json
import random
import re
import string
import unicodedata
from pathlib import Path

import sources

ALPHABET = json.loads((sources.FOLDER.parents[1] / "models" / "alphabet.json").read_text())
ANSWERS = ("semeval_beetle", "semeval_scientsbank", "saf_english")
# A typographic sign is read as the plain one: the networks' own distinction between them is a matter of chance.
PLAIN = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "`": "'"})

UNITS = (
    "m s kg g mol J kJ N V A Ω W Hz Pa K °C cm mm km mL L cm³ m² m/s m/s² N/m mol/L g/cm³ kg m⁻³ % kPa eV MHz ms nm µm"
).split()
LABELS = ("Q{}", "{}.", "{})", "Question {}", "Ans {}:", "{}a)", "({})", "{}")


def plain(text):
    """The text in the characters that the reader knows; others are left out."""
    return "".join(sign for sign in text.translate(PLAIN) if sign in ALPHABET)


def normal(text):
    """The text composed, its white space collapsed."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


def sentences(text):
    return [normal(part) for part in re.split(r"(?<=[.!?;:])\s+", text) if part.strip()]


def is_held_out(text):
    return hashlib.md5(text.encode()).digest()[0] < 13


def answers(data: Path):
    """Students' answers, with the questions and reference answers beside them."""
    found = set()
    for name in ANSWERS:
        for line in (data / "grading" / f"{name}.train.jsonl").read_text().rstrip("\n").split("\n"):
            row = json.loads(line)
            found |= {normal(text) for text in [row["student_answer"], row["question"], *row["reference_answers"]]}
    return sorted(found - {""})


def glosses():
    """Definitions and examples of WordNet."""
    found = set()
    for path in sorted(sources.files("wordnet").iterdir()):
        for line in path.read_text(encoding="latin-1").split("\n"):
            parts = re.split(r";\s*", line.split("|", 1)[1].strip()) if "|" in line else []
            found |= {normal(part.strip('" ')) for part in parts}
    return sorted(text for text in found if len(text) > 6)


def speeches():
    paths = sorted(sources.files("sotu").glob("*.json"))
    return [text for path in paths for text in sentences(json.loads(path.read_text())["text"])]


def novel():
    paths = sorted(sources.files("moby-dick").glob("*.txt"))
    return [text for path in paths for text in sentences(path.read_text(errors="replace"))]


def read(data: Path, held_out=False):
    """Kind of text → sentences, without the ones held out, or those alone."""
    everything = {"answers": answers(data), "glosses": glosses(), "speeches": speeches(), "novel": novel()}
    return {kind: [text for text in own if is_held_out(text) == held_out] for kind, own in everything.items()}


def number(rand):
    kind = rand.random()
    if kind < 0.30:
        return str(rand.randrange(0, 1000))
    if kind < 0.55:
        return f"{rand.uniform(0, 100):.{rand.randrange(1, 4)}f}"
    if kind < 0.65:
        return f"{rand.uniform(0, 100):.{rand.randrange(1, 3)}f}".replace(".", ",")
    if kind < 0.75:
        return f"{rand.uniform(1, 10):.1f} × 10{rand.choice(['²', '³', '⁴', '⁵', '⁶', '⁻³', '⁸'])}"
    if kind < 0.82:
        return f"{rand.randrange(1, 12)}/{rand.randrange(2, 20)}"
    if kind < 0.90:
        return f"{rand.randrange(1000, 9999)}"
    return f"-{rand.uniform(0, 50):.1f}"


def formula(rand):
    """A measurement, an equation, or an inequality."""
    variable = lambda: rand.choice("xyzabcntvFmEkTPV")
    unit = lambda: rand.choice(UNITS)
    kind = rand.random()
    if kind < 0.35:
        return f"{number(rand)} {unit()}"
    if kind < 0.60:
        return f"{variable()} = {number(rand)}{rand.choice(['', f' {unit()}'])}"
    if kind < 0.75:
        return f"{number(rand)} {rand.choice('+-×÷')} {number(rand)} = {number(rand)}"
    if kind < 0.85:
        return f"{variable()} {rand.choice('≤≥<>=≠≈')} {number(rand)}"
    if kind < 0.93:
        square, linear = (f"{rand.randrange(2, 9)}{variable()}" for _ in range(2))
        return f"{square}² {rand.choice('+-')} {linear} = {rand.randrange(50)}"
    return f"{rand.choice('αβγδθλμπρσφωΔΩΣ')} = {number(rand)}{rand.choice(['°', '', f' {unit()}'])}"


def misspelt(rand, text):
    """The text with a wrong letter in every dozen: what is read must be what stands there, not what is usual."""
    letters = list(text)
    for _ in range(max(1, len(letters) // 12)):
        at = rand.randrange(len(letters))
        if letters[at].isalpha():
            letters[at] = rand.choice(string.ascii_lowercase)
    return "".join(letters)


class Writer:
    """Makes up what stands on one line."""

    def __init__(self, corpus, rand: random.Random):
        self.corpus = corpus
        self.random = rand

    def line(self, words):
        """A line of at most this many words, now and then with a question's label before it."""
        rand = self.random
        kind = rand.random()
        if kind < 0.10:
            joint = rand.choice(["so", "therefore", "because", "and", "→", "∴"])
            return formula(rand) + (f" {joint} {formula(rand)}" if rand.random() < 0.4 else "")
        if kind < 0.14:
            # Words at random, so that it doesn't learn to guess the next one.
            count = rand.randrange(words) + 1
            return " ".join(rand.choice(rand.choice(self.corpus["glosses"]).split()) for _ in range(count))
        if kind < 0.17:
            return misspelt(rand, self.line(words))
        text = self._excerpt(words)
        if rand.random() < 0.12:
            text = f"{rand.choice(LABELS).format(rand.randrange(1, 13))} {text}"
        if rand.random() < 0.10:
            text = text[:1].upper() + text[1:]
        return text.upper() if rand.random() < 0.02 else text

    def _excerpt(self, words):
        rand = self.random
        kind = rand.choices(["answers", "glosses", "speeches", "novel"], [0.45, 0.25, 0.17, 0.13])[0]
        all_words = rand.choice(self.corpus[kind]).split(" ")
        count = rand.randrange(words) + 1
        start = rand.choice([0, rand.randrange(max(1, len(all_words) - count + 1))])
        return " ".join(all_words[start : start + count])
