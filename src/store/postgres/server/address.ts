// The address of a server, and what may be shown of it.
import { RepriseError } from '../../../base/error.ts';

const protocols: readonly string[] = ['postgres:', 'postgresql:'];

/**
 * How the server is called in messages: without its password and without its parameters, which may hold one.
 *
 * @throws RepriseError `option-invalid`, which does not show the text
 */
export function shownUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !protocols.includes(parsed.protocol)) {
    throw new RepriseError('option-invalid', 'the address of the PostgreSQL store is not a valid URL', {
      nextStep:
        'Write it like postgres://user:password@host:5432/database, with special characters of the password escaped.',
      fields: { option: 'url' },
    });
  }
  const user = parsed.username === '' ? '' : `${parsed.username}@`;
  return `${parsed.protocol}//${user}${parsed.host}${parsed.pathname}`;
}

/** The settings of a session that an address asks for (`?options=-c statement_timeout=5s`), by name. */
export function wantedSettings(url: string): readonly (readonly [name: string, value: string])[] {
  const options = new URL(url).searchParams.get('options') ?? '';
  return [...options.matchAll(/(?:-c\s*|--)([\w.]+)=((?:\\.|\S)+)/g)].map(
    ([, name = '', value = '']) => [name, value.replaceAll(/\\(.)/g, '$1')] as const,
  );
}

export interface ServerPlace {
  /** The rest of the address. */
  readonly url: string;
  readonly schema: string | undefined;
  /** The folder of large parts. */
  readonly parts: string | undefined;
}

/** What an address names as parameters, as in `postgres://db.example/runs?schema=desk&parts=shared/parts`. */
export function serverPlace(url: string): ServerPlace {
  const parsed = new URL(url);
  const [schema, parts] = ['schema', 'parts'].map((name) => parsed.searchParams.get(name) ?? undefined);
  if (schema === undefined && parts === undefined) return { url, schema, parts };
  parsed.searchParams.delete('schema');
  parsed.searchParams.delete('parts');
  return { url: parsed.href, schema, parts };
}
