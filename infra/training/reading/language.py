#!/usr/bin/env python3
"""Makes `language.bin`, the model of the language that the reader's decoder consults
(`shared/reading/src/language.rs`).

    language.py --data DIR --out infra/models/language.bin

n-grams of characters, interpolated after Witten and Bell (1991), and a list of words with their frequencies. The same
texts give the same bytes. It prints the bits that a held-out character costs, too.

The file, all numbers little endian:

- `SSLM`, then six u32: version (1), order of the longest n-grams, bytes of the characters, slots, words, bytes of the
  words.
- the characters as UTF-8. The code of a character is its index here plus 1; an n-gram is its characters' codes in base
  256, the last one lowest.
- u32 per slot: 0, or the lower half of the hash of the n-gram that lies there (1 for 0). The upper half, as a share
  of 2³², says at which slot to begin; if that is taken it is the next, after the last the first. The hash is
  SplitMix64's finalizer.
- two u8 per slot: −ln of the probability of the last character after the ones before it, and −ln of the weight with
  which the probability in a shorter context counts when this n-gram is followed by an unseen character; both in
  sixteenths.
- the words as UTF-8, sorted by code point, a line feed between two.
- u8 per word: its Zipf value (logarithm base 10 of occurrences in a billion words) times 25.
"""

import argparse
import gzip
import math
import struct
from pathlib import Path

import msgpack
import numpy as np

import sources
import texts

VERSION = 1
ORDER = 6
WORDS = 100_000
# How often a sentence of each kind counts: the answers are what is to be read.
REPEATS = {"answers": 3, "glosses": 1, "speeches": 1, "novel": 1}
# Occurrences from which an n-gram of each length is kept.
LEAST = (1, 1, 1, 2, 3, 4)
# Slots for each n-gram: a table that is fuller finds slower, and more often the wrong one.
ROOM = 1.35
STEPS = 16
ZIPF_STEPS = 25
LEAST_PROBABILITY = 1e-7
# Probability of a character whose own n-gram was not kept.
UNSEEN = 1e-6
DASHES = str.maketrans("—–", "--")
BREAK = "\n"


def plain(text):
    return texts.plain(text.translate(DASHES))


def count(text, codes):
    """For each length the n-grams that were kept, sorted, and how often each occurs. None goes over a line's end."""
    coded = np.array([codes[sign] for sign in text], np.uint64)
    counted = []
    for length in range(1, ORDER + 1):
        ngrams = np.zeros(len(coded) - length + 1, np.uint64)
        broken = np.zeros(len(ngrams), bool)
        for place in range(length):
            part = coded[place : len(ngrams) + place]
            ngrams = ngrams * np.uint64(256) + part
            broken |= part == codes[BREAK]
        found, times = np.unique(ngrams[~broken], return_counts=True)
        kept = times >= LEAST[length - 1]
        counted.append((found[kept], times[kept].astype(np.float64)))
        print(f"language: {length} characters: {len(found):9,} n-grams, {kept.sum():9,} kept", flush=True)
    return counted


def find(sorted_ngrams, wanted):
    """The index of each n-gram, and whether it is there."""
    index = np.minimum(np.searchsorted(sorted_ngrams, wanted), len(sorted_ngrams) - 1)
    return index, sorted_ngrams[index] == wanted


def interpolate(counted):
    """For each length the probabilities of the n-grams, and the weights of the shorter contexts behind them.

    A context that was followed by T different characters gives the shorter context T parts beside those that it saw
    itself. What was seen but not kept is added to those parts.
    """
    ngrams, times = counted[0]
    probabilities = [(times + 0.5) / (times.sum() + 0.5 * len(times))]
    weights = []
    for length in range(2, ORDER + 1):
        (shorter, shorter_times), (ngrams, times) = counted[length - 2], counted[length - 1]
        contexts = ngrams >> np.uint64(8)
        suffixes = ngrams & np.uint64((1 << (8 * (length - 1))) - 1)
        index, _ = find(shorter, contexts)
        own, inverse, followers = np.unique(contexts, return_inverse=True, return_counts=True)
        seen = np.bincount(inverse, weights=times)
        total = np.zeros(len(own))
        total[inverse] = np.maximum(shorter_times[index], seen[inverse])
        parts = total + followers
        weight = 1 - seen / parts
        index, known = find(shorter, suffixes)
        behind = np.where(known, probabilities[-1][index], UNSEEN)
        probabilities.append(times / parts[inverse] + weight[inverse] * behind)
        all_weights = np.ones(len(shorter))
        index, known = find(shorter, own)
        all_weights[index[known]] = weight[known]
        weights.append(all_weights)
    return probabilities, [*weights, np.ones(len(counted[-1][0]))]


