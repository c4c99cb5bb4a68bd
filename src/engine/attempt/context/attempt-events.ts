// The events of one attempt, numbered within each task and stream.
import { canonicalValue } from '../../../base/value.ts';
import type { AttemptSetup } from '../attempt-setup.ts';

export class AttemptEvents {
  readonly #setup: AttemptSetup;
  /** By task, then by stream. */
  readonly #ordinals = new Map<string | undefined, Map<string, number>>();

  constructor(setup: AttemptSetup) {
    this.#setup = setup;
  }

  /** @throws RepriseError `unstorable`, `value-too-large`, `value-too-deep` */
  report(name: string, data: unknown, stream: string, task: string | undefined): void {
    const { parts, key, node, world } = this.#setup;
    // A resumable node starts after the events it reported before.
    const ordinals = this.#ordinals.get(task) ?? new Map<string, number>();
    const ordinal = ordinals.get(stream) ?? world.eventCount?.(stream, task) ?? 0;
    const value = canonicalValue(data, `the data of event "${name}"`, parts.settings);
    this.#ordinals.set(task, ordinals.set(stream, ordinal + 1));
    const observed = { time: parts.clock.now() };
    const place = { name, stream, ordinal, ...(task === undefined ? {} : { task }) };
    const journal = (): void =>
      parts.journal.emit({ kind: 'event', at: key, ...place, data: value, observed }, node.name);
    if (world.keepBack?.(journal) !== true) journal();
  }
}
