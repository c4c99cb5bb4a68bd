// Divergences for people: causes in full, their consequences folded into one line each.
import { count as counted } from '../text/counts-text.ts';
import { nextStepOf } from '../../diff/cause/next-step.ts';
import type { RootCause } from '../../diff/cause/root-cause.ts';
import type { Divergence, DivergenceKind } from '../../diff/divergence.ts';
import { differenceLines, ofReplay, sideLabels } from '../text/difference-text.ts';
import type { DifferenceLine, SideNames } from '../text/difference-text.ts';
import type { Palette } from '../text/palette.ts';
import { aboutFixture, withoutAcceptance } from './fixture-commands.ts';
import type { FixtureCommands } from './fixture-commands.ts';
import { oneLine, reportWidth, shortened, wrapped } from '../text/plain-text.ts';
import { divergenceReason, divergenceSentence, failedWith } from './sentence.ts';
import type { ReasonFacts } from './sentence.ts';

const stackLinesMax = 8;

/** The first sentence of a report: what differs, where and why. */
export function headline(
  title: string,
  divergences: readonly Divergence[],
  facts: Omit<ReasonFacts, 'divergences' | 'isEdited'> & { readonly roots: readonly RootCause[] },
  palette: Palette,
): readonly string[] {
  // A change of the graph is usually deliberate; its consequence is the news.
  const places = facts.roots.map(({ place }) => divergences[place]);
  const first =
    [...places, ...divergences].find((found) => found !== undefined && found.kind !== 'graph') ?? divergences[0];
  if (first === undefined) return [title];
  // Its class says more than the two values: the first sentence must not say anything else.
  const root = facts.roots.find(({ place }) => divergences[place] === first);
  const isEdited = root?.class === 'fixture stale or edited';
  const reason = divergenceReason(first, { ...facts, divergences, isEdited });
  const sentence = `${title}: ${divergenceSentence(first)}${reason === undefined ? '' : `: ${reason}`}`;
  return wrapped(sentence, '  ').map(palette.strong);
}

/** A divergence in full: a headline and the lines below it. */
export function divergenceLines(
  divergence: Divergence,
  number: number,
  palette: Palette,
  names: SideNames = ofReplay,
): readonly string[] {
  const { kind, detail, stack: frames } = divergence;
  const values = valuesOf(divergence, names).map(({ side, text }) => {
    const line = `   ${text}`;
    return side === undefined ? line : palette[side](line);
  });
  const trace = frames ?? (detail?.includes('\n') === true ? detail : undefined);
  const stack = trace?.split('\n').slice(0, stackLinesMax) ?? [];
  return [
    ...wrapped(`${number}. ${kind}: ${divergenceSentence(divergence)}`, '   ').map(palette.strong),
    ...values,
    ...alsoLines(divergence),
    ...stack.map((line) => palette.faint(shortened(`   ${oneLine(line)}`, reportWidth))),
  ];
}

/** After the first place that differs, the others. */
function alsoLines({ also = [] }: Divergence): readonly string[] {
  if (also.length === 0) return [];
  return wrapped(`differs too at ${also.map(oneLine).join(', ')}`, '          ', reportWidth - 3).map(
    (line) => `   ${line}`,
  );
}

/** How something ended is already in words; anything else is data. */
function valuesOf({ path, recorded, replayed }: Divergence, names: SideNames): readonly DifferenceLine[] {
  const isInWords = path === 'end' || path === 'result';
  if (!isInWords || typeof recorded !== 'string' || typeof replayed !== 'string')
    return differenceLines(recorded, replayed, names);
  const [one, other] = sideLabels(names);
  const line = (side: 'recorded' | 'replayed', label: string, words: string): readonly DifferenceLine[] =>
    wrapped(`${label}${oneLine(words)}`, ' '.repeat(label.length), reportWidth - 3).map((text) => ({ side, text }));
  return [...line('recorded', one, recorded), ...line('replayed', other, replayed)];
}

/** Lists divergences: causes in full, the consequences of each folded into one line. */
export function divergenceList(
  divergences: readonly Divergence[],
  roots: readonly RootCause[],
  shownMax: number,
  palette: Palette,
  { commands, names }: { readonly commands?: FixtureCommands; readonly names?: SideNames } = {},
): readonly string[] {
  const lines = roots.slice(0, shownMax).flatMap((root, index) => {
    const divergence = divergences[root.place] as Divergence;
    const follows = root.leadsTo.map((place) => divergences[place] as Divergence);
    return [
      ...divergenceLines(divergence, index + 1, palette, names),
      ...thrownLines(divergence, follows),
      ...(follows.length === 0 ? [] : [palette.faint(`   leads to ${follows.length} more: ${countsByKind(follows)}`)]),
      ...classLines(root, divergences, commands),
      '',
    ];
  });
  const left = roots.length - shownMax;
  return left > 0 ? [...lines, `… and ${left} more`, ''] : lines;
}

/** What the node threw after that, unless it is that an effect was refused. It need not follow. */
function thrownLines({ at }: Divergence, follows: readonly Divergence[]): readonly string[] {
  const thrown = follows.find((found) => found.kind === 'error' && found.at === at && found.path === 'result');
  const text = thrown === undefined ? undefined : failedWith(thrown);
  if (text === undefined || /^RepriseError \[effect-(?:missing|refused)\]/.test(text)) return [];
  return wrapped(`then it failed with ${oneLine(text)}`, '  ', reportWidth - 3).map((line) => `   ${line}`);
}

/** Whose fault it is, as far as that is known, and what to do. */
function classLines(
  root: RootCause,
  divergences: readonly Divergence[],
  commands?: FixtureCommands,
): readonly string[] {
  const { class: name, mayBe } = root;
  const others = mayBe.length === 0 ? '' : `, unless it is ${alternatives(mayBe)}`;
  const next = nextStepOf(root, divergences);
  return [
    `class     ${name}${others}`,
    `next      ${commands === undefined ? withoutAcceptance(next) : aboutFixture(next, commands)}`,
  ]
    .flatMap((line) => wrapped(line, '          ', reportWidth - 3))
    .map((line) => `   ${line}`);
}

function alternatives(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((text) => text !== '').join(' or ');
}

function countsByKind(divergences: readonly Divergence[]): string {
  const counts = new Map<DivergenceKind, number>();
  for (const { kind } of divergences) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, number]) => counted(number, kind)).join(', ');
}
