/** A mark stands for a secret that the fixture does not hold, so it matches any text in its place. */
export function fitsRedacted(recorded: string, replayed: string): boolean {
  if (!recorded.includes('[redacted:')) return false;
  const pieces = recorded.split(/\[redacted:[a-z-]+(?:#\d+)?\]/);
  const first = pieces[0] as string;
  const last = pieces[pieces.length - 1] as string;
  if (pieces.length === 1 || !replayed.startsWith(first)) return false;
  let from = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = replayed.indexOf(piece, from);
    if (found < 0) return false;
    from = found + piece.length;
  }
  return replayed.length - last.length >= from && replayed.endsWith(last);
}
