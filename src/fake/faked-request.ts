// A request as a fake gets it, made of what the journal knows of it: that is what identifies it, without credentials.
import type { EndpointRequest } from '../journal/http/endpoint-pattern.ts';
import { socketScheme } from '../journal/http/origin.ts';
import type { EffectRef } from '../journal/entry.ts';
import { isRecordValue } from '../journal/record-value.ts';
import type { Value } from '../base/value.ts';

/** `POST https://api.openai.com/v1/chat/completions`, as addresses of fakes are written. */
export function requestText(ref: EffectRef): string {
  const { method, url } = addressOfRequest(ref);
  return `${method} ${url.origin}${url.pathname}`;
}

export function addressOfRequest({ request }: EffectRef): EndpointRequest {
  const { method, origin, path } = request as { readonly [part: string]: Value };
  return { method: String(method), url: new URL(`${originOf(String(origin))}${String(path)}`) };
}

/** All of this machine is one origin, and so are its sockets. */
function originOf(origin: string): string {
  const isHere = origin === 'loopback' || origin.startsWith(socketScheme);
  return isHere ? 'http://localhost' : URL.canParse(origin) ? origin : `http://${origin}`;
}

export function fakedRequest(ref: EffectRef): Request {
  const { method, url } = addressOfRequest(ref);
  const { headers, query, body } = ref.request as { readonly [part: string]: Value };
  for (const [name, value] of pairsOf(query)) url.searchParams.append(name, value);
  const all = new Headers(pairsOf(headers));
  const sent = method === 'GET' || method === 'HEAD' ? undefined : bodyOf(body);
  if (isRecordValue(body) && 'json' in body) all.set('content-type', 'application/json');
  return new Request(url, { method, headers: all, ...(sent === undefined ? {} : { body: sent }) });
}

function pairsOf(pairs: Value): [string, string][] {
  return Array.isArray(pairs) ? (pairs as unknown as [string, string][]).map(([name, value]) => [name, value]) : [];
}

/** A large body is kept only as a digest. */
function bodyOf(body: Value): BodyInit | undefined {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return new Uint8Array(body);
  if (!isRecordValue(body)) return undefined;
  if ('json' in body) return jsonText(body.json);
  if ('form' in body) return new URLSearchParams(pairsOf(body.form));
  return Array.isArray(body.multipart) ? formOf(body.multipart as readonly Value[]) : undefined;
}

function formOf(parts: readonly Value[]): FormData {
  const form = new FormData();
  for (const part of parts) {
    const { name, filename, type, body } = part as { readonly [name: string]: Value };
    const content = bodyOf(body) ?? '';
    if (typeof filename !== 'string') form.append(String(name), String(content));
    else form.append(String(name), fileOf(content, type), filename);
  }
  return form;
}

function fileOf(content: BodyInit, type: Value): Blob {
  return new Blob([content as BlobPart], typeof type === 'string' ? { type } : {});
}

/** 64-bit ids stand in a journal as they were sent. */
function jsonText(json: Value): string {
  const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };
  return JSON.stringify(json, (_key, value: unknown) => (typeof value === 'bigint' ? rawJSON(String(value)) : value));
}
