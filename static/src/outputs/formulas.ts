// Formulas by KaTeX, which is loaded with its style and fonts when the first one comes. It is told to trust nobody: no
// links, no images, no attributes of the formula's own; and it takes only so much room and so many macros.

import { fromTemplate } from "../dom";

const OPTIONS = { trust: false, strict: "ignore", maxSize: 40, maxExpand: 1000 } as const;
// As Jupyter tells formulas from the text around them.
const DELIMITERS = [
  { left: "$$", right: "$$", display: true },
  { left: "\\[", right: "\\]", display: true },
  ...["equation", "align", "alignat", "gather", "CD"].flatMap((name) =>
    [name, `${name}*`].map((each) => ({ left: `\\begin{${each}}`, right: `\\end{${each}}`, display: true })),
  ),
  { left: "\\(", right: "\\)", display: false },
  { left: "$", right: "$", display: false },
];

let loaded: Promise<typeof import("katex").default> | null = null;

/** Put `formula` into `element`; throws if it is no LaTeX. */
export async function typeset(formula: string, element: HTMLElement, isDisplay: boolean): Promise<void> {
  const katex = await load();
  katex.render(formula, element, { ...OPTIONS, displayMode: isDisplay, throwOnError: true });
}

/** Text with formulas between dollars and the like, in place of the text of `element`; throws if one is no LaTeX. */
export async function typesetText(element: HTMLElement): Promise<void> {
  const [{ default: renderMathInElement }] = await Promise.all([import("katex/contrib/auto-render"), load()]);
  const errors: string[] = [];
  renderMathInElement(element, {
    ...OPTIONS,
    delimiters: DELIMITERS,
    throwOnError: true,
    errorCallback: (message) => errors.push(message),
  });
  if (errors.length > 0) throw new Error(errors[0]);
}

function load(): Promise<typeof import("katex").default> {
  loaded ??= Promise.all([import("katex"), loadStyle()]).then(([{ default: katex }]) => katex);
  // If the connection broke, the next formula tries again.
  loaded.catch(() => (loaded = null));
  return loaded;
}

/** Without its style, a formula would be there twice for a moment. */
function loadStyle(): Promise<void> {
  const link = fromTemplate("template-formula-style");
  return new Promise((resolve, reject) => {
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => reject(new Error("The style of formulas could not be loaded.")));
    document.head.append(link);
  });
}
