// Which faults are tried, one in each run.
import { factsOf } from '../../journal/entry.ts';
import type { EffectEntry } from '../../journal/entry.ts';
import { usageOf } from '../../observe/usage-of.ts';
import type { Exploration } from '../run/exploration.ts';
import type { Fault } from '../schedule/schedule.ts';
import { toHalf, withText } from './answer-text.ts';
import { faultKinds, faultyAnswer } from './fault-kinds.ts';
import type { FaultMore, FaultName } from './fault-kinds.ts';
import type { GivenAnswer } from './given-answer.ts';

/**
 * `tools`: each call fails once, and each exchange with anything but a model has status 500. `models`: everything that can
 * become of an answer, for exchanges with models and for calls that are answered with text. `all`: everything, for all.
 */
export type PlannedFaults = 'tools' | 'models' | 'all';

/** The values that `faults` of `explore` takes, for a command line or a form that offers them. */
export const plannedFaults: readonly PlannedFaults[] = ['tools', 'models', 'all'];

export function faultPlan({ recorded, subject }: Exploration, which: PlannedFaults): readonly Fault[] {
  return [...recorded.effects].flatMap(([event, entry]) => {
    const answer: GivenAnswer = { outcome: entry.outcome, facts: factsOf(entry) };
    return kindsFor(entry, which).flatMap((kind) => {
      // To an engine that is told of an error, a call has not happened: only what stands outside can tell whether it has.
      if (kind === 'reset' && entry.type === 'call' && !subject.isOutsideAsked) return [];
      const all = which === 'tools' && kind === 'status' ? [500] : (faultKinds[kind].tried?.(answer) ?? [undefined]);
      return all.map((more) => faultOf(kind, event, more)).filter((fault) => canHappen(fault, entry, answer));
    });
  });
}

function kindsFor(entry: EffectEntry, which: PlannedFaults): readonly FaultName[] {
  const kinds = Object.keys(faultKinds) as readonly FaultName[];
  if (which === 'all') return kinds;
  const isModel = isOfModel(entry);
  if (which === 'models') return isModel ? kinds.filter((kind) => kind !== 'error') : [];
  return entry.type === 'http' ? (isModel ? [] : ['status']) : ['error'];
}

function isOfModel(entry: EffectEntry): boolean {
  if (entry.type === 'http') return usageOf(entry) !== undefined;
  return entry.outcome.kind === 'value' && withText(entry.outcome.value, toHalf) !== undefined;
}

function faultOf(kind: FaultName, event: string, more: FaultMore): Fault {
  return more === undefined ? { kind, event } : { kind, event, more };
}

/** Whether a fault changes anything that its effect is answered with. */
export function canHappen(fault: Fault, { type, name }: EffectEntry, answer: GivenAnswer): boolean {
  return faultyAnswer(fault, { type, name }, answer) !== undefined;
}
