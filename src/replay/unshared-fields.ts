import type { UnsharedFields } from '../diff/comparing.ts';
import type { StateDescription } from '../journal/description.ts';
import type { Fixture } from '../store/fixture/open-fixture.ts';

/** The fields that a recorded run gained and lost when it was resumed with a newer graph; undefined if it never was. */
export function unsharedFields(fixture: Fixture): UnsharedFields | undefined {
  let last: StateDescription | undefined;
  for (const { entries } of fixture.steps())
    for (const entry of entries) if (entry.kind === 'edit' && entry.graph !== undefined) last = entry.graph.state;
  if (last === undefined) return undefined;
  const [before, after] = [namesOf(fixture.run.graph.state), namesOf(last)];
  return {
    added: after.filter((name) => !before.includes(name)),
    removed: before.filter((name) => !after.includes(name)),
  };
}

function namesOf(state: StateDescription): readonly string[] {
  return state.kind === 'fields' ? Object.keys(state.fields) : [];
}
