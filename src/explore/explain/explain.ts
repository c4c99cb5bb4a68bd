// The door: which order makes today's code come out as the recording did.
import { RepriseError } from '../../base/error.ts';
import { checkOptions, noOptions } from '../../base/options/option-shape.ts';
import { ReplaySeal } from '../../replay/session/replay-seal.ts';
import type { ExplainFacts } from '../../report/explore/explain-facts.ts';
import { fixtureSubject } from '../subject/fixture-subject.ts';
import { parseSchedule } from '../schedule/schedule.ts';
import { withExploration } from '../session/with-exploration.ts';
import type { Subjected } from '../subject/subject.ts';
import { explainOptions } from './explain-options.ts';
import type { ExplainOptions } from './explain-options.ts';
import { Explanation } from './explanation.ts';

/**
 * The result of `explain`: whether the order alone makes a recorded run differ. It is plain data; `explainText` of
 * `reprise/report` makes text of it.
 */
export type ExplainReport = ExplainFacts;

const schedulesDefault = 2_000;
const seedDefault = '0';

/**
 * Looks for an order of completion under which today's code comes out as the recording did: first the one in which it was
 * recorded, then others, each nearer to the recording than the last.
 *
 * Use it where a replay diverges and the code has not been changed on purpose. Pass a function that makes the graph if
 * nodes share variables, as for `explore`.
 *
 * ```ts
 * import { explain } from 'reprise/explore';
 * import { recordRun } from 'reprise/record';
 * import { mkdtempSync } from 'node:fs';
 * import { fields, graph, last } from 'reprise';
 *
 * const desk = graph('desk', { state: fields({ first: last('') }) })
 *   .node('ask', async (_state, { effect }) => {
 *     const ask = (name: string, ms: number) =>
 *       effect(name, {}, () => new Promise<string>((resolve) => setTimeout(resolve, ms, name)));
 *     return { delta: { first: await Promise.race([ask('left', 500), ask('right', 1)]) } };
 *   })
 *   .start('ask')
 *   .build();
 * const { path } = await recordRun(desk, {}, { out: `${mkdtempSync('/tmp/desk-')}/desk.run.jsonl` });
 *
 * const { verdict, race } = await explain(desk, path);
 * console.log(verdict, race?.schedule); // race fifo hold(1.0#1:call:left~44136fa until 1.0#1:call:right~44136fa)
 * ```
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `fixture-other-graph`,
 *   `option-invalid`, `usage`
 */
export async function explain(
  graph: Subjected,
  fixture: string,
  options: ExplainOptions = noOptions,
): Promise<ExplainReport> {
  checkOptions(explainOptions, options);
  if (typeof (fixture as unknown) !== 'string') {
    throw new RepriseError('usage', 'explain: there is no recording', { nextStep: 'Give the path of a fixture.' });
  }
  const given = options.only === undefined ? undefined : parseSchedule(options.only);
  const { seed = seedDefault, schedules = schedulesDefault, timeMs } = options;
  const seal = new ReplaySeal();
  const subject = await fixtureSubject(graph, fixture, seal);
  return withExploration(
    { subject, seal, compare: 'journal', invariant: undefined, schedulesMax: schedules, timeMs, watches: false },
    (exploration) => new Explanation(exploration, subject, seed).explain(given),
  );
}
