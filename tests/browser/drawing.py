"""What is really to be seen of an output: an element with a height may still be an empty box."""

import io
from collections import Counter

from PIL import Image
from playwright.sync_api import FrameLocator, Locator

from tests.support.processes import wait_until

# Of a picture, at 390 pixels and more: some letters have as many.
FEWEST_PIXELS = 40
# What is drawn a little besides its background is not seen by people either.
VISIBLE_DIFFERENCE = 24

# The text that can be seen, and how many things with a size there are besides.
CONTENT = """(root) => {
    const isSeen = (element) => {
        const { width, height } = element.getBoundingClientRect();
        return width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    };
    const isFilled = (element) => {
        if (element.tagName === "IMG") return element.naturalWidth > 0;
        if (element.tagName !== "svg") return true;
        return element.querySelector("path, rect, circle, line, text, image, polygon, use") !== null;
    };
    const drawn = "img, svg, canvas, video, audio, embed, iframe, hr, input, select, textarea, button, "
        + ".progress-bar, .noUi-base";
    const thingsIn = (place) => [
        ...place.querySelectorAll(drawn),
        ...[...place.querySelectorAll("*")].flatMap(({ shadowRoot }) => (shadowRoot ? thingsIn(shadowRoot) : [])),
    ];
    return [root.innerText.trim(), thingsIn(root).filter((each) => isSeen(each) && isFilled(each)).length];
}"""


def content_of(place: Locator) -> tuple[str, int]:
    """The text that is seen in an element, and how many pictures, fields and the like."""
    text, things = place.evaluate(CONTENT)
    return str(text), int(things)


def drawn_pixels(place: Locator) -> int:
    """How many pixels of its picture can be told from the most frequent colour."""
    picture = Image.open(io.BytesIO(place.screenshot(animations="disabled"))).convert("RGB")
    pixels = picture.tobytes()
    colours = Counter(zip(pixels[::3], pixels[1::3], pixels[2::3], strict=True))
    ((ground, _),) = colours.most_common(1)

    def differs(colour: tuple[int, int, int]) -> bool:
        return any(abs(a - b) > VISIBLE_DIFFERENCE for a, b in zip(colour, ground, strict=True))

    return sum(count for colour, count in colours.items() if differs(colour))


def expect_drawn(place: Locator, frame: FrameLocator | None = None) -> None:
    """Text or a picture is in the place, or in the frame that it is, and it is seen: not all of one colour."""
    place.scroll_into_view_if_needed()
    root = place if frame is None else frame.locator("body")
    seen: tuple[str, int] = ("", 0)

    def has_content() -> bool:
        nonlocal seen
        seen = content_of(root)
        return seen != ("", 0)

    wait_until(has_content, f"something is in {place}", deadline_s=60)
    wait_until(
        lambda: drawn_pixels(place) >= FEWEST_PIXELS, f"{place} is no empty box: {seen}", deadline_s=60
    )
