// The events of one attempt, numbered within each stream.
import { canonicalValue } from '../../base/value.ts';
import type { AttemptSetup } from './attempt-setup.ts';

export class AttemptEvents {
  readonly #setup: AttemptSetup;
  readonly #ordinals = new Map<string, number>();

  constructor(setup: AttemptSetup) {
    this.#setup = setup;
  }

  /** @throws RepriseError `unstorable`, `value-too-large`, `value-too-deep` */
  report(name: string, data: unknown, stream: string): void {
    const { parts, key, node, world } = this.#setup;
    // A resumable node starts after the events it reported before.
    const ordinal = this.#ordinals.get(stream) ?? world.eventCount?.(stream) ?? 0;
    const value = canonicalValue(data, `the data of event "${name}"`, parts.settings);
    this.#ordinals.set(stream, ordinal + 1);
    const observed = { time: parts.clock.now() };
    const journal = (): void =>
      parts.journal.emit({ kind: 'event', at: key, name, stream, ordinal, data: value, observed }, node.name);
    if (world.keepBack?.(journal) !== true) journal();
  }
}
