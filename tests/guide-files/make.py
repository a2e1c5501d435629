#!/usr/bin/env python3
"""Makes the marking guides of this folder, as word processors and browsers write them.

Needs `pip install python-docx` (its template was made by Word) and Chromium, which prints the PDF; CHROMIUM=… says where
another is. The results are committed, so that nobody needs to run it.
"""

import os
import subprocess
import tempfile
from pathlib import Path

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

HERE = Path(__file__).resolve().parent
FORMULA = (
    '<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:f><m:num><m:r><m:t>6CO</m:t></m:r>'
    "</m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>"
)
DELETED = '<w:del {} w:id="1" w:author="A"><w:r><w:delText>never</w:delText></w:r></w:del>'
MOVED = '<w:moveFrom {} w:id="2" w:author="A"><w:r><w:t>moved away</w:t></w:r></w:moveFrom>'
PAGE = """<!doctype html><meta charset="utf-8"><title>Photosynthesis</title>
<style>
  @page { size: A4; margin: 20mm }
  body { font: 11pt/1.4 "DejaVu Sans", sans-serif }
  li, td { margin: 0; padding: 2pt 12pt 2pt 0; vertical-align: top }
  ul { list-style-type: "•\\00a0\\00a0" } /* signs, as word processors print them; a browser would draw dots */
  .marks { float: right }
</style>
<h1>Photosynthesis: mark scheme</h1>
<p>1. Name the gas that plants take in for photosynthesis, and say through which part of the leaf it comes in from
the air outside. <span class="marks">[2]</span></p>
<ul>
  <li>carbon dioxide [1]
    <ul><li>CO2</li></ul>
  <li>through the stomata, which are the small openings on the lower side of the leaf, whatever they are called by
    the student [1]
</ul>
<p>Answer: Carbon dioxide, through the stomata.</p>
<p style="break-before: page">2. Explain why leaves are green. <span class="marks">[3]</span></p>
<table>
  <tr><th>Criterion</th><th>Accept</th><th>Marks</th></tr>
  <tr><td style="width: 70mm">they hold chlorophyll, which is found in the chloroplasts of nearly all of their cells</td>
    <td style="width: 50mm">leaf green, or the green pigment of the leaf</td><td>1</td></tr>
  <tr><td>it takes in red and blue light</td><td></td><td>1</td></tr>
  <tr><td>green light is thrown back</td><td>green is reflected</td><td>1</td></tr>
</table>
"""


def word(path: Path) -> None:
    document = docx.Document()
    document.add_heading("Photosynthesis", 0)
    document.add_paragraph("Year 9, spring term")
    numbered = document.add_paragraph(style="List Number")
    numbered.add_run("Name the gas that plants take ")
    numbered._p.append(parse_xml(DELETED.format(nsdecls("w"))))
    numbered._p.append(parse_xml(MOVED.format(nsdecls("w"))))
    numbered.add_run("in.\t[1]")
    document.add_paragraph("carbon dioxide [1]", style="List Bullet")
    document.add_paragraph("CO2 & “carbonic gas”", style="List Bullet 2")
    document.add_paragraph("Explain why leaves are green. [3]", style="List Number")
    table = document.add_table(rows=1, cols=3)
    for cell, text in zip(table.rows[0].cells, ["Criterion", "Accept", "Marks"]):
        cell.text = text
    for row in [("they hold chlorophyll", "leaf green", "1"), ("green light is thrown back", "", "2")]:
        for cell, text in zip(table.add_row().cells, row):
            cell.text = text
    document.add_heading("Question 3 (2 marks)", 2)
    formula = document.add_paragraph("Balance the equation ")
    formula._p.append(parse_xml(FORMULA))
    document.add_paragraph("six molecules of water [2]", style="List Bullet")
    document.save(path)


def print_page(page: str, path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf-8")
        chromium = os.environ.get("CHROMIUM", "chromium")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        subprocess.run([chromium, *options, f"--print-to-pdf={path}", source.as_uri()], check=True, capture_output=True)


def main() -> None:
    word(HERE / "guide.docx")
    print_page(PAGE, HERE / "guide.pdf")


if __name__ == "__main__":
    main()
