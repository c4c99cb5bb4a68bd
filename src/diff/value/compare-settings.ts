// What a comparison leaves out: kinds of divergences, paths in values, and small differences of numbers.
import { filledText, numberIn, oneOf, required } from '../../base/options/option-kind.ts';
import type { OptionKind } from '../../base/options/option-kind.ts';
import { listOf, objectOf, optionsIn } from '../../base/options/option-parts.ts';
import type { DivergenceKind } from '../divergence.ts';
import { valuePath } from './value-path.ts';

export interface CompareSettings {
  /** The kinds of divergences that count; all by default. */
  readonly kinds?: readonly DivergenceKind[];
  /**
   * What is not compared, with a reason for each: `{ path: 'state.startedAt', why: 'wall clock' }`. A path begins with
   * `state`, `event` (the data of events) or `input` (the payloads of tasks); `[]` is any item and `*` any key.
   */
  readonly ignore?: readonly IgnoredPath[];
  /** Numbers that may differ a little: `{ path: 'state.score', within: 0.001 }`. */
  readonly tolerance?: readonly ToleratedPath[];
}

export interface IgnoredPath {
  readonly path: string;
  readonly why: string;
}

export interface ToleratedPath {
  readonly path: string;
  readonly within: number;
}

export const divergenceKinds = [
  'graph',
  'request',
  'missing effect',
  'unused effect',
  'task',
  'answer',
  'output',
  'route',
  'chunk',
  'event',
  'error',
  'conflict',
  'state',
  'frontier',
] as const satisfies readonly DivergenceKind[];

const path: OptionKind = {
  wanted: 'a path that begins with `state`, `event` or `input`, such as "state.notes[].at"',
  fits: (value) => typeof value === 'string' && valuePath(value) !== undefined,
};

/** `compare` among options, and in the config. */
export const compareKind: OptionKind = optionsIn<CompareSettings>({
  kinds: listOf(oneOf(...divergenceKinds), 'kinds of divergences'),
  ignore: listOf(
    objectOf<IgnoredPath>('{ path, why }', { path: required(path), why: required(filledText) }),
    'paths `{ path, why }`, each with its reason',
  ),
  tolerance: listOf(
    objectOf<ToleratedPath>('{ path, within }', { path: required(path), within: required(numberIn({ least: 0 })) }),
    'paths `{ path, within }`',
  ),
});
