// Keeps a whole process from the outside, as the command line does before it imports a module of the user.
import type { OutsideCall } from '../../port/seal.ts';
import { putUpDoors } from './doors.ts';
import { refuseOutsideNodes } from './outside-rules.ts';

const keptMax = 1_000;

/** The seal that `sealProcess` put on the process. It holds until it is disposed, best by `using`. */
export interface SealedProcess extends Disposable {
  /** What was tried outside of any node, and refused. */
  readonly refused: readonly OutsideCall[];
}

/**
 * Refuses what code outside of any node tries to reach, until it is disposed of. Call it before the first import of a module
 * that should not reach anything.
 *
 * Exempt are the standard streams, the channel to a parent process, and what the loaders of this process start: those named
 * with `--import`, `--require` or `--loader`, in `NODE_OPTIONS` too.
 */
export function sealProcess(): SealedProcess {
  const refused: OutsideCall[] = [];
  const takeDoorsDown = putUpDoors();
  const allow = refuseOutsideNodes((call) => {
    if (refused.length < keptMax) refused.push(call);
  });
  return {
    refused,
    [Symbol.dispose]() {
      allow();
      takeDoorsDown();
    },
  };
}
