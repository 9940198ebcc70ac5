// How editors look: colours come from the page's custom properties (static/css/editor.css), so light and dark
// switch without the editor knowing.

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { tags } from "@lezer/highlight";

/** Of editors, and of text that no editor is open on. */
export const style = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], class: "tok-keyword" },
  { tag: [tags.controlKeyword, tags.definitionKeyword, tags.moduleKeyword], class: "tok-keyword" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], class: "tok-string" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], class: "tok-number" },
  { tag: [tags.comment, tags.meta], class: "tok-comment" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], class: "tok-function" },
  { tag: [tags.definition(tags.function(tags.variableName)), tags.className], class: "tok-definition" },
  { tag: [tags.typeName, tags.self, tags.standard(tags.variableName)], class: "tok-type" },
  { tag: [tags.operator, tags.punctuation, tags.bracket], class: "tok-operator" },
  { tag: tags.heading, class: "tok-heading" },
  { tag: tags.strong, class: "tok-strong" },
  { tag: tags.emphasis, class: "tok-emphasis" },
  { tag: [tags.link, tags.url], class: "tok-link" },
  { tag: tags.monospace, class: "tok-string" },
  { tag: [tags.processingInstruction, tags.contentSeparator, tags.quote], class: "tok-comment" },
  { tag: tags.invalid, class: "tok-invalid" },
]);

export function appearance(): Extension {
  return syntaxHighlighting(style);
}
