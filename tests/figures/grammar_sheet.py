"""The sheet of the visual grammar in the authors' guide, drawn by grammar.js itself.

``python -m tests.figures.grammar_sheet`` writes it anew; a test fails when it is stale.
"""

import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from memlib.figures import palette
from memlib.figures.base import module, styles

IMAGES = Path(__file__).resolve().parents[2] / "book" / "images"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

DRAW = """async (source) => {
  const { cells, dials, label, pill, svg, tab } =
    await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const sheet = svg("svg", { width: 680, height: 300 });
  const left = { anchor: "start" };
  const write = (text, x, y, kind = "") => sheet.append(label(text, x, y, { ...left, kind }));
  const row = (numbers, x, y, role, rows = 1) => {
    const columns = numbers.length / rows;
    const part = cells(rows, columns, { x, y, width: 24 * columns, height: 24 * rows, role });
    part.update(numbers, 1);
    sheet.append(part.node);
  };
  write("a number", 4, 20, "ml-strong");
  row([-1, -0.5, 0, 0.5, 1], 120, 4, "");
  write("from −1 to 1", 252, 20, "ml-soft");
  write("a vector", 4, 64, "ml-strong");
  row([0.2, -0.9, 0.6, 0.1, -0.4, 0.8], 120, 48, "key");
  write("a memory", 4, 108, "ml-strong");
  const memory = [0.1, -0.5, 0.7, 0.3, -0.2, 0.9, 0.6, 0.2, -0.8, 0, 0.4, -0.6, -0.3, 0.8, 0.5, -0.9, 0.2, 0.1];
  row(memory, 120, 92, "memory", 3);
  write("a complex", 4, 196, "ml-strong");
  write("number", 4, 212, "ml-strong");
  const angles = [0, 0.8, 1.6, 2.5, 3.6, 5];
  const lengths = [1, 1, 0.6, 1, 0.3, 0.8];
  const dial = dials(6, { x: 120, y: 188, pitch: 24, role: "" });
  const along = (f) => angles.map((angle, i) => lengths[i] * f(angle));
  dial.update({ re: along(Math.cos), im: along(Math.sin) });
  sheet.append(dial.node);
  write("an operation", 4, 252, "ml-strong");
  sheet.append(pill("average the copies", 192, 248, 146));
  [["key", "key, solid frame"], ["value", "value, long dashes"], ["query", "query, dash and dot"],
   ["memory", "memory, thick frame"], ["noise", "noise or error, dots"]].forEach(([role, name], i) => {
    const y = 22 + 38 * i;
    sheet.append(tab(role, 372, y));
    write(name, 400, y + 5);
    row([0.6, -0.8, 0.3], 580, y - 12, role);
  });
  sheet.append(svg("circle", { cx: 372, cy: 248, r: 10, fill: "none", stroke: "var(--ml-ink)", "stroke-width": 2.5 }),
    svg("circle", { cx: 372, cy: 248, r: 4.5, fill: "var(--ml-ink)" }));
  write("the ring with a dot: touch me", 400, 253);
  return new XMLSerializer().serializeToString(sheet);
}"""


def draw(browser: Any) -> dict[str, str]:
    """The sheet for light and for dark pages."""
    page = browser.new_page()
    sheet = page.evaluate(DRAW, module("grammar"))
    page.close()
    pictures = styles().split("/* Pictures. */")[1].split("@media")[0]
    files = {}
    for theme in ("light", "dark"):
        variables = "".join(f"--ml-{name}:{getattr(pair, theme)};" for name, pair in palette.COLOURS.items())
        css = f".ml-fig{{{variables}font-family:sans-serif}}{' '.join(pictures.split())}"
        files[theme] = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 272" width="680" height="272">'
            f'<style>{css}</style><g class="ml-fig">{sheet}</g></svg>\n'
        )
    return files


def main() -> None:
    """Write both files."""
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for theme, text in draw(browser).items():
            (IMAGES / f"visual_grammar_{theme}.svg").write_text(text, encoding="utf-8")
        browser.close()


if __name__ == "__main__":
    main()
