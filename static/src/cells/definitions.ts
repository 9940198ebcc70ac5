// Where a name is bound in a text of Python. It reads lines, not grammar: good enough to put the cursor there. Pure.

import type { Range } from "../editor/marks";

/** The first place that binds the name, or else the first that mentions it; the beginning if none does. */
export function definitionOf(name: string, source: string): Range {
  const word = `(?<![\\p{L}\\p{N}_.])${name.replace(/[^\p{L}\p{N}_]/gu, "\\$&")}(?![\\p{L}\\p{N}_])`;
  const ways = [
    `^[ \\t]*(?:async[ \\t]+)?(?:def|class)[ \\t]+(${word})`,
    `^[ \\t]*(?:[^#=\\n(]*,[ \\t]*\\(?[ \\t]*)?\\(?(${word})(?:[ \\t]*,[^=\\n#]*)?\\)?[ \\t]*(?::[^=\\n]*)?(?:[-+*/%&|^@]|//|>>|<<|\\*\\*)?=(?!=)`,
    `^[ \\t]*(?:from[ \\t].*[ \\t])?import[ \\t](?:.*[ ,(\\t])?(${word})`,
    `(?:^|[ \\t(])(?:for|as|with)[ \\t]+(?:[^#\\n]*,[ \\t]*)?(${word})`,
    `(${word})`,
  ];
  for (const way of ways) {
    const place = new RegExp(way, "mdu").exec(source)?.indices?.[1];
    if (place) return { from: place[0], to: place[1] };
  }
  return { from: 0, to: 0 };
}
