// What is behind the divergences of a report. A comparison sees what is the same before a difference, and so which part
// made it; it does not see what nobody recorded. So a root has a class, and those that nothing rules out beside it.
import type { EdgeDescription, FieldDescription, GraphDescription } from '../../journal/description.ts';
import type { MadeBy } from '../../journal/run/driven-versions.ts';
import type { Divergence } from '../divergence.ts';
import { keyPath } from '../value/value-difference.ts';
import { changesBehind } from './graph-behind.ts';
import type { DivergenceClass } from './divergence-class.ts';

/**
 * A divergence that follows from no other: where to begin when a report lists many. Places are indexes, from 0, into
 * `divergences` of the same report.
 */
export interface RootCause {
  /** The divergence, by its place in the list of the report. */
  readonly place: number;
  readonly class: DivergenceClass;
  /** What it may be as well; empty if the class is certain. */
  readonly mayBe: readonly DivergenceClass[];
  /** The changes of the graph that decide it, by place. */
  readonly behind: readonly number[];
  /** What follows from it, by place. */
  readonly leadsTo: readonly number[];
}

export interface Evidence {
  readonly divergences: readonly Divergence[];
  readonly graph: GraphDescription;
  /** In mode `outputs` no node ran. */
  readonly mode?: 'effects' | 'outputs';
  /** The fixture was edited by hand. */
  readonly isEdited?: boolean;
  /** Something differed that is not compared, and what differs may follow from it. */
  readonly hasLeftOut?: boolean;
  /** More than one thing was waited for at once. */
  readonly mayBeRace?: boolean;
  /** Attempts that make requests of a kind that the recording could hold none of. */
  readonly askUnrecorded?: ReadonlySet<string>;
  /** Who made a step of the recording, if more than one version of the graph has driven its run. */
  readonly madeBy?: (step: number) => MadeBy;
  /** Today's graph is one of those that have driven it. */
  readonly hasDriven?: boolean;
}

/** The divergences that follow from no other, in the order of the list. */
export function rootCauses(evidence: Evidence): readonly RootCause[] {
  const { divergences } = evidence;
  const followers = followersOf(divergences);
  return [...divergences.entries()].flatMap(([place, divergence]) => {
    const leadsTo = followers.get(place);
    if (leadsTo === undefined) return [];
    const behind = changesBehind(divergence, divergences);
    const classed = ofVersions(divergence, classOf(divergence, behind.length > 0, evidence), evidence);
    return [{ place, ...classed, behind, leadsTo }];
  });
}

/** Two replays of the same code differed there: nothing else is behind it. */
export function asUncontrolled(
  roots: readonly RootCause[],
  divergences: readonly Divergence[],
  at: string,
): readonly RootCause[] {
  return roots.map((root) =>
    divergences[root.place]?.at === at ? { ...root, class: 'uncontrolled input', mayBe: [] } : root,
  );
}

/** By the place of each root: all that follows from it, through whatever lies between. */
function followersOf(divergences: readonly Divergence[]): ReadonlyMap<number, readonly number[]> {
  const rootOf: number[] = [];
  const followers = new Map<number, number[]>();
  for (const [place, { follows }] of divergences.entries()) {
    const root = follows === undefined || follows >= place ? place : (rootOf[follows] as number);
    rootOf.push(root);
    if (root === place) followers.set(place, []);
    else followers.get(root)?.push(place);
  }
  return followers;
}

interface Classed {
  readonly class: DivergenceClass;
  readonly mayBe: readonly DivergenceClass[];
}

const certain = (name: DivergenceClass): Classed => ({ class: name, mayBe: [] });

function classOf(divergence: Divergence, isOfGraph: boolean, evidence: Evidence): Classed {
  const { kind, node, at, path, isEdited } = divergence;
  if (kind === 'graph' || isOfGraph) return certain('graph changed');
  if (path === 'outside') return certain('uncontrolled input');
  if (isEdited === true) return certain('input changed');
  if (kind === 'answer' || (kind === 'output' && node === undefined))
    return evidence.isEdited === true
      ? { class: 'fixture stale or edited', mayBe: ['input changed'] }
      : certain('input changed');
  if (at === '') return { class: 'input changed', mayBe: ['engine fault'] };
  if (node !== undefined && evidence.mode === 'outputs') return certain('fixture stale or edited');
  const suspect = suspectOf(divergence, evidence);
  const found =
    evidence.hasLeftOut === true ? { ...suspect, mayBe: [...suspect.mayBe, 'input changed' as const] } : suspect;
  if (evidence.isEdited !== true) return found;
  return { class: 'fixture stale or edited', mayBe: [found.class, ...found.mayBe].filter(isNotEdit) };
}

