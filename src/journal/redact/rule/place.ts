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

/** One step down: the name of a field, the index of an item, or any of them. */
export type PlaceStep = string;
export const anyStep = '*';
export type Place = readonly PlaceStep[];

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
  return isKnown && steps.length > 1 ? steps : undefined;
}

/** What is left of the paths below a name. A path that ends there is left as an empty one. */
export function below(places: readonly Place[], name: string): readonly Place[] {
  if (places.length === 0) return places;
  return places.filter(([first]) => first === anyStep || first === name).map((place) => place.slice(1));
}

export function endsHere(places: readonly Place[]): boolean {
  return places.some((place) => place.length === 0);
}
