"""What is judged in the browser: axe's rules for WCAG A and AA, no sideways scrolling, focus that can be seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def axe_faults(page: Any) -> list[str]:
    """Return every violation on the page as it stands: rule, how many, where first."""
    if not page.evaluate("() => typeof window.axe === 'object'"):
        page.evaluate(AXE)
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", TAGS
    )
    return [
        f"{one['id']} x{len(nodes)}: {nodes[0]['target']} {nodes[0].get('failureSummary', '')[:160]}"
        for one in found["violations"]
        for nodes in [one["nodes"]]
    ]


def scrolls_sideways(page: Any) -> int:
    """Return by how many pixels the page is wider than the window; 0 = not at all."""
    return int(page.evaluate("() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth)"))


def focus_is_lost(page: Any) -> bool:
    return bool(page.evaluate("() => document.activeElement === document.body"))
