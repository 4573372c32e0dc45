"""What is judged in the browser: axe's rules for WCAG A and AA, no sideways scrolling, focus that can be seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def axe_faults(page: Any) -> list[str]:
    """Return every violation on the page as it stands: rule, how many, where first.

    A click returns when the next page has begun to come, so the page is waited for: an empty one has nothing to judge.
    """
    page.wait_for_load_state("load")
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


def broken_references(page: Any) -> list[str]:
    """Return the references (CH-7K3M-9QXT) that stand on two lines on the page."""
    return list(
        page.evaluate(
            r"""() => {
                const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                for (let node = walker.nextNode(); node; node = walker.nextNode())
                    for (const match of node.data.matchAll(/\b[A-Z]{2}-[0-9A-Z]{4}-[0-9A-Z]{4}\b/g)) {
                        const range = document.createRange();
                        range.setStart(node, match.index);
                        range.setEnd(node, match.index + match[0].length);
                        if (new Set([...range.getClientRects()].map((part) => Math.round(part.top))).size > 1)
                            found.push(match[0]);
                    }
                return found;
            }"""
        )
    )


def focus_is_lost(page: Any) -> bool:
    return bool(page.evaluate("() => document.activeElement === document.body"))
