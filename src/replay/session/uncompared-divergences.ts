// Differences that no comparison of two journals finds: what was refused, what is waited for, what nobody caught.
import { messageOf } from '../../base/error.ts';
import { shifted } from '../../diff/compare-runs.ts';
import type { Divergence } from '../../diff/divergence.ts';
import { errorValue } from '../../engine/rules/failure.ts';
import { framesOf } from '../../engine/rules/read-stacks.ts';
import { liveSourcePaths } from '../../live/source-paths.ts';
import type { OutsideCall } from '../../port/seal.ts';
import type { ThrownInNode } from './replay-seal.ts';

export function outsideDivergence({ what, at = '', node = '', stack }: OutsideCall): Divergence {
  return {
    kind: 'missing effect',
    at,
    step: Number.parseInt(at, 10),
    node,
    path: 'outside',
    recorded: undefined,
    replayed: what,
    ...(stack === '' ? {} : { stack }),
  };
}

/** A node that was refused something comes out differently because of that. */
export function afterRefusals(refused: readonly Divergence[], compared: readonly Divergence[]): readonly Divergence[] {
  const follower = (found: Divergence): Divergence => {
    const cause = refused.findIndex(({ at }) => at === found.at);
    return cause < 0 || found.follows !== undefined ? shifted(found, refused.length) : { ...found, follows: cause };
  };
  return refused.length === 0 ? compared : [...refused, ...compared.map(follower)];
}

export function waitingDivergence(step: number, waitsFor: readonly string[]): Divergence {
  const replayed = `waits for ${waitsFor.join(', ')}`;
  return { kind: 'error', at: String(step), step, path: 'end', recorded: 'waited for nothing', replayed };
}

/** Nothing was recorded for it: live, an error like this ends the process. */
export function thrownDivergence({ at, node, thrown }: ThrownInNode): Divergence {
  const stack = framesOf(thrown, liveSourcePaths).join('\n');
  return {
    kind: 'error',
    at,
    step: Number.parseInt(at, 10),
    node,
    path: 'uncaught',
    recorded: undefined,
    replayed: messageOf(errorValue(thrown, node)),
    ...(stack === '' ? {} : { stack }),
  };
}
