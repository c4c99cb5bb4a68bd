// What the span of an effect says. A model call has the attributes of OpenTelemetry's conventions for generative AI,
// any other HTTP request those for HTTP clients.
import type { Attributes } from '@opentelemetry/api';
import { fullAddressText } from '../../journal/address.ts';
import type { EffectEntry } from '../../journal/entry.ts';
import { httpExchange } from '../http-exchange.ts';
import type { HttpExchange } from '../http-exchange.ts';
import { observedError } from '../observed-error.ts';
import type { ObservedError } from '../observed-error.ts';
import { usageOf } from '../usage-of.ts';
import type { ModelUsage } from '../usage-of.ts';
import type { EffectRecord } from './step-record.ts';

export function effectRecord(effect: EffectEntry): EffectRecord {
  const exchange = httpExchange(effect);
  const usage = usageOf(effect);
  const error = errorOf(effect, exchange);
  return {
    name: spanName(effect, exchange, usage),
    isClient: exchange !== undefined,
    began: effect.observed.began,
    ended: effect.observed.ended,
    attributes: present({
      'reprise.effect.address': fullAddressText(effect.at, effect),
      'reprise.effect.type': effect.type,
      'reprise.effect.name': effect.name,
      'reprise.effect.label': effect.label,
      'reprise.effect.once': effect.once,
      ...(exchange === undefined ? {} : httpAttributes(exchange)),
      ...(usage === undefined ? {} : modelAttributes(usage)),
      'error.type': error?.type,
    }),
    ...(error === undefined ? {} : { error }),
  };
}

function spanName(effect: EffectEntry, exchange: HttpExchange | undefined, usage: ModelUsage | undefined): string {
  if (usage !== undefined) return [usage.operation, usage.requestModel ?? usage.responseModel ?? ''].join(' ').trim();
  if (exchange !== undefined) return `${exchange.method} ${serverAddress(exchange) ?? exchange.origin}`;
  return effect.type === 'call' ? effect.name : [effect.type, effect.name].join(' ').trim();
}

function httpAttributes(exchange: HttpExchange): Attributes {
  return present({
    'http.request.method': exchange.method,
    'http.response.status_code': exchange.status,
    'server.address': serverAddress(exchange) ?? exchange.origin,
    'url.path': exchange.path,
  });
}

function serverAddress({ origin }: HttpExchange): string | undefined {
  return URL.canParse(origin) ? new URL(origin).hostname : undefined;
}

function modelAttributes(usage: ModelUsage): Attributes {
  return present({
    'gen_ai.operation.name': usage.operation,
    'gen_ai.provider.name': usage.provider,
    'gen_ai.request.model': usage.requestModel,
    'gen_ai.response.model': usage.responseModel,
    'gen_ai.response.id': usage.responseId,
    'gen_ai.usage.input_tokens': usage.inputTokens,
    'gen_ai.usage.output_tokens': usage.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage.cacheReadTokens,
  });
}

function errorOf({ outcome }: EffectEntry, exchange: HttpExchange | undefined): ObservedError | undefined {
  if (outcome.kind === 'error') return observedError(outcome.error);
  const status = exchange?.status ?? 0;
  return status >= 400 ? { type: String(status), message: `answered with status ${status}` } : undefined;
}

export function present(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
