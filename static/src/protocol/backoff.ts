// How long to wait before the next try to connect. Pure.

const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/**
 * Doubles from 0.25 s to 10 s. Up to half of it is random (`random` in [0, 1)), so that the pages of a server
 * that restarts do not come back all at once.
 */
export function retryDelayMs(attempt: number, random: number): number {
  const delay = Math.min(FIRST_MS * 2 ** attempt, LONGEST_MS);
  return delay / 2 + (delay / 2) * random;
}
