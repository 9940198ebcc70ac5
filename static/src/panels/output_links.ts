// Links in framed outputs. Anybody may have written the output, and its scripts can follow its links by themselves: so
// the page says where a link leads, and opens it only when somebody says so, in a new tab that knows nothing of this one.

import { OUTPUT_LINK } from "../outputs/frame";
import type { Toasts } from "./toasts";

const MAX_CHARS = 2000;
const MAX_SHOWN_CHARS = 300;
const SCHEMES = ["http:", "https:", "mailto:"];

export function offerOutputLinks(toasts: Toasts): void {
  document.addEventListener(OUTPUT_LINK, ({ detail }: CustomEventInit<string>) => {
    const address = addressOf(detail);
    // Frames send what they like; only what somebody did a moment ago is worth a message.
    if (!address || !navigator.userActivation.isActive) return;
    const action = { label: "Open in a new tab", run: () => void window.open(address, "_blank", "noopener,noreferrer") };
    toasts.show({ tone: "info", text: `This output links to ${shortened(address)}`, action });
  });
}

/** As the browser understands it, with a name in other scripts as it is looked up; null if it is not to be opened. */
function addressOf(value: unknown): string | null {
  if (typeof value !== "string" || value.length > MAX_CHARS) return null;
  const url = URL.parse(value);
  return url && SCHEMES.includes(url.protocol) ? url.href : null;
}

function shortened(address: string): string {
  return address.length > MAX_SHOWN_CHARS ? `${address.slice(0, MAX_SHOWN_CHARS)}…` : address;
}
