import { expect, it } from 'vitest';
import { pageRunOf } from '../../../../cli/project/page.ts';
import { openRun } from '../../../../src/replay/index.ts';

const path = 'fixtures/research-desk/research-desk-1.run.jsonl';

it('makes no page that is longer than it may be, and counts its length about right', async () => {
  const run = await pageRunOf(await openRun({ kind: 'fixture', path }), 'desk');
  const { length } = JSON.stringify(run);
  const bounded = async (lengthMax: number) =>
    pageRunOf(await openRun({ kind: 'fixture', path }), 'desk', { lengthMax });
  await expect(bounded(length / 2)).rejects.toMatchObject({ code: 'run-too-large' });
  expect(await bounded(length * 1.5)).toEqual(run);
});
