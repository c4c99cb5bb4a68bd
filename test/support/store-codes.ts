import { RepriseError } from '../../src/base/error.ts';
import type { RunStore } from '../../src/port/store.ts';
import { collected, runEntry } from './journals.ts';

/** The code of what a call throws, at once or later; `none` if it throws nothing. */
export async function codeOf(call: () => unknown): Promise<string> {
  try {
    await call();
    return 'none';
  } catch (thrown) {
    if (thrown instanceof RepriseError && thrown.nextStep !== '') return thrown.code;
    throw thrown;
  }
}

/** What each use of a store gives: three that read, then four that write. The store is closed after that. */
export async function codesOf(store: RunStore): Promise<readonly string[]> {
  const uses = [
    () => store.list({}),
    () => store.find('run-1'),
    () => collected(store.read('run-1')),
    () => store.create(runEntry('run-2')),
    () => store.take('run-1'),
    () => store.append({ runId: 'run-1', token: 1 }, []),
    () => store.release({ runId: 'run-1', token: 1 }),
  ];
  const codes: string[] = [];
  for (const use of uses) codes.push(await codeOf(use));
  await store.close();
  return codes;
}
