import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { RepriseError } from '../../../../src/base/error.ts';
import { StoreFile } from '../../../../src/store/sqlite/file/store-file.ts';
import { WriteGroup } from '../../../../src/store/sqlite/file/write-group.ts';
import { storeSettings } from '../../../../src/store/sqlite/options.ts';
import { temporaryFolder } from '../../../support/folder.ts';

function openedGroup() {
  const path = join(temporaryFolder(), 'runs.db');
  const file = new StoreFile(path, storeSettings(path, {}));
  onTestFinished(() => file.close());
  const group = new WriteGroup(file);
  const transactions = vi.spyOn(file, 'writePrepared');
  const claim = (owner: string, fault?: Error): Promise<string> =>
    group.writePrepared(
      () => owner,
      (sql, prepared) => {
        sql.claim.run(prepared, Number.MAX_SAFE_INTEGER, 1);
        if (fault !== undefined) throw fault;
        return prepared;
      },
    );
  const owners = (): readonly string[] => {
    const rows = file.open().read.claims.all(0) as readonly { readonly id: string }[];
    return rows.map(({ id }) => id).sort();
  };
  return { file, group, transactions, claim, owners };
}

const refusal = (): RepriseError => new RepriseError('lease-lost', 'it is lost', { nextStep: 'Take it again.' });

it('Writes of one turn go in one transaction, and those of the next in another', async () => {
  const { transactions, claim, owners } = openedGroup();
  expect(await Promise.all(['a', 'b', 'c'].map((owner) => claim(owner)))).toEqual(['a', 'b', 'c']);
  expect(transactions).toHaveBeenCalledTimes(1);
  await claim('d');
  expect(transactions).toHaveBeenCalledTimes(2);
  expect(owners()).toEqual(['a', 'b', 'c', 'd']);
});

it('A write that is refused is undone alone', async () => {
  const { transactions, claim, owners } = openedGroup();
  const written = await Promise.allSettled([claim('a'), claim('b', refusal()), claim('c')]);
  expect(written.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(written[1]).toMatchObject({ reason: { code: 'lease-lost' } });
  expect(transactions).toHaveBeenCalledTimes(1);
  expect(owners()).toEqual(['a', 'c']);
});

it('Where the file fails, all of them fail and none is written', async () => {
  const { claim, owners } = openedGroup();
  const written = await Promise.allSettled([claim('a'), claim('b', new Error('disk I/O error')), claim('c')]);
  expect(written.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(owners()).toEqual([]);
});

it('One that cannot be prepared fails alone', async () => {
  const { group, claim, owners } = openedGroup();
  const unprepared = group.writePrepared(
    () => {
      throw refusal();
    },
    () => 'written',
  );
  const written = await Promise.allSettled([claim('a'), unprepared]);
  expect(written.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(owners()).toEqual(['a']);
});
