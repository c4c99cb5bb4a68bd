// By which rules requests are told apart, as an option: of an engine that records, of a replay, and of the config.
import type { OptionKind } from '../../base/options/option-kind.ts';
import { listOf, optionsIn, recordOf } from '../../base/options/option-parts.ts';
import type { OptionKinds } from '../../base/options/option-parts.ts';
import { socketScheme } from '../../journal/http/origin.ts';
import type { RequestRulesOptions } from '../../journal/http/request-rules.ts';

const wanted = 'origins such as "https://api.openai.com", without a path, by an alias such as "openai"';

const origin: OptionKind = { wanted, fits: isOrigin };
const alias: OptionKind = { wanted, fits: (name) => name !== '' && !String(name).includes('://') };

export const headerName: OptionKind = {
  wanted: 'the name of a header',
  fits: (name) => typeof name === 'string' && /^[\w-]+$/.test(name),
};

export const rulesKinds: OptionKinds<RequestRulesOptions> = {
  origins: recordOf(listOf(origin, wanted), `an object of ${wanted}`, alias),
  match: optionsIn<NonNullable<RequestRulesOptions['match']>>({ headers: listOf(headerName, 'header names') }),
};

function isOrigin(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  if (text.startsWith(socketScheme)) return text.length > socketScheme.length;
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '';
}
