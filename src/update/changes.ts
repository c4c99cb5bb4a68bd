// What an update changed, in the words of a comparison: what differs from the recording is what is new in the file.
import { describeEffect } from '../diff/compare/compare-effects.ts';
import type { Divergence } from '../diff/divergence.ts';
import { errorText } from '../diff/compare/failure-text.ts';
import { effectIdentity } from '../journal/effect-identity.ts';
import { addressText } from '../journal/address.ts';
import type { EffectEntry, EffectRef } from '../journal/entry.ts';
import type { NodeNames } from '../journal/run/renamed-nodes.ts';
import type { ReplayReport } from '../replay/session/replay-report.ts';
import type { FixtureChange, MissingEffect, UpdatedFixture } from '../report/update/update-facts.ts';
import { failureOf } from './live-failure.ts';
import type { Performed } from './merged-step.ts';
import type { Ends } from './live-failure.ts';

export interface ChangedEffects {
  /** What the fixture lost. */
  readonly dropped: readonly EffectEntry[];
  /** What it got. */
  readonly performed: readonly Performed[];
  /** What is marked `once` now and was not, or the other way round. */
  readonly marked: readonly EffectEntry[];
}

export function changesOf(
  names: NodeNames,
  divergences: readonly Divergence[],
  { dropped, performed, marked }: ChangedEffects,
  ends: Ends,
): readonly FixtureChange[] {
  const effects = (kind: 'unused effect' | 'performed', list: readonly Performed[]): readonly FixtureChange[] =>
    list.map((effect) => effectChange(kind, effect));
  return [
    ...[...names].map(([recorded, replayed]): FixtureChange => {
      return { kind: 'renamed', about: `node "${recorded}"`, at: '', recorded, replayed };
    }),
    ...endChange(ends),
    ...divergences.flatMap(changeOf),
    ...effects('unused effect', dropped),
    ...effects('performed', performed),
    ...marked.map(onceChange),
  ];
}

function effectChange(kind: 'unused effect' | 'performed', effect: Performed): FixtureChange {
  const sides =
    kind === 'performed'
      ? { recorded: undefined, replayed: effect.request }
      : { recorded: effect.request, replayed: undefined };
  const failure = kind === 'performed' ? failureOf(effect) : undefined;
  return {
    kind,
    about: describeEffect(effect),
    at: addressText(effect.at, effect, []),
    ...sides,
    ...(failure === undefined ? {} : { failure }),
  };
}

/** Whether it may be performed twice is for somebody to look at, though no run differs by it. */
function onceChange(effect: EffectEntry): FixtureChange {
  const isOnce = effect.once === true;
  const at = addressText(effect.at, effect, []);
  return { kind: 'once', about: describeEffect(effect), at, recorded: !isOnce, replayed: isOnce };
}

const before = { done: 'was done', failed: 'failed', cancelled: 'was cancelled' };
const now = { done: 'is done now', failed: 'fails now', cancelled: 'is cancelled now' };

/** Whatever else an end follows from, somebody has to know that a run which was done fails. */
function endChange({ recorded, replayed }: Ends): readonly FixtureChange[] {
  if (replayed === undefined || recorded?.status === replayed.status) return [];
  const about = `the run ${recorded === undefined ? 'had not ended' : before[recorded.status]}, and ${now[replayed.status]}`;
  const sides = {
    recorded: recorded?.status,
    replayed: replayed.status === 'failed' ? errorText(replayed.error) : replayed.status,
  };
  return [{ kind: 'end', about, at: '', ...sides }];
}

/** Effects are listed one by one, whether or not their attempts could be compared. */
function changeOf(divergence: Divergence): readonly FixtureChange[] {
  const { kind, at, path, recorded, replayed, follows } = divergence;
  if (kind === 'unused effect' || kind === 'request' || kind === 'missing effect' || kind === 'answer') return [];
  if (kind === 'graph' && path === 'graph.name')
    return [{ kind: 'renamed', about: `graph ${JSON.stringify(recorded)}`, at: '', recorded, replayed }];
  const change: FixtureChange = { kind, about: aboutOf(divergence), at, recorded, replayed };
  return [follows === undefined ? change : { ...change, follows: true }];
}

/** The place in words that are the same in every run: no number of a step, no index in a list. */
function aboutOf({ kind, node, path, task, detail }: Divergence): string {
  const place = path.replace(/\[\d+\]/g, '[]');
  if (kind === 'graph') return `${place} ${detail ?? 'was changed'}`;
  const inTask = task === undefined ? '' : ` task ${task.replace(/#\d+/g, '')}`;
  return node === undefined ? place : `"${node}"${inTask} ${place}`;
}

/** Of a replay whose result is accepted: the reads that it made values up for. */
export function madeUpIn({
  unrecordedReads,
  unrecordedRead,
}: Pick<ReplayReport, 'unrecordedReads' | 'unrecordedRead'>): Pick<
  UpdatedFixture,
  'unrecordedReads' | 'unrecordedRead'
> {
  if (unrecordedReads === 0) return {};
  return { unrecordedReads, ...(unrecordedRead === undefined ? {} : { unrecordedRead }) };
}

/** Each once: a client that is refused may try again. */
export function described(refs: readonly EffectRef[]): readonly MissingEffect[] {
  const identities = new Map(refs.map((ref) => [effectIdentity(ref), ref]));
  return [...identities.values()].map((ref) => ({ about: describeEffect(ref), request: ref.request }));
}
