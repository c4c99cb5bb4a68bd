// By which rules requests are told apart, as an option: of an engine that records, of a replay, and of the config.
import type { OptionKind } from '../../../base/options/option-kind.ts';
import { filledText, oneOf, required } from '../../../base/options/option-kind.ts';
import { either, listOf, objectOf, optionsIn, recordOf } from '../../../base/options/option-parts.ts';
import type { OptionKinds } from '../../../base/options/option-parts.ts';
import { endpointPattern } from '../../../journal/http/endpoint-pattern.ts';
import { listedEndpoints } from '../../../journal/http/listed-endpoints.ts';
import { socketScheme } from '../../../journal/http/origin.ts';
import type { OutsideOption } from '../../../journal/http/outside-endpoints.ts';
import type { RequestRulesOptions } from '../../../journal/http/request-rules.ts';

const wanted = 'origins such as "https://api.openai.com", without a path, by an alias such as "openai"';

const origin: OptionKind = { wanted, fits: isOrigin };
const alias: OptionKind = { wanted, fits: (name) => name !== '' && !String(name).includes('://') };

export const headerName: OptionKind = {
  wanted: 'the name of a header',
  fits: (name) => typeof name === 'string' && /^[\w-]+$/.test(name),
};

export const endpoint: OptionKind = {
  wanted: 'an address with a path, such as "POST https://telemetry.internal/*"',
  fits: (text) => typeof text === 'string' && endpointPattern(text) !== undefined,
};
const json: OptionKind = { wanted: 'a text or JSON', fits: isJson };

const endpointsWanted =
  'addresses such as "POST https://telemetry.internal/*" or { url: "https://login.internal/token", kind: "credential" }, ' +
  'and, to take out what is listed, "!" before its name or an address';
const outside = either(
  { wanted: endpointsWanted, fits: isOutsideText },
  objectOf<Exclude<OutsideOption, string>>(endpointsWanted, {
    url: required(endpoint),
    kind: required(oneOf('telemetry', 'credential')),
    why: filledText,
    answer: json,
  }),
);

export const rulesKinds: OptionKinds<RequestRulesOptions> = {
  origins: recordOf(listOf(origin, wanted), `an object of ${wanted}`, alias),
  match: optionsIn<NonNullable<RequestRulesOptions['match']>>({ headers: listOf(headerName, 'header names') }),
  outside: listOf(outside, endpointsWanted),
};

function isOutsideText(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  if (!text.startsWith('!')) return endpoint.fits(text);
  const named = text.slice(1);
  return named === '*' || listedEndpoints().some(({ name }) => name === named) || endpoint.fits(named);
}

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

function isOrigin(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  if (text.startsWith(socketScheme)) return text.length > socketScheme.length;
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '';
}
