// Two recordings of one node that asks for several things: what it asked for first is what differs first.
import { expect, it } from 'vitest';
import { makeProject, reprise } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';

const trip = `
import { setTimeout } from 'node:timers/promises';
import { fields, graph, last } from 'reprise';
export const trip = graph('trip', { state: fields({ text: last('') }) })
  .node('plan', async (_state, { effect }) => {
    for (const place of ['zoo', 'mall', 'airport']) await effect(place, { day: process.env.DAY }, () => setTimeout(5, 'open'));
    return { delta: { text: 'planned' } };
  })
  .start('plan')
  .build();
`;

it('is told by the names of the two, and nothing is recommended that would ask the outside', async () => {
  const folder = temporaryFolder();
  makeProject(folder, { 'trip.ts': trip, 'reprise.config.ts': "export default { graphs: ['trip.ts'] };\n" });
  for (const day of ['monday', 'tuesday']) {
    const args = ['record', 'trip', '--input', '{}', '--run-id', day, '--out', 'fixtures/'];
    expect(await reprise(folder, args, { env: { DAY: day } })).toMatchObject({ code: 0 });
  }
  const names = ['monday', 'tuesday'].map((day) => `fixtures/trip/${day}.run.jsonl`);
  const { code, out } = await reprise(folder, ['diff', ...names]);
  expect(code).toBe(1);
  expect(out.match(/^\d\. .*\n?.*call:\w+/gm)?.map((line) => line.split(':').at(-1))).toEqual([
    'zoo',
    'mall',
    'airport',
  ]);
  expect(out).toContain('\n   monday    "monday"\n   tuesday   "tuesday"\n');
  expect(out).not.toMatch(/--update|replayed/);
});
