import { expect, test } from 'vitest';
import { WriteLog } from '../../../../src/explore/watch/write-log.ts';

const variable = { file: 'file:///nodes.ts', scope: 'Module', name: 'last' };
const other = { ...variable, name: 'client' };

test('what several attempts write is shared, with its writers in the order of their first write', () => {
  const log = new WriteLog();
  log.add({ arrival: 'b1', attempt: '1.1#1' }, [{ variable, before: '0', after: '1' }]);
  log.add({ arrival: 'a1', attempt: '1.0#1' }, [{ variable, before: '1', after: '2' }]);
  log.add({ arrival: 'b2', attempt: '1.1#1' }, [{ variable, before: '2', after: '3' }]);
  const [watched] = log.variables([]);
  expect(watched).toMatchObject({ class: 'shared', writers: ['1.1#1', '1.0#1'] });
  expect(watched?.writes.map(({ arrival }) => arrival)).toEqual(['b1', 'a1', 'b2']);
});

test('what one attempt writes is single', () => {
  const log = new WriteLog();
  log.add({ arrival: 'a', attempt: '1.0#1' }, [{ variable, after: '1' }]);
  expect(log.variables([])).toMatchObject([{ class: 'single' }]);
});

test('what no later run writes is settled', () => {
  const cold = new WriteLog();
  cold.add({ arrival: 'a', attempt: '1.0#1' }, [{ variable: other, after: '{}' }]);
  cold.add({ arrival: 'b', attempt: '1.1#1' }, [{ variable, after: '1' }]);
  const warm = new WriteLog();
  warm.add({ arrival: 'b', attempt: '1.1#1' }, [{ variable, after: '2' }]);
  expect(cold.variables([warm]).map((watched) => [watched.variable.name, watched.class])).toEqual([
    ['client', 'settled'],
    ['last', 'single'],
  ]);
});