def in_steps(values):
    """−ln of probabilities as whole sixteenths that fit a byte."""
    return np.clip(np.round(-np.log(np.maximum(values, LEAST_PROBABILITY)) * STEPS), 0, 255).astype(np.uint8)


def mix(keys):
    """SplitMix64's finalizer."""
    x = keys.copy()
    with np.errstate(over="ignore"):
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def table(counted, probabilities, weights):
    """The hash table: the hashes in their slots, and the pairs of values."""
    hashes = mix(np.concatenate([ngrams for ngrams, _ in counted]))
    values = np.stack([in_steps(np.concatenate(probabilities)), in_steps(np.concatenate(weights))], axis=1)
    size = int(len(hashes) * ROOM) | 1
    begin = ((hashes >> np.uint64(32)) * np.uint64(size) >> np.uint64(32)).tolist()
    prints = np.maximum(hashes & np.uint64(0xFFFFFFFF), 1).astype(np.uint32)
    slots = np.zeros(size, np.uint32)
    pairs = np.zeros((size, 2), np.uint8)
    for index, slot in enumerate(begin):
        while slots[slot]:
            slot = (slot + 1) % size
        slots[slot] = prints[index]
        pairs[slot] = values[index]
    return slots, pairs


def words():
    """The most frequent words that the reader can write, and their Zipf values.

    The list of `wordfreq` is a header and then, for each hundredth of a power of ten below 1, the words that are so
    frequent.
    """
    packed = gzip.decompress((sources.files("wordfreq") / "large_en.msgpack.gz").read_bytes())
    _, *levels = msgpack.unpackb(packed)
    found = {}
    taken = 0
    for level, own in enumerate(levels):
        for word in sorted(own):
            word = word.translate(texts.PLAIN)
            if any(sign not in texts.ALPHABET or sign.isdigit() for sign in word):
                continue
            if taken < WORDS:
                found[word] = max(found.get(word, 0), round(9 - level / 100, 2))
                taken += 1
    return dict(sorted(found.items()))


def write(out: Path, signs, slots, pairs, frequencies):
    letters = "".join(signs).encode()
    body = "\n".join(frequencies).encode()
    header = struct.pack("<6I", VERSION, ORDER, len(letters), len(slots), len(frequencies), len(body))
    zipf = bytes(round(value * ZIPF_STEPS) for value in frequencies.values())
    out.write_bytes(b"SSLM" + header + letters + slots.tobytes() + pairs.tobytes() + body + zipf)


def bits_per_character(text, codes, counted, probabilities, weights):
    """What a character of a text costs by the n-grams alone."""
    tables = [
        dict(zip(ngrams.tolist(), zip(own.tolist(), behind.tolist())))
        for (ngrams, _), own, behind in zip(counted, probabilities, weights)
    ]
    cost = characters = 0
    for line in text.split(BREAK):
        coded = [codes.get(sign, 0) for sign in line]
        for end, _ in enumerate(coded, 1):
            probability = 1.0
            for length in range(min(ORDER, end), 0, -1):
                ngram = int.from_bytes(bytes(coded[end - length : end]))
                if ngram in tables[length - 1]:
                    probability *= tables[length - 1][ngram][0]
                    break
                before = tables[length - 2].get(ngram >> 8) if length > 1 else None
                probability *= before[1] if before else (1.0 if length > 1 else UNSEEN)
            cost -= math.log2(max(probability, LEAST_PROBABILITY))
            characters += 1
    return cost / characters


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder with grading/*.train.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="where language.bin goes")
    arguments = parser.parse_args()

    corpus = texts.read(arguments.data)
    text = BREAK.join(plain(line) for kind, lines in corpus.items() for line in lines for _ in range(REPEATS[kind]))
    signs = sorted(set(text))
    codes = {sign: index for index, sign in enumerate(signs, 1)}
    print(f"language: {len(text) / 1e6:.1f} million characters, {len(signs)} different ones", flush=True)
    counted = count(text, codes)
    # A line's end is no character that could be read.
    kept = counted[0][0] != codes[BREAK]
    counted[0] = (counted[0][0][kept], counted[0][1][kept])
    probabilities, weights = interpolate(counted)
    slots, pairs = table(counted, probabilities, weights)
    write(arguments.out, signs, slots, pairs, words())
    print(f"language: {arguments.out}, {arguments.out.stat().st_size / 1e6:.1f} MB", flush=True)
    held_out = BREAK.join(plain(line) for line in texts.read(arguments.data, held_out=True)["answers"])
    bits = bits_per_character(held_out, codes, counted, probabilities, weights)
    print(f"language: {bits:.2f} bits per character of {held_out.count(BREAK) + 1} held-out answers and questions")


if __name__ == "__main__":
    main()
