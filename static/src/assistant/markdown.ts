// What the assistant says, as HTML: CommonMark with tables and strikethrough, nothing of which loads or runs anything. Raw
// HTML stays text, an image is a link to it, a link opens only when it is clicked. Pure; prose.ts sanitises once more.

import MarkdownIt from "markdown-it";

const LINKS = /^(https?:|mailto:)/i;

const parser = new MarkdownIt("default", { html: false, linkify: false, typographer: false });
parser.validateLink = (url) => LINKS.test(url.trim());

parser.renderer.rules["link_open"] = (tokens, index, options, _, renderer) => {
  tokens[index]?.attrSet("target", "_blank");
  tokens[index]?.attrSet("rel", "noopener noreferrer nofollow");
  return renderer.renderToken(tokens, index, options);
};

parser.renderer.rules["image"] = (tokens, index) => {
  const token = tokens[index];
  const source = parser.utils.escapeHtml(String(token?.attrGet("src") ?? ""));
  const text = parser.utils.escapeHtml(token?.content || "image");
  return `<a href="${source}" target="_blank" rel="noopener noreferrer nofollow">${text}</a>`;
};

/** One part of a text: a code block, or anything else as HTML. */
export type Part = { readonly type: "html"; readonly html: string } | CodePart;

export interface CodePart {
  readonly type: "code";
  readonly language: string;
  readonly code: string;
}

/** The parts that stand below each other. As the text grows, those before the last stay the same. */
export function partsOf(text: string): Part[] {
  const environment = {};
  const tokens = parser.parse(text, environment);
  const parts: Part[] = [];
  let begin = 0;
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    depth += token.nesting;
    if (depth > 0) continue;
    const part = tokens.slice(begin, index + 1);
    begin = index + 1;
    if (token.type === "fence" || token.type === "code_block") {
      const [language = ""] = token.info.trim().split(/\s+/);
      parts.push({ type: "code", language, code: token.content.replace(/\n$/, "") });
    } else {
      parts.push({ type: "html", html: parser.renderer.render(part, parser.options, environment) });
    }
  }
  return parts;
}
