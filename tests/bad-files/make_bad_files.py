#!/usr/bin/env python3
"""Writes files that no honest student hands in: each must be refused with a clear reason and little memory.

    python3 make_bad_files.py DIRECTORY

Needs the standard library only. What the library cannot write (a JPEG, an encrypted PDF, a handwritten page) lies in
`kept/` and is copied or cut from there. The bombs are not committed, because mail and virus scanners trip over them.
README.md says what must happen to each file.
"""

import random
import struct
import sys
import zlib
from pathlib import Path

KEPT = Path(__file__).resolve().parent / "kept"

# A fresh file, not a copy from the web: 5 GiB is more than any function has memory for.
BOMB_BYTES = 5 * 1024**3 + 1024**2

# The limit on an uploaded file, `limits::FILE_BYTES` in shared/domain.
FILE_BYTES = 20 * 1024**2

A4 = "[0 0 595 842]"


def flate_of_repeats(head: bytes, filler: bytes, total: int) -> tuple[bytes, int]:
    """A zlib stream that unfolds to `head` and then `filler` until `total` bytes are reached, and the exact length.

    The filler is deflated once. A full flush ends each piece on a byte and forgets the history, so that the piece can
    be repeated without deflating gigabytes.
    """

    def piece(content: bytes) -> bytes:
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        return deflate.compress(content) + deflate.flush(zlib.Z_FULL_FLUSH)

    block = filler * (1024**2 // len(filler))
    repeats = -(-(total - len(head)) // len(block))
    checksum = zlib.adler32(head)
    for _ in range(repeats):
        checksum = zlib.adler32(block, checksum)
    last_block = zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    body = piece(head) + piece(block) * repeats + last_block
    return b"\x78\xda" + body + struct.pack(">I", checksum), len(head) + repeats * len(block)


def pdf(objects: list[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1, the first being the catalog."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def stream(dictionary: str, content: bytes) -> bytes:
    """A stream object with these entries; the length is added."""
    return f"<< {dictionary} /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"


def one_page(content: bytes, resources: str = "", media_box: str = A4, more: tuple[bytes, ...] = ()) -> bytes:
    """A PDF of one page whose content is object 4; further objects are numbered from 5."""
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox {media_box} /Contents 4 0 R /Resources << {resources} >> >>"
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            page.encode(),
            content,
            *more,
        ]
    )


def bomb_pdf() -> bytes:
    """A page's content stream behind three Flate filters."""
    content, _ = flate_of_repeats(b"", b"0 0 m 595 842 l S\n", BOMB_BYTES)
    content = zlib.compress(zlib.compress(content, 9), 9)
    return one_page(stream("/Filter [/FlateDecode /FlateDecode /FlateDecode]", content))


def bomb_object_stream_pdf() -> bytes:
    """Catalog and pages inside an object stream behind three Flate filters: the file cannot be opened without it."""
    inner = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: f"<< /Type /Page /Parent 2 0 R /MediaBox {A4} /Resources << >> >>".encode(),
    }
    index, body = b"", b""
    for number, text in inner.items():
        index += b"%d %d " % (number, len(body))
        body += text + b" "
    content, _ = flate_of_repeats(index + body, b" ", BOMB_BYTES)
    content = zlib.compress(zlib.compress(content, 9), 9)

    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    objects_at = len(out)
    filters = "/Filter [/FlateDecode /FlateDecode /FlateDecode]"
    objects = stream(f"/Type /ObjStm /N {len(inner)} /First {len(index)} {filters}", content)
    out += b"4 0 obj\n%s\nendobj\n" % objects
    xref_at = len(out)
    # One row per object: kind (0 free, 1 at an offset, 2 in an object stream), place, generation or index.
    rows = [(0, 0, 65535), *((2, 4, i) for i in range(len(inner))), (1, objects_at, 0), (1, xref_at, 0)]
    table = b"".join(struct.pack(">BIH", *row) for row in rows)
    xref = stream(f"/Type /XRef /Size {len(rows)} /W [1 4 2] /Root 1 0 R", table)
    out += b"5 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (xref, xref_at)
    return bytes(out)


def image_bomb_pdf() -> bytes:
    """A page with a grey image of 30,000 × 30,000 pixels, 900 MB of them really there, behind two Flate filters."""
    side = 30_000
    pixels, _ = flate_of_repeats(b"", b"\xff", side * side)
    dictionary = (
        f"/Type /XObject /Subtype /Image /Width {side} /Height {side} /ColorSpace /DeviceGray /BitsPerComponent 8 "
        "/Filter [/FlateDecode /FlateDecode]"
    )
    image = stream(dictionary, zlib.compress(pixels, 9))
    draw = stream("", b"q 595 0 0 842 0 0 cm /Im0 Do Q")
    return one_page(draw, "/XObject << /Im0 5 0 R >>", more=(image,))


def huge_page_pdf() -> bytes:
    """A page of 200,000 × 200,000 points (70 m): whoever renders it at a fixed scale runs out of memory."""
    return one_page(stream("", b"0 0 m 200000 200000 l S"), media_box="[0 0 200000 200000]")


def many_pages_pdf(count: int) -> bytes:
    """Pages with one typed line each."""
    pages = range(count)
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in pages)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for i in pages:
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox {A4} /Contents {5 + 2 * i} 0 R"
        objects.append(f"{page} /Resources << /Font << /F1 3 0 R >> >> >>".encode())
        objects.append(stream("", f"BT /F1 12 Tf 72 770 Td (1. The answer on page {i + 1}.) Tj ET".encode()))
    return pdf(objects)


