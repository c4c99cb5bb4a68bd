// Which part of a list is enough.

/** Delta debugging (Zeller, Hildebrandt 2002): a smallest part that still does, in that no single item can be left out. */
export async function fewestOf<Item>(
  given: readonly Item[],
  does: (items: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[]> {
  let items = given;
  let partCount = 2;
  while (items.length >= 2) {
    const smaller = await smallerOf(items, partCount, does);
    if (smaller !== undefined) {
      partCount = smaller.length <= Math.ceil(items.length / partCount) ? 2 : Math.max(partCount - 1, 2);
      items = smaller;
    } else if (partCount >= items.length) return items;
    else partCount = Math.min(items.length, partCount * 2);
  }
  return items;
}

async function smallerOf<Item>(
  items: readonly Item[],
  partCount: number,
  does: (items: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[] | undefined> {
  const size = Math.ceil(items.length / partCount);
  const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, part) => part * size);
  for (const start of starts) {
    const part = items.slice(start, start + size);
    if (await does(part)) return part;
  }
  // Of two parts, each is what the other leaves.
  if (starts.length === 2) return undefined;
  for (const start of starts) {
    const rest = items.toSpliced(start, size);
    if (await does(rest)) return rest;
  }
  return undefined;
}
