// What people call a cell that has no name: its place in the notebook, from 1. Pure.

/** By cell id. */
export type Numbers = ReadonlyMap<string, number>;

/** `before` itself if no cell came, went or was moved. */
export function numbersOf(cells: readonly { readonly id: string }[], before: Numbers): Numbers {
  const isSame = cells.length === before.size && cells.every(({ id }, index) => before.get(id) === index + 1);
  return isSame ? before : new Map(cells.map(({ id }, index) => [id, index + 1]));
}

export function nameOf(cellId: string, numbers: Numbers): string {
  const number = numbers.get(cellId);
  return number === undefined ? "a cell that is gone" : `cell ${number}`;
}
