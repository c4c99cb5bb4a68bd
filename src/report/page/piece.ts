// One part of a run by its address, small enough to read: for a person, or for a program that looks for a cause.
import type { Json } from '../../base/encode.ts';
import type { PageEffect, PageRun } from './page-model.ts';
import { lateMark } from './page-run.ts';

/** The part at an address: of a step (`2`), a task (`2.0`), an attempt (`2.0#1`) or an effect (`2.0#1:http:http~cdd5f71`). */
export function pieceAt(run: PageRun, address: string): Json | undefined {
  if (/^\d+$/.test(address)) {
    const step = run.steps[Number(address)];
    if (step === undefined) return undefined;
    const tasks = run.tasks.filter((task) => task.step === step.step).map(({ key, node }) => ({ key, node }));
    return asJson({ ...step, tasks });
  }
  const task = run.tasks.find(({ key }) => key === address.replace(/#\d+(?::.*)?$/, ''));
  if (task === undefined) return undefined;
  if (task.key === address)
    return asJson({ ...task, attempts: task.attempts.map(({ at, status }) => ({ at, status })) });
  const attempt = task.attempts.find(({ at }) => at === address.split(':', 1)[0]);
  if (attempt === undefined) return undefined;
  if (attempt.at !== address) {
    const named = (text: string) => attempt.effects.find((candidate) => candidate.address === text);
    const effect = named(address) ?? named(`${address}${lateMark}`);
    if (effect !== undefined) return asJson(effectPiece(effect));
    const question = attempt.questions.find((candidate) => candidate.address === address);
    return question === undefined ? undefined : asJson({ ...question, type: 'ask', outcome: 'not answered yet' });
  }
  const effects = attempt.effects.map(({ address: of, what, outcome }) => ({
    address: of,
    what,
    outcome: outcome.kind,
  }));
  return asJson({ node: task.node, input: task.input, ...attempt, effects });
}

/** The effects that an address may mean which lacks what tells them apart. */
export function addressesLike(run: PageRun, address: string): readonly string[] {
  const attempt = run.tasks.flatMap(({ attempts }) => attempts).find(({ at }) => at === address.split(':', 1)[0]);
  const known = [...(attempt?.effects ?? []), ...(attempt?.questions ?? [])].map(({ address: of }) => of);
  return known.filter((of) => of !== address && ['~', '@', ':'].some((mark) => of.startsWith(`${address}${mark}`)));
}

function effectPiece({ outcome, ...effect }: PageEffect): object {
  return { ...effect, ...(outcome.kind === 'error' ? { error: outcome.value } : { response: outcome.value }) };
}

function asJson(piece: object): Json {
  return JSON.parse(JSON.stringify(piece)) as Json;
}

/** What lies at a path in it: `response.body`, `delta.findings[0]`. Text that is JSON is entered too. */
export function atPath(piece: Json, path: string): Json | undefined {
  let value: Json | undefined = piece;
  for (const [, name, index, quoted] of path.matchAll(/([^.[\]]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/g)) {
    const key = name ?? index ?? (JSON.parse(`"${quoted}"`) as string);
    const inside: Json | undefined = typeof value === 'string' ? parsed(value) : value;
    if (typeof inside !== 'object' || inside === null || !Object.hasOwn(inside, key)) return undefined;
    value = (inside as { readonly [name: string]: Json })[key];
  }
  return value;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** A value that was shortened to fit, and what was left out of it. */
export interface Bounded {
  readonly value: Json;
  /** The paths of what was cut, each with its length as JSON. */
  readonly cut: readonly { readonly path: string; readonly length: number }[];
}

const cutPathsMax = 20;

/** As much of a value as fits, and where the rest is. */
export function bounded(value: Json, lengthMax: number): Bounded {
  for (let limit = lengthMax; ; limit = Math.floor(limit / 2)) {
    const cut: { readonly path: string; readonly length: number }[] = [];
    const shown = limited(value, '', limit, cut);
    const told = cut.slice(0, cutPathsMax);
    if (JSON.stringify(shown, null, 2).length + JSON.stringify(told, null, 2).length <= lengthMax || limit < 8)
      return { value: shown, cut: told };
  }
}

function limited(value: Json, path: string, limit: number, cut: { path: string; length: number }[]): Json {
  if (typeof value === 'string') {
    if (value.length <= limit) return value;
    cut.push({ path: path === '' ? '.' : path, length: value.length });
    return `${value.slice(0, limit)}…`;
  }
  if (typeof value !== 'object' || value === null) return value;
  const isList = Array.isArray(value);
  const entries = Object.entries(value) as [string, Json][];
  const most = Math.max(1, Math.floor(limit / 20));
  if (entries.length > most) cut.push({ path: path === '' ? '.' : path, length: JSON.stringify(value).length });
  const kept = entries.slice(0, most).map(([key, item]) => {
    const below = isList
      ? `${path}[${key}]`
      : /^[\w$-]+$/.test(key)
        ? `${path}${path === '' ? '' : '.'}${key}`
        : `${path}[${JSON.stringify(key)}]`;
    return [key, limited(item, below, limit, cut)] as const;
  });
  return isList ? kept.map(([, item]) => item) : Object.fromEntries(kept);
}
