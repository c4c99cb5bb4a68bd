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
