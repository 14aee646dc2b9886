"""The card that a check shows: as HTML in a notebook or on a page, as text anywhere else."""

import html
import re
from dataclasses import dataclass
from typing import Literal

Status = Literal["not attempted", "passed", "wrong"]

# Icon, word and the colour of the edge. The colours keep 3:1 against white and against near-black; the words carry the
# meaning alone.
_LOOKS: dict[str, tuple[str, str, str]] = {
    "not attempted": ("○", "Not attempted yet", "#7a7a7a"),
    "passed": ("✓", "Passed", "#1f8a70"),
    "wrong": ("△", "Not right yet", "#c2571a"),
}
_CODE = (
    "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:0.92em;color:inherit;"
    "background:none;border:0;padding:0;white-space:pre-wrap;overflow-wrap:anywhere"
)


@dataclass(frozen=True)
class Card:
    """What a check found.

    Attributes:
        exercise: the name of the function that the exercise asks for.
        status: "not attempted", "passed" or "wrong".
        code: a stable name of the diagnosis, such as "transposed"; tests rely on it.
        message: what the check saw, in words; `code` stands between backticks.
        hint: what to think about next; empty where there is nothing to add.
        details: pairs of a label and a text, such as ("expected", "[1, 2]").
    """

    exercise: str
    status: Status
    code: str
    message: str
    hint: str = ""
    details: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        icon, word, _ = _LOOKS[self.status]
        lines = [f"{icon} {word}: {self.exercise}", f"  {self.message}"]
        lines += [f"  {label}: {text}" for label, text in self.details]
        if self.hint:
            lines.append(f"  Hint: {self.hint}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        icon, word, edge = _LOOKS[self.status]
        parts = [
            f'<div role="status" class="memlib-card" data-status="{self.status}" data-code="{html.escape(self.code)}" '
            f'style="border:1px solid {edge};border-left:5px solid {edge};border-radius:4px;padding:0.6em 0.9em;'
            f'margin:0.4em 0;max-width:46em;color:inherit;background:transparent;line-height:1.5;white-space:normal">',
            f'<div style="font-weight:600"><span aria-hidden="true" style="margin-right:0.4em">{icon}</span>'
            f'{word}: <code style="{_CODE}">{html.escape(self.exercise)}</code></div>',
            f"<div>{_marked(self.message)}</div>",
        ]
        parts += [
            f'<div style="margin-top:0.2em">{html.escape(label)}: '
            f'<code style="{_CODE}">{html.escape(text)}</code></div>'
            for label, text in self.details
        ]
        if self.hint:
            parts.append(
                f'<div style="margin-top:0.4em"><b style="font-weight:600">Hint.</b> {_marked(self.hint)}</div>'
            )
        return "".join(parts) + "</div>"


def _marked(text: str) -> str:
    """Escape a text for HTML; what stands between backticks becomes code."""
    return re.sub(r"`([^`]+)`", rf'<code style="{_CODE}">\1</code>', html.escape(text))
