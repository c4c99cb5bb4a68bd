// Folds the chunks of an attempt, field by field and without any user code, into one delta that merges as all of them would.
//   F1. A fold never changes: more chunks make another fold, which shares with it what it can.
//   F2. A field that only one chunk names has the value that this chunk gives it.
import { adopt, canonicalRecord, frozenSet, holdsBytes } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { mergeAllBuiltIn } from './built-in-field.ts';
import type { FieldDescription } from '../description.ts';
import { isRecordValue } from '../record-value.ts';

type Fields = { readonly [name: string]: FieldDescription };

export class ChunkFold {
  readonly #values: ReadonlyMap<string, Value | GrowingList>;
  /** Fields that several chunks name and only user code can fold. The fold has the last value of each. */
  readonly unfoldable: readonly string[];

  private constructor(values: ReadonlyMap<string, Value | GrowingList>, unfoldable: readonly string[]) {
    this.#values = values;
    this.unfoldable = unfoldable;
  }

  static readonly empty = new ChunkFold(new Map(), []);

  /** @throws RepriseError `node-output-invalid` if a chunk does not fit its field */
  with(chunks: readonly Value[], fields: Fields): ChunkFold {
    const values = new Map(this.#values);
    let { unfoldable } = this;
    for (const [name, writes] of writesByField(chunks)) {
      const field = fields[name];
      const isFirst = !values.has(name);
      const isOne = isFirst && writes.length === 1;
      if (field?.kind === 'reduce' && !isOne && !unfoldable.includes(name)) unfoldable = [...unfoldable, name];
      values.set(name, isOne ? writes[0] : folded(field, values.get(name), writes, name));
    }
    return new ChunkFold(values, unfoldable);
  }

  get delta(): Value {
    return canonicalRecord(
      [...this.#values].map(([name, value]) => [name, value instanceof GrowingList ? value.items : value]),
    );
  }
}

function writesByField(chunks: readonly Value[]): ReadonlyMap<string, Value[]> {
  const writes = new Map<string, Value[]>();
  for (const chunk of chunks) {
    if (!isRecordValue(chunk)) continue;
    for (const name of Object.keys(chunk)) {
      const list = writes.get(name);
      if (list === undefined) writes.set(name, [chunk[name]]);
      else list.push(chunk[name]);
    }
  }
  return writes;
}

/** `before` is undefined if nothing was written: of the fields, only `last()` takes an undefined value. */
function folded(
  field: FieldDescription | undefined,
  before: Value | GrowingList,
  writes: readonly Value[],
  name: string,
): Value | GrowingList {
  const path = `delta.${name}`;
  switch (field?.kind) {
    case 'append':
    case 'upsert': {
      // Records are merged by key when they reach the state. Here they keep their order.
      const list = before instanceof GrowingList ? before : GrowingList.of((before ?? []) as readonly Value[]);
      return list.with(writes as readonly (readonly Value[])[]);
    }
    case 'text':
      return `${(before as string | undefined) ?? ''}${writes.join('')}`;
    case 'union': {
      const [first, ...rest] = before === undefined ? writes : [before as Value, ...writes];
      return mergeAllBuiltIn(field, frozenSet([...(first as Iterable<Value>)]), rest, path);
    }
    case 'sum':
    case 'min':
    case 'max':
    case 'merge':
      return before === undefined
        ? mergeAllBuiltIn(field, writes[0], writes.slice(1), path)
        : mergeAllBuiltIn(field, before as Value, writes, path);
    default:
      return writes[writes.length - 1];
  }
}

/** A list that grows at its end without a copy, as long as no other list has grown from the same length. */
class GrowingList {
  readonly #shared: Value[];
  readonly #length: number;

  private constructor(shared: Value[], length: number) {
    this.#shared = shared;
    this.#length = length;
  }

  static of(items: readonly Value[]): GrowingList {
    return new GrowingList([...items], items.length);
  }

  with(lists: readonly (readonly Value[])[]): GrowingList {
    const shared = this.#shared.length === this.#length ? this.#shared : this.#shared.slice(0, this.#length);
    for (const list of lists) for (const item of list) shared.push(item);
    return new GrowingList(shared, shared.length);
  }

  get items(): readonly Value[] {
    const items = this.#shared.slice(0, this.#length);
    return adopt(items, items.some(holdsBytes));
  }
}
