// The delta that the chunks of an attempt come to. Most readers look at chunks alone, so nothing is folded before
// somebody asks; whoever asks at every chunk pays for each chunk once.
import { adopt, canonicalRecord, frozenSet, holdsBytes } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { mergeAllBuiltIn } from '../journal/built-in-field.ts';
import type { FieldDescription, StateDescription } from '../journal/description.ts';
import { isRecordValue } from '../journal/record-value.ts';

export class Accumulator {
  readonly #state: StateDescription | undefined;
  readonly #chunks: Value[] = [];
  #foldedCount = 0;
  #values = new Map<string, Value>();
  #lists = new Map<string, Value[]>();

  constructor(state: StateDescription | undefined) {
    this.#state = state;
  }

  get count(): number {
    return this.#chunks.length;
  }

  add(chunk: Value): void {
    this.#chunks.push(chunk);
  }

  /** Chunks from this place on are void. */
  truncate(count: number): void {
    this.#chunks.length = count;
    if (this.#foldedCount > count) this.#restart();
  }

  /** What the chunks up to this one come to. Of fields that only user code can fold it is the last one. */
  deltaAt(place: number): Value {
    if (this.#state?.kind !== 'fields') return this.#chunks[place];
    if (this.#foldedCount > place + 1) this.#restart();
    for (; this.#foldedCount <= place; this.#foldedCount += 1) this.#fold(this.#chunks[this.#foldedCount], this.#state);
    const fields = new Map(this.#values);
    for (const [name, list] of this.#lists) fields.set(name, this.#listValue(this.#state.fields[name], list));
    return canonicalRecord([...fields]);
  }

  #restart(): void {
    this.#foldedCount = 0;
    this.#values = new Map();
    this.#lists = new Map();
  }

  #fold(chunk: Value, state: StateDescription & { readonly kind: 'fields' }): void {
    if (!isRecordValue(chunk)) return;
    for (const name of Object.keys(chunk)) this.#foldField(name, state.fields[name], chunk[name]);
  }

  #foldField(name: string, field: FieldDescription | undefined, chunk: Value): void {
    const before = this.#values.get(name);
    switch (field?.kind) {
      case 'append':
      case 'upsert':
      case 'union': {
        const list = this.#lists.get(name) ?? [];
        this.#lists.set(name, list);
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

  #listValue(field: FieldDescription | undefined, list: readonly Value[]): Value {
    if (field?.kind === 'union') return frozenSet([...new Set(list)]);
    const items = [...list];
    return adopt(items, items.some(holdsBytes));
  }
}
