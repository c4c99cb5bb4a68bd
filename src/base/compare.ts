/** The one order of texts: by UTF-16 code unit. A locale would change the order between machines. */
export function compareCodeUnits(left: string, right: string): -1 | 0 | 1 {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Sorts a list of its own by name. Most lists are in order already, which costs a fraction to see. */
export function inOrder<Item>(list: Item[], nameOf: (item: Item) => string): readonly Item[] {
  for (let index = 1; index < list.length; index += 1) {
    if (nameOf(list[index - 1] as Item) > nameOf(list[index] as Item))
      return list.sort((left, right) => compareCodeUnits(nameOf(left), nameOf(right)));
  }
  return list;
}

export const firstOf = ([name]: readonly [string, unknown]): string => name;
export const nameItself = (name: string): string => name;
