// What a watch has shown, for a report.
import type { WatchRung, WrittenVariable } from '../../report/explore/explore-facts.ts';
import type { Hold } from '../schedule/schedule.ts';
import type { NodesOf } from '../run/uncontrolled.ts';
import { isMadeByPackage, isOfPackage, lineOf } from './package-names.ts';
import { isUserScript } from './user-script.ts';
import { shownFile } from './values-of.ts';
import { watchLimits } from './watch.ts';
import type { WatchedVariable } from './write-log.ts';
import type { WatchedGraph } from './watched-graph.ts';

export function watchRung(
  watched: WatchedGraph,
  nodes: NodesOf,
): WatchRung | { readonly name: 'watch'; readonly skipped: string } {
  if (watched.isCutShort)
    return { name: 'watch', skipped: `there was too much to read after each event of ${watched.runCount} runs` };
  return {
    name: 'watch',
    runs: watched.runCount,
    variables: watched.variableCount,
    files: watched.fileCount,
    written: shownIn(watched).map((variable) => writtenVariable(variable, nodes)),
    hasSeveralWaits: watched.hasSeveralWaits,
    unseen: [...watchLimits, ...watched.unread],
  };
}

/**
 * The variables that carry an order into the result: those that an attempt of the schedule wrote, shared ones first. What a
 * package made once, when it was first used, carries nothing.
 */
export function variablesOf(watched: WatchedGraph, holds: readonly Hold[], nodes: NodesOf): readonly WrittenVariable[] {
  const held = attemptsOf(holds);
  const isNamed = ({ writers }: WatchedVariable): boolean => writers.some((at) => held.has(outermost(at)));
  const named = watched.written.filter((variable) => isNamed(variable) && !isPutOff(variable));
  const shared = named.filter((variable) => variable.class === 'shared');
  const carrying = shared.length > 0 ? shared : named;
  return ownFirst(carrying).map((variable) => writtenVariable(variable, nodes));
}

/** A client or a limiter of a package changes with every order too, so what the user's code wrote itself comes before it. */
function ownFirst(variables: readonly WatchedVariable[]): readonly WatchedVariable[] {
  const farness = ({ variable }: WatchedVariable): number => {
    if (variable.file !== '' && !isUserScript(variable.file)) return 2;
    return isMadeByPackage(variable) ? 1 : 0;
  };
  return variables.toSorted((one, other) => farness(one) - farness(other));
}

/** All that was written, but for what a package has put off until it was first used. */
export function writtenIn(watched: WatchedGraph, nodes: NodesOf): readonly WrittenVariable[] {
  return ownFirst(watched.written.filter((variable) => !isPutOff(variable))).map((variable) =>
    writtenVariable(variable, nodes),
  );
}

/** What a package has put off stands in the way of a proof too, and is worth a word only where nothing else does. */
function shownIn({ written }: WatchedGraph): readonly WatchedVariable[] {
  const shown = written.filter((variable) => !isPutOff(variable));
  return ownFirst(shown.length > 0 ? shown : written);
}

function isPutOff({ variable, class: kind }: WatchedVariable): boolean {
  return kind === 'settled' && isOfPackage(variable);
}

/** The attempts of the run itself whose events are held, or waited for. */
export function attemptsOf(holds: readonly Hold[]): ReadonlySet<string> {
  return new Set(holds.flatMap(({ event, until }) => [outermost(event), outermost(until)]));
}

function writtenVariable({ variable, class: kind, writers }: WatchedVariable, nodes: NodesOf): WrittenVariable {
  const { name, scope } = variable;
  const line = lineOf(variable);
  return {
    name,
    file: shownFile(variable),
    ...(line === undefined ? {} : { line }),
    scope,
    class: kind,
    writers: writers.map((at) => ({ at, node: nodes.of(at) })),
  };
}

/** The attempt of the run itself that an event or an attempt belongs to, however deep in subgraphs it is. */
function outermost(at: string): string {
  return /^[^/:]*/.exec(at)?.[0] ?? at;
}
