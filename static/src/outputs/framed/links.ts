// A link in an output: the frame can open no page, and must not go there itself, or the output were gone. So its page is
// asked (../../panels/output_links.ts), unless it leads to a place within the output or a script of it takes the click.

export function tellOfLinks(tell: (address: string) => void): void {
  window.addEventListener("click", (event) => {
    const link = event.composedPath().find((each) => each instanceof Element && each.localName === "a");
    const address = link instanceof Element ? addressOf(link) : null;
    if (address === null || event.defaultPrevented || !/^(?:https?|mailto):/i.test(address)) return;
    event.preventDefault();
    tell(address);
  });
}

/** Null of a place within the output, or if it is none. */
function addressOf(link: Element): string | null {
  const written = link.getAttribute("href") ?? link.getAttributeNS("http://www.w3.org/1999/xlink", "href") ?? "";
  if (written.startsWith("#")) return null;
  return URL.parse(written)?.href ?? null;
}