/** What another version made says nothing about this one. */
function ofVersions({ kind, step }: Divergence, found: Classed, { madeBy, hasDriven }: Evidence): Classed {
  if (kind === 'graph') return hasDriven === true ? certain('two versions') : found;
  const made = madeBy?.(step);
  if (made === undefined || found.class === 'input changed' || found.class === 'uncontrolled input') return found;
  const both = [found.class, ...found.mayBe];
  return made === 'another graph'
    ? { class: 'two versions', mayBe: both }
    : { ...found, mayBe: [...found.mayBe, 'two versions'] };
}

const isNotEdit = (name: DivergenceClass): boolean => name !== 'fixture stale or edited';

/** Which part made something else of what was the same. */
function suspectOf(divergence: Divergence, { graph, mayBeRace, askUnrecorded }: Evidence): Classed {
  const { kind, at, path, replayed } = divergence;
  // Code that runs may also have read what nobody recorded, or come in another order.
  const ofCode = (name: DivergenceClass): Classed => ({
    class: name,
    mayBe: ['uncontrolled input', ...(mayBeRace === true ? (['order-dependent'] as const) : [])],
  });
  const ofFunction = (hasFunction: boolean, name: DivergenceClass): Classed =>
    hasFunction
      ? { class: name, mayBe: ['uncontrolled input'] }
      : { class: 'engine fault', mayBe: ['fixture stale or edited'] };
  // The same was asked for, and something else made of the answer.
  if (path === 'answer' || path === 'once') return ofCode('code changed');
  switch (kind) {
    case 'missing effect':
      return askUnrecorded?.has(at) === true ? certain('uncontrolled input') : ofCode('request changed');
    case 'request':
    case 'unused effect':
      return ofCode('request changed');
    case 'route':
      return ofCode('routing changed');
    case 'error': {
      const isThrown = path.startsWith('error') || path === 'uncaught' || String(replayed).startsWith('failed: ');
      if (path === 'end' && divergence.node === undefined) return { class: 'input changed', mayBe: ['engine fault'] };
      return ofCode(isThrown ? 'the node threw' : 'code changed');
    }
    case 'state':
      return ofFunction(isMergedByFunction(graph, path), 'reducer changed');
    case 'conflict':
      return ofFunction(isMergedByFunction(graph, ''), 'reducer changed');
    case 'frontier':
      return ofFunction(
        everyGraph(graph).some(({ edges }) => edges.some(isConditional)),
        'routing changed',
      );
    default:
      return ofCode('code changed');
  }
}

function isConditional(edge: EdgeDescription): boolean {
  return edge.kind === 'edge' && edge.conditional;
}

/** Whether code of the user decides about a field of this name; about any field if `path` names none. */
function isMergedByFunction(graph: GraphDescription, path: string): boolean {
  return everyGraph(graph).some(({ state, schemas }) => {
    if (state.kind === 'function' || schemas !== undefined) return true;
    return Object.entries(state.fields).some(
      ([name, field]) => (path === '' || isAtField(path, name)) && hasFunction(field),
    );
  });
}

function isAtField(path: string, name: string): boolean {
  const field = `state${keyPath(name)}`;
  return path.startsWith(field) && ['', '.', '['].includes(path.charAt(field.length));
}

function hasFunction({ kind, key, onConflict }: FieldDescription): boolean {
  return onConflict === 'custom' || kind === 'reduce' || ((kind === 'upsert' || kind === 'union') && key === undefined);
}

function everyGraph(graph: GraphDescription): readonly GraphDescription[] {
  return [graph, ...graph.nodes.flatMap(({ subgraph }) => (subgraph === undefined ? [] : everyGraph(subgraph)))];
}
