// A run is shrunk in memory, so it has to fit in there, several times over.
import { RepriseError } from '../../base/error.ts';
import type { Entry } from '../../journal/entry.ts';
import type { Fixture } from '../../store/fixture/open-fixture.ts';
import { lengthOf } from './size.ts';

const lengthMaxDefault = 64_000_000;

/** @throws RepriseError `run-too-large` */
export function entriesInMemory(
  fixture: Pick<Fixture, 'path' | 'wholeSteps'>,
  lengthMax = lengthMaxDefault,
): readonly Entry[] {
  const entries: Entry[] = [];
  let length = 0;
  for (const { happened } of fixture.wholeSteps()) {
    for (const entry of happened) {
      entries.push(entry);
      length += lengthOf(entry);
    }
    if (length > lengthMax)
      throw new RepriseError(
        'run-too-large',
        `${fixture.path} is too large to shrink: more than ${lengthMax} characters`,
        {
          nextStep: 'Record a shorter run that diverges, or look at the report of `npx reprise replay`.',
          fields: { fixture: fixture.path, lengthMax },
        },
      );
  }
  return entries;
}
