// Errors of HTTP clients carry their whole request: headers, a password, the body. What a run keeps of one says what happened,
// and holds none of that, wherever it is thrown and however deep it lies.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last } from '../../src/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { temporaryFolder } from '../support/folder.ts';

const secrets = [
  'hunter2-passwort',
  'opaque-51HxQeZ9a8b7',
  'svc-pw-9912-xyz',
  'gateway-4411-kq',
  'query-7788-zw',
] as const;
const [inBody, inHeader, inAuth, inOther, inQuery] = secrets;

/** As axios makes one: everything is enumerable, and its settings hold functions, so they are no data. */
class ClientError extends Error {
  override readonly name = 'AxiosError';
  readonly code = 'ERR_BAD_REQUEST';
  readonly status = 401;
  readonly isAxiosError = true;
  readonly config = {
    url: `https://crm.example/v2?api_key=${inQuery}`,
    params: { key: inQuery },
    auth: { username: 'svc', password: inAuth },
    headers: { Authorization: `Bearer ${inHeader}`, 'x-gateway': inOther },
    data: JSON.stringify({ user: 'ada', pass: inBody }),
    transformRequest: [(data: unknown) => data],
  };
  readonly request = new Request('https://crm.example/v2', { headers: { 'x-gateway': inOther } });
  readonly response = { status: 401, config: this.config, data: { echo: inBody }, request: this.request };
  constructor() {
    super('Request failed with status code 401');
  }
  toJSON(): unknown {
    return { ...this.config, message: this.message };
  }
}

const errors: Readonly<Record<string, () => Error>> = {
  itself: () => new ClientError(),
  'a cause': () => new Error('the service is down', { cause: new ClientError() }),
  'one of several': () => new AggregateError([new ClientError(), new Error('no route')], 'all have failed'),
};

interface Context {
  effect(name: string, request: object, perform: () => Promise<never>): Promise<unknown>;
}

const throwers: Readonly<Record<string, (make: () => Error, context: Context) => unknown>> = {
  'a node': (make) => {
    throw make();
  },
  'an effect': (make, { effect }) => effect('crm', {}, () => Promise.reject(make())),
  'an effect, caught by its node': (make, { effect }) =>
    effect('crm', {}, () => Promise.reject(make())).catch((error: Error) => {
      throw new Error('no customer', { cause: error });
    }),
};

const cases = Object.keys(errors).flatMap((where) => Object.keys(throwers).map((who) => ({ where, who })));

describe.each(cases)('the error of a client as $where, thrown by $who', ({ where, who }) => {
  it('leaves nothing of its request in a store or a fixture', async () => {
    const failing = graph('failing', { state: fields({ told: last('') }) })
      .node('ask', async (_state, context) => {
        await throwers[who]?.(errors[where] as () => Error, context as unknown as Context);
        return {};
      })
      .start('ask')
      .build();
    const folder = temporaryFolder();
    const store = sqliteStore(join(folder, 'runs.db'));
    await using engine = createEngine(failing, { store });
    expect((await engine.run({}, { runId: 'r' })).status).toBe('failed');
    const path = await exportRunTo(store, 'r', join(folder, 'r.run.jsonl'));
    await engine.close();
    const fixture = readFileSync(path, 'utf8');
    const written = `${fixture}${['runs.db', 'runs.db-wal'].map((name) => text(join(folder, name))).join('')}`;
    for (const secret of [...secrets, Buffer.from(`svc:${inAuth}`).toString('base64')])
      expect(written).not.toContain(secret);
    expect(fixture).toContain('"code":"ERR_BAD_REQUEST"');
    expect(fixture).toContain('"status":401');
    expect((await replay(failing, path)).report.divergences).toEqual([]);
  });
});

function text(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
