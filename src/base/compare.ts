/** The one order of texts: by UTF-16 code unit. A locale would change the order between machines. */
export function compareCodeUnits(left: string, right: string): -1 | 0 | 1 {
  return left < right ? -1 : left > right ? 1 : 0;
}
