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

/** The schema that an address names as a parameter, as in `postgres://db.example/runs?schema=desk`, and the rest of it. */
export function serverPlace(url: string): { readonly url: string; readonly schema: string | undefined } {
  const parsed = new URL(url);
  const schema = parsed.searchParams.get('schema') ?? undefined;
  if (schema === undefined) return { url, schema };
  parsed.searchParams.delete('schema');
  return { url: parsed.href, schema };
}
