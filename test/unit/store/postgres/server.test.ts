import { describe, expect, it, vi } from 'vitest';
import { postgresStore } from '../../../../src/store/postgres/index.ts';
import { folderParts } from '../../../../src/store/parts/folder-parts.ts';
import { postgresSettings } from '../../../../src/store/postgres/options.ts';
import { serverPlace, shownUrl } from '../../../../src/store/postgres/server/address.ts';
import { openPool } from '../../../../src/store/postgres/server/pool.ts';
import type { OpenPool, Row } from '../../../../src/store/postgres/server/pool.ts';
import { migrations } from '../../../../src/store/postgres/server/schema.ts';
import { Server } from '../../../../src/store/postgres/server/server.ts';
import { thrownBy } from '../../../support/thrown.ts';

const secret = 'sesame-open';

function failure(code: string, message = 'it failed'): Error {
  return Object.assign(new Error(message), { code });
}

interface Asked {
  readonly text: string;
  readonly name: string | undefined;
}

/** A server whose tables are there, and that answers one statement after the other as the test says. */
function serverWith(
  answers: readonly (Error | readonly Row[])[],
  setup: { readonly mode?: 'read'; readonly standing?: Row } = {},
) {
  const asked: Asked[] = [];
  let next = 0;
  const pool: OpenPool = {
    query: async (statement) => {
      if (statement.text.includes('pg_is_in_recovery')) {
        if (setup.standing === undefined) throw failure('42883');
        return [setup.standing];
      }
      if (statement.text.includes('to_regclass')) return [{ found: true }];
      if (statement.text.includes('setting')) return [{ name: 'version', value: migrations.length }];
      asked.push(statement);
      const answer = answers[Math.min(next++, answers.length - 1)] as Error | readonly Row[];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    script: async () => undefined,
    close: async () => undefined,
  };
  const shown = 'postgres://db.example/runs';
  const server = new Server({
    open: () => pool,
    schema: 'reprise',
    shown,
    mode: setup.mode ?? 'write',
    patienceMs: 40,
    silenceMs: 30,
  });
  return { server, asked };
}

const statement = { name: 'look', text: (schema: string) => `SELECT 1 FROM ${schema}.run` };

describe('the package pg', () => {
  const settings = { url: 'postgres://db.example/runs', max: 1, silenceMs: 1 };

  it('is asked for where it is missing', () => {
    const missing = thrownBy(() =>
      openPool(settings, () => {
        throw failure('MODULE_NOT_FOUND');
      }),
    );
    expect(missing).toMatchObject({ code: 'peer-missing', nextStep: 'npm install pg@8' });
    expect(String(missing)).toContain('is not installed');
  });

  it('says why it cannot be loaded', () => {
    const broken = thrownBy(() =>
      openPool(settings, () => {
        throw new Error('a file is missing');
      }),
    );
    expect(String(broken)).toContain('cannot be loaded: a file is missing');
  });
});

describe('an address', () => {
  it('is shown without its password and its parameters', () => {
    expect(shownUrl(`postgres://ada:${secret}@db.example:5433/runs?password=${secret}`)).toBe(
      'postgres://ada@db.example:5433/runs',
    );
    expect(shownUrl('postgresql://db.example/runs')).toBe('postgresql://db.example/runs');
  });

  it('may name the schema, once', () => {
    const url = 'postgres://db.example/runs?schema=desk&sslmode=require';
    expect(serverPlace(url)).toEqual({ url: 'postgres://db.example/runs?sslmode=require', schema: 'desk' });
    expect(postgresSettings(url, {}).schema).toBe('desk');
    expect(postgresSettings(url, { schema: 'desk' }).schema).toBe('desk');
    expect(postgresSettings('postgres://db.example/runs', { schema: 'desk' }).schema).toBe('desk');
    for (const options of [{ schema: 'shop' }, { schema: 'reprise' }])
      expect(thrownBy(() => postgresSettings(url, options))).toMatchObject({
        code: 'option-invalid',
        message: expect.stringContaining('names the schema "desk"'),
      });
    expect(thrownBy(() => postgresStore('postgres://db.example/runs?schema='))).toMatchObject({
      code: 'option-invalid',
    });
  });

  it('may name the folder of large parts, once', () => {
    const url = 'postgres://db.example/runs?parts=shared/parts&schema=desk';
    expect(serverPlace(url)).toEqual({ url: 'postgres://db.example/runs', schema: 'desk', parts: 'shared/parts' });
    expect(postgresSettings(url, {})).toMatchObject({ schema: 'desk', parts: { put: expect.any(Function) } });
    expect(thrownBy(() => postgresSettings(url, { parts: folderParts('other/parts') }))).toMatchObject({
      code: 'option-invalid',
      message: expect.stringContaining('names a folder for parts'),
    });
    expect(thrownBy(() => postgresSettings(url.replace('shared/parts', ''), {}))).toMatchObject({
      code: 'option-invalid',
    });
    // A folder of that name would be made.
    for (const bucket of ['https://s3.example/runs', 's3://runs/desk'])
      expect(thrownBy(() => postgresSettings(url.replace('shared/parts', bucket), {}))).toMatchObject({
        code: 'option-invalid',
        nextStep: expect.stringContaining('s3Parts'),
      });
    for (const parts of [{}, { put: () => undefined }, 'folder', null])
      expect(thrownBy(() => postgresStore('postgres://db.example/runs', { parts: parts as never }))).toMatchObject({
        code: 'option-invalid',
      });
  });

  it.each([`postgres://ada:${secret}@db.example:port/runs`, `https://ada:${secret}@db.example`, secret])(
    'that is not valid is refused without being shown',
    (url) => {
      const refused = thrownBy(() => postgresStore(url));
      expect(refused).toMatchObject({ code: 'option-invalid' });
      expect(JSON.stringify(refused) + String((refused as Error).stack)).not.toContain(secret);
    },
  );
});

describe('a statement', () => {
  it('is sent again while the connection is lost, and its caller hears so', async () => {
    const { server, asked } = serverWith([failure('ECONNRESET'), failure('57P01'), [{ one: 1 }]]);
    expect(await server.ask(statement, [])).toEqual({ rows: [{ one: 1 }], wasRepeated: true });
    expect(asked).toHaveLength(3);
  });

  it('is sent again after a deadlock, of which nothing was committed', async () => {
    const { server } = serverWith([failure('40P01'), []]);
    expect(await server.ask(statement, [])).toEqual({ rows: [], wasRepeated: false });
  });

  it('has a name where the server keeps it, and none once a pooler has given another connection', async () => {
    const { server, asked } = serverWith([[], failure('26000'), []]);
    await server.ask(statement, []);
    expect(await server.ask(statement, [])).toEqual({ rows: [], wasRepeated: false });
    await server.ask(statement, []);
    expect(asked.map(({ name }) => name)).toEqual(['"reprise".look', '"reprise".look', undefined, undefined]);
  });

  it('fails once the server was not there for as long as patience lasts', async () => {
    const { server, asked } = serverWith([failure('ECONNREFUSED', 'connect ECONNREFUSED')]);
    await expect(server.ask(statement, [])).rejects.toMatchObject({ code: 'store-unreachable' });
    expect(asked.length).toBeGreaterThan(2);
  });

  it('fails sooner where each try is silent', async () => {
    const { server, asked } = serverWith([new Error('Query read timeout')]);
    await expect(server.ask(statement, [])).rejects.toMatchObject({ code: 'store-unreachable' });
    expect(asked).toHaveLength(2);
  });

  it('is sent again while a replica does not take writes yet, for as long as patience lasts', async () => {
    const { server, asked } = serverWith([failure('25006'), [{ one: 1 }]]);
    expect(await server.ask(statement, [])).toEqual({ rows: [{ one: 1 }], wasRepeated: false });
    expect(asked).toHaveLength(2);
    const never = serverWith([failure('25006')]).server;
    await expect(never.ask(statement, [])).rejects.toMatchObject({ code: 'store-read-only' });
  });

  it('says at once that it waits for a replica, once, and then that it is one', async () => {
    const standing = { is_replica: true, is_following: true, read_only: 'off' };
    const { server, asked } = serverWith([failure('25006')], { standing });
    const askedBefore: number[] = [];
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => void askedBefore.push(asked.length));
    await expect(server.ask(statement, [])).rejects.toMatchObject({
      code: 'store-read-only',
      message: expect.stringContaining('it is a replica, which follows another server'),
      nextStep: expect.stringContaining('primary'),
    });
    expect(askedBefore).toEqual([1]);
    await expect(server.ask(statement, [])).rejects.toMatchObject({ code: 'store-read-only' });
    expect(warned).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('It is waited for'), {
      code: 'REPRISE_REPLICA',
    });
    const reader = serverWith([failure('25006')], { standing, mode: 'read' }).server;
    await expect(reader.ask(statement, [])).rejects.toMatchObject({ code: 'store-read-only' });
    expect(warned).toHaveBeenCalledOnce();
    warned.mockRestore();
  });

  it('is not sent again where a server is set to take no writes', async () => {
    const { server, asked } = serverWith([failure('25006'), [{ one: 1 }]], {
      standing: { is_replica: false, is_following: false, read_only: 'on' },
    });
    await expect(server.ask(statement, [])).rejects.toMatchObject({
      code: 'store-read-only',
      message: expect.stringContaining('default_transaction_read_only'),
    });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['53100', 'store-full'],
    ['28P01', 'store-unreachable'],
    ['42P01', 'store-unreadable'],
  ])('that the server refuses with %s fails with %s, at once', async (code, expected) => {
    const { server, asked } = serverWith([failure(code)]);
    await expect(server.ask(statement, [])).rejects.toMatchObject({ code: expected, fields: { postgres: code } });
    expect(asked).toHaveLength(1);
  });
});

it('a store that was opened for reading writes nothing', () => {
  expect(thrownBy(() => serverWith([[]], { mode: 'read' }).server.checkWritable())).toMatchObject({
    code: 'store-read-only',
  });
});
