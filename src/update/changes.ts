// What an update changed, in the words of a comparison: what differs from the recording is what is new in the file.
import { describeEffect } from '../diff/compare-attempt.ts';
import type { Divergence } from '../diff/divergence.ts';
import { addressText } from '../journal/address.ts';
import type { EffectEntry } from '../journal/entry.ts';
import type { NodeNames } from '../journal/renamed-nodes.ts';
import type { FixtureChange } from '../report/update-facts.ts';
import type { MergedStep } from './merged-step.ts';

/** `steps`: those of the new fixture, with what each lost and got. */
export function changesOf(
  names: NodeNames,
  divergences: readonly Divergence[],
  steps: readonly Pick<MergedStep, 'dropped' | 'performed'>[],
): readonly FixtureChange[] {
  const effects = (kind: 'unused effect' | 'performed', list: readonly EffectEntry[]): readonly FixtureChange[] =>
    list.map((effect) => effectChange(kind, effect));
  return [
    ...[...names].map(([recorded, replayed]): FixtureChange => {
      return { kind: 'renamed', about: `node "${recorded}"`, at: '', recorded, replayed };
    }),
    ...divergences.flatMap(changeOf),
    ...steps.flatMap(({ dropped, performed }) => [
      ...effects('unused effect', dropped),
      ...effects('performed', performed),
    ]),
  ];
}

function effectChange(kind: 'unused effect' | 'performed', effect: EffectEntry): FixtureChange {
  const sides =
    kind === 'performed'
      ? { recorded: undefined, replayed: effect.request }
      : { recorded: effect.request, replayed: undefined };
  return { kind, about: describeEffect(effect), at: addressText(effect.at, effect, []), ...sides };
}

/** Effects are listed one by one, whether or not their attempts could be compared. */
function changeOf(divergence: Divergence): readonly FixtureChange[] {
  const { kind, at, recorded, replayed, follows } = divergence;
  if (kind === 'unused effect' || kind === 'request' || kind === 'missing effect' || kind === 'answer') return [];
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
