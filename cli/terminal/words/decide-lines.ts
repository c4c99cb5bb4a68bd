import type { EffectInDoubt } from '../../../src/index.ts';
import { shellOption, shellWord } from './shell-word.ts';

type Doubtful = Pick<EffectInDoubt, 'address' | 'decided' | 'onWorker'>;

/**
 * What to do about an effect in doubt, in lines: to perform it again is wrong if it did happen. What was decided already takes
 * effect once its node asks for it: another decision would replace that.
 */
export function decideLines(
  runId: string,
  { address, decided, onWorker }: Doubtful,
  store: string | undefined,
): string {
  const resume = `npx reprise resume ${shellWord(runId)}${shellOption('--store', store)}`;
  if (decided === undefined && onWorker === true)
    return `  a worker had begun it: once the run has heard of that, and failed, it can be decided about\n  next: ${resume}\n`;
  if (decided !== undefined)
    return `  what was decided counts once its node asks for it: resume with code that does\n  next: ${resume}\n`;
  const command = `npx reprise resume ${shellWord(runId)} --decide ${shellWord(`${address}=retry`)}${shellOption('--store', store)}`;
  return `  find out whether it happened; if it did, decide {"value": …}, what it gave, in place of retry\n  next: ${command}\n`;
}
