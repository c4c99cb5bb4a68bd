// Names for origins: what an engine records under and a replay looks up by.
import type { OptionKind } from '../../base/options/option-kind.ts';
import { listOf, recordOf } from '../../base/options/option-parts.ts';

const wanted = 'origins such as "https://api.openai.com", without a path, by an alias such as "openai"';

const origin: OptionKind = { wanted, fits: isOrigin };
const alias: OptionKind = { wanted, fits: (name) => name !== '' && !String(name).includes('://') };

export const originsKind = recordOf(listOf(origin, wanted), `an object of ${wanted}`, alias);

function isOrigin(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '';
}
