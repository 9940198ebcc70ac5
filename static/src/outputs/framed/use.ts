// Whether somebody did something with what the frame shows: then it is not as it was drawn, and the page lets it be.

// Drawing scrolls too; what scrolls so soon after a hand was there, somebody scrolls.
const BY_HAND_MS = 1000;

/** `tell` is called with each thing that is done. */
export function tellOfUse(tell: () => void): void {
  const on = (type: string, heard: (event: Event) => void): void => {
    window.addEventListener(type, heard, { capture: true, passive: true });
  };
  // Of touches that scroll the page the pointer is cancelled, so it does not come up here.
  for (const type of ["pointerup", "input", "change", "play"]) on(type, tell);
  on("keydown", (event) => (event as KeyboardEvent).key !== "Tab" && tell());
  // A wheel scrolls the page, unless something here takes it: a plot that zooms. That is known when all have heard of it.
  on("wheel", (event) => setTimeout(() => event.defaultPrevented && tell()));
  let touchedAt = -Infinity;
  for (const type of ["pointerdown", "touchmove", "wheel"]) on(type, ({ timeStamp }) => (touchedAt = timeStamp));
  on("scroll", ({ timeStamp }) => timeStamp - touchedAt < BY_HAND_MS && tell());
}
