import type { TimeOf } from '../../port/clock.ts';
import { canonicalValue } from '../../base/value.ts';
import type { RunStore } from '../../port/store.ts';
import { checkSignalName } from '../options/message-options.ts';

/** What a signal brings. */
export interface Signal {
  readonly name: string;
  readonly value: unknown;
}

/**
 * Sends a signal to a run of a store. It is durable when this returns, and the run receives it once, in
 * whichever process drives it.
 *
 * @throws RepriseError `run-unknown`, `run-ended`, `option-invalid`, `unstorable`, and what the store throws
 */
export async function sendSignal(store: RunStore, runId: string, { name, value }: Signal, now: TimeOf): Promise<void> {
  checkSignalName(name);
  const given = canonicalValue(value, `the signal "${name}"`);
  await store.send(runId, { kind: 'signal', name, value: given, time: await now() });
}
