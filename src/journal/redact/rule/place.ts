// Paths to values that are to be redacted, as a user writes them: `state.customer.email`,
// `effects.*.request.body.messages.*.content`, `events.token.text`, `state["odd key"]`.

/** What a path begins with. */
export const placeRoots = [
  'state',
  'input',
  'effects',
  'events',
  'chunks',
  'outputs',
  'errors',
  'sends',
  'tasks',
] as const;

/** Any name or index. */
export const anyStep = '*';

/** What is left of a path below some place. */
export interface Place {
  /** The path as it was written, which names the rule. */
  readonly path: string;
  /** One step down: the name of a field, the index of an item, or any of them. Undefined where the path ends. */
  readonly step: string | undefined;
  readonly rest: Place | undefined;
}

const step = /(?:^|\.)([^.[\]"]+)|\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\]/y;

/** Undefined for a text that is no such path. */
export function parsePlace(text: string): Place | undefined {
  const steps: string[] = [];
  step.lastIndex = 0;
  while (step.lastIndex < text.length) {
    const match = step.exec(text);
    if (match === null) return undefined;
    const [, name, index, key] = match;
    steps.push(name ?? index ?? (JSON.parse(`"${key as string}"`) as string));
  }
  const isKnown = (placeRoots as readonly string[]).includes(steps[0] ?? '');
  if (!isKnown || steps.length < 2) return undefined;
  return steps.reduceRight<Place>((rest, one) => ({ path: text, step: one, rest }), {
    path: text,
    step: undefined,
    rest: undefined,
  });
}

/** What is left of the paths below a name. A path that ends there has no step left. */
export function below(places: readonly Place[], name: string): readonly Place[] {
  if (places.length === 0) return places;
  return places.flatMap(({ step: first, rest }) =>
    rest !== undefined && (first === anyStep || first === name) ? [rest] : [],
  );
}

export function endsHere(places: readonly Place[]): boolean {
  return places.some(({ step: next }) => next === undefined);
}

/** The paths that end here, as they were written. */
export function pathsThatEnd(places: readonly Place[]): readonly string[] {
  return places.filter(({ step: next }) => next === undefined).map(({ path }) => path);
}