def png(width: int, height: int, deflated_rows: bytes) -> bytes:
    """An 8-bit grey PNG that declares these dimensions, whatever its rows hold."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", deflated_rows) + chunk(b"IEND", b"")


def white_png(width: int, height: int) -> bytes:
    """White pixels, all there."""
    return png(width, height, zlib.compress((b"\0" + b"\xff" * width) * height, 9))


def over_20_mib_jpg() -> bytes:
    """A whole JPEG, and zeros behind its end up to one byte more than is allowed."""
    return (KEPT / "good.jpg").read_bytes().ljust(FILE_BYTES + 1, b"\0")


def bad_files() -> dict[str, bytes]:
    """The content of each file by its name."""
    good_png = (KEPT / "good.png").read_bytes()
    good_jpg = (KEPT / "good.jpg").read_bytes()
    return {
        "good.png": good_png,
        "wrong-magic.jpg": good_png,
        "truncated.jpg": good_jpg[: len(good_jpg) // 2],
        "empty.jpg": b"",
        "over-20-mib.jpg": over_20_mib_jpg(),
        "huge-dimensions.png": png(60_000, 60_000, zlib.compress(b"\0" * 1000)),
        "too-many-pixels.png": white_png(12_000, 4_000),
        "largest.png": white_png(12_000, 3_333),
        "bomb.pdf": bomb_pdf(),
        "bomb-object-stream.pdf": bomb_object_stream_pdf(),
        "image-bomb.pdf": image_bomb_pdf(),
        "huge-page.pdf": huge_page_pdf(),
        "encrypted.pdf": (KEPT / "encrypted.pdf").read_bytes(),
        "200-pages.pdf": many_pages_pdf(200),
        "garbage.pdf": b"%PDF-1.7\n" + random.Random(1).randbytes(2000),
        "not-utf8.txt": "1. Die Größe der Zelle wächst.\n".encode("latin-1"),
    }


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("Say where to write the files: python3 make_bad_files.py DIRECTORY")
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in bad_files().items():
        (directory / name).write_bytes(content)
        print(f"{len(content):>10,} bytes  {name}")


if __name__ == "__main__":
    main()
