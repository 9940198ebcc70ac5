// When help with code is called for, by the line before the cursor. Pure.

/** What may follow while an offer still holds. */
export const goesOn = /^[\p{L}\p{N}_]*$/u;

/** Whether to offer how it goes on, unasked: a name was begun, or the dot after a value typed. Not in comments and strings. */
export function callsForOffers(before: string): boolean {
  const isInName = /(?:^|[^\p{L}\p{N}_])[\p{L}_][\p{L}\p{N}_]*$/u.test(before);
  const isAfterDot = /(?:(?:^|[^\p{L}\p{N}_.])[\p{L}_][\p{L}\p{N}_]*|[)\]}"'])\.$/u.test(withoutChain(before));
  return (isInName || isAfterDot) && !isInText(before);
}

/** Whether Tab and Shift+Tab are about a name here, and not about the indentation. */
export function callsForInspection(before: string): boolean {
  return /[\p{L}\p{N}_.[\]"'%]$|[(,]\s*$/u.test(before);
}

/** `a.b.c.` as `c.`, so that what is before a dot is one name. */
function withoutChain(before: string): string {
  return before.replace(/(?:[\p{L}_][\p{L}\p{N}_]*\.)+(?=[\p{L}_][\p{L}\p{N}_]*\.$)/u, "");
}

/** In a comment or in a string that begins in this line; what stands between the braces of an f-string counts as such. */
function isInText(before: string): boolean {
  const open = before.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "");
  return /["'#]/.test(open);
}
