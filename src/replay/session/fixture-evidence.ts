// What a fixture says about where a difference may come from, read from it only where something differs.
import { DrivenVersions } from '../../journal/run/driven-versions.ts';
import { semanticsVersion } from '../../journal/entry.ts';
import type { RunEntry } from '../../journal/entry.ts';
import { markCount } from '../../journal/redact/redaction-mark.ts';
import type { Fixture } from '../../store/fixture/open-fixture.ts';
import { mayRace } from '../recorded/may-race.ts';
import type { Observations } from '../world/observations.ts';

/** Whether values of the run were replaced. */
export function isRedacted(fixture: Fixture): boolean {
  for (const { entries } of fixture.steps()) if (entries.some((entry) => markCount(entry) > 0)) return true;
  return false;
}

/** Random values of `crypto` never stand in a fixture. */
export function hasDrawnFromCrypto(fixture: Fixture): boolean {
  for (const { beside } of fixture.steps())
    for (const entry of beside)
      if (entry.kind === 'ambient' && entry.observed.reads?.some(({ source }) => source.startsWith('crypto.')))
        return true;
  return false;
}

/** Which versions of the code have driven the run. */
export function versionsOf(fixture: Fixture): DrivenVersions {
  const versions = new DrivenVersions();
  for (const { entries, beside } of fixture.steps()) for (const entry of [...entries, ...beside]) versions.add(entry);
  return versions;
}

/** The attempts that make HTTP requests, if the run was recorded by an engine that kept none. */
export function askUnrecorded(run: RunEntry, missing: Observations['missing']): ReadonlySet<string> {
  if (run.semantics < semanticsVersion || run.rules !== undefined) return new Set();
  return new Set([...missing].flatMap(([at, refs]) => (refs.some(({ type }) => type === 'http') ? [at] : [])));
}

/** The steps up to the first that diverged in which something could have raced: what it left may show only later. */
export function racingSteps(fixture: Fixture, diverged: number): readonly number[] {
  const isNumbered = fixture.run.observed.surroundings !== undefined;
  const racing: number[] = [];
  for (const step of fixture.steps()) {
    if (step.step > diverged) break;
    if (mayRace(step, isNumbered)) racing.push(step.step);
  }
  return racing;
}
