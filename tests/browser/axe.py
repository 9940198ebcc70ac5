"""axe-core in a page: what keeps people with assistive technology from using it."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SOURCE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

# Frames of outputs hold what cells put out, and have no origin: theirs is another document.
RUN = """async () => {
    // What fades in is not to be measured half way.
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})));
    const { violations } = await axe.run(document, { iframes: false, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
        `${id}: ${target.join(" ")}: ${failureSummary.split("\\n").slice(1).join(" ").trim()}`));
}"""


def violations(page: Page) -> list[str]:
    """Rule, place and what is wrong; none are to be left."""
    # Not as a script of the page, which its policy would refuse.
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(SOURCE.read_text())
    found: Any = page.evaluate(RUN)
    return list(found)
