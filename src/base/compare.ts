/** The one order of texts: by UTF-16 code unit. A locale would change the order between machines. */
export function compareCodeUnits(left: string, right: string): -1 | 0 | 1 {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A longer list is left to the language, which takes memory for each sort and is faster only then. */
const shortLengthMax = 24;

/** Sorts a list that nobody else holds, in place. Most are short, and in order already. */
export function inOrder<Item>(list: Item[], nameOf: (item: Item) => string): readonly Item[] {
  if (list.length > shortLengthMax) return list.sort((left, right) => compareCodeUnits(nameOf(left), nameOf(right)));
  for (let index = 1; index < list.length; index += 1) {
    const item = list[index] as Item;
    const name = nameOf(item);
    let place = index;
    for (; place > 0 && nameOf(list[place - 1] as Item) > name; place -= 1) list[place] = list[place - 1] as Item;
    list[place] = item;
  }
  return list;
}

export const firstOf = ([name]: readonly [string, unknown]): string => name;
export const nameItself = (name: string): string => name;
