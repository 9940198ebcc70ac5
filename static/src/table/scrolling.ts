// Which rows are in view. A browser's elements end at some millions of pixels, and tables do not: in long ones a drag of
// the scrollbar goes a part of the way, and everything smaller is exact. Pure.

// Below what every browser can lay out.
const MAX_HEIGHT_PX = 8_000_000;

export class Scrolling {
  /** The row at the top, with a fraction. */
  top = 0;
  #scrollTop = 0;

  constructor(
    readonly rowHeight: number,
    public rowCount: number,
    public viewportPx: number,
  ) {}

  get heightPx(): number {
    return Math.min(this.rowCount * this.rowHeight, MAX_HEIGHT_PX);
  }

  /** Where the browser's own scroll position belongs. */
  get scrollTop(): number {
    return this.#maxTop === 0 ? 0 : (this.top / this.#maxTop) * this.#maxScroll;
  }

  /** The rows to show, the last one not included. */
  get range(): readonly [number, number] {
    const first = Math.floor(this.top);
    return [first, Math.min(this.rowCount, Math.ceil(this.top + this.#visibleRows) + 1)];
  }

  /** The browser scrolled. */
  scrolledTo(scrollTop: number): void {
    const delta = scrollTop - this.#scrollTop;
    this.#scrollTop = scrollTop;
    const isExact = this.rowCount * this.rowHeight <= MAX_HEIGHT_PX;
    const isFar = Math.abs(delta) > 2 * this.viewportPx;
    if (isExact) this.#set(scrollTop / this.rowHeight);
    else if (isFar || scrollTop <= 0 || scrollTop >= this.#maxScroll - 1) this.#set(this.#topAt(scrollTop));
    else this.#set(this.top + delta / this.rowHeight);
  }

  /** The scroll position was set to where it belongs. */
  settled(scrollTop: number): void {
    this.#scrollTop = scrollTop;
  }

  /** So that the row is in view. */
  reveal(row: number): void {
    if (row < this.top) this.#set(row);
    else if (row + 1 > this.top + this.#visibleRows) this.#set(row + 1 - this.#visibleRows);
  }

  get pageRows(): number {
    return Math.max(1, Math.floor(this.#visibleRows) - 1);
  }

  // Private

  get #visibleRows(): number {
    return this.viewportPx / this.rowHeight;
  }

  get #maxTop(): number {
    return Math.max(0, this.rowCount - this.#visibleRows);
  }

  get #maxScroll(): number {
    return Math.max(0, this.heightPx - this.viewportPx);
  }

  #topAt(scrollTop: number): number {
    return this.#maxScroll === 0 ? 0 : (scrollTop / this.#maxScroll) * this.#maxTop;
  }

  #set(top: number): void {
    this.top = Math.min(Math.max(0, top), this.#maxTop);
  }
}

/** Where columns begin, and the end of the last. */
export function edgesOf(widths: readonly number[]): number[] {
  const edges = [0];
  for (const width of widths) edges.push((edges.at(-1) ?? 0) + width);
  return edges;
}

/** The columns between two places, the last one not included. */
export function columnsBetween(edges: readonly number[], left: number, right: number): readonly [number, number] {
  const count = edges.length - 1;
  let first = 0;
  while (first < count - 1 && (edges[first + 1] ?? 0) <= left) first++;
  let end = first;
  while (end < count && (edges[end] ?? 0) < right) end++;
  return [first, end];
}
