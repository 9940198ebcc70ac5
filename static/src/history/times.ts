// When something happened, in words. Pure.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Made at its first use: it takes longer than all else that is done when the page loads this. */
let relative: Intl.RelativeTimeFormat | undefined;

/** "just now", "5 minutes ago", "yesterday"; of what is older than a week, the date. */
export function relativeTime(then: Date, now: Date, locale?: string): string {
  // The server's clock may be ahead of ours.
  const passedMs = Math.max(0, now.getTime() - then.getTime());
  if (passedMs < MINUTE_MS) return "just now";
  if (passedMs < HOUR_MS) return ago(passedMs / MINUTE_MS, "minute");
  if (passedMs < DAY_MS) return ago(passedMs / HOUR_MS, "hour");
  if (passedMs < 7 * DAY_MS) return ago(passedMs / DAY_MS, "day");
  return new Intl.DateTimeFormat(locale, { dateStyle: "long" }).format(then);
}

function ago(count: number, unit: Intl.RelativeTimeFormatUnit): string {
  relative ??= new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  return relative.format(-Math.floor(count), unit);
}

/** Date and time; of a span, both ends without what they share. In the reader's language, like other clocks there. */
export function exactTime(from: Date, to: Date = from, locale?: string): string {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  return format.formatRange(from, to);
}

/** "10:42"; of another day with its date. */
export function clockTime(then: Date, now: Date, locale?: string): string {
  if (then.toDateString() !== now.toDateString()) return exactTime(then, then, locale);
  return new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(then);
}
