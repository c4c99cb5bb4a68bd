// The delta that the chunks of an attempt come to, so far. What costs nothing to keep is folded chunk by chunk; of lists
// only their length is remembered, and the list is made when somebody looks.
import { adopt, canonicalRecord, frozenSet, holdsBytes } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { FieldDescription, StateDescription } from '../journal/description.ts';
import { mergeAllBuiltIn } from '../journal/built-in-field.ts';
import { isRecordValue } from '../journal/record-value.ts';

export class Accumulator {
  readonly #state: StateDescription | undefined;
  readonly #values = new Map<string, Value>();
  readonly #lists = new Map<string, Value[]>();

  constructor(state: StateDescription | undefined) {
    this.#state = state;
  }

  /** Takes a chunk in; gives what makes the delta behind it. */
  add(chunk: Value): () => Value {
    if (this.#state?.kind !== 'fields' || !isRecordValue(chunk)) return () => chunk;
    for (const name of Object.keys(chunk)) this.#addField(name, this.#state.fields[name], chunk[name]);
    const values = new Map(this.#values);
    const lengths = [...this.#lists].map(([name, list]) => [name, list, list.length] as const);
    return () => {
      const all = new Map(values);
      for (const [name, list, length] of lengths) all.set(name, this.#listValue(name, list.slice(0, length)));
      return canonicalRecord([...all]);
    };
  }

  #addField(name: string, field: FieldDescription | undefined, chunk: Value): void {
    const before = this.#values.get(name);
    switch (field?.kind) {
      case 'append':
      case 'upsert':
      case 'union': {
        const list = this.#lists.get(name) ?? [];
        if (list.length === 0) this.#lists.set(name, list);
        for (const item of chunk as Iterable<Value>) list.push(item);
        return;
      }
      case 'text':
        this.#values.set(name, before === undefined ? chunk : `${before as string}${chunk as string}`);
        return;
      case 'sum':
      case 'min':
      case 'max':
      case 'merge':
        this.#values.set(name, before === undefined ? chunk : mergeAllBuiltIn(field, before, [chunk], name));
        return;
      default:
        this.#values.set(name, chunk);
    }
  }

  #listValue(name: string, list: Value[]): Value {
    const isSet = this.#state?.kind === 'fields' && this.#state.fields[name]?.kind === 'union';
    return isSet ? frozenSet([...new Set(list)]) : adopt(list, list.some(holdsBytes));
  }
}
