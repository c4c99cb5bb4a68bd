// A value as an expression of JavaScript, to be pasted into a test.
import { errorParts } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';

export function valueCode(value: Value): string {
  switch (typeof value) {
    case 'string':
      return textCode(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'object':
      return value === null ? 'null' : objectCode(value);
    default:
      return String(value);
  }
}

function objectCode(value: Value & object): string {
  if (Array.isArray(value)) return listCode(value);
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'new Date(NaN)' : `new Date('${value.toISOString()}')`;
  if (value instanceof Uint8Array) return `new Uint8Array([${[...value].join(', ')}])`;
  if (value instanceof Map) return `new Map([${[...value].map(([key, item]) => listCode([key, item])).join(', ')}])`;
  if (value instanceof Set) return `new Set(${listCode([...value])})`;
  if (value instanceof Error) return errorCode(value);
  return recordCode(value as { readonly [key: string]: Value });
}

function listCode(items: readonly Value[]): string {
  return `[${items.map(valueCode).join(', ')}]`;
}

function recordCode(record: { readonly [key: string]: Value }): string {
  const entries = Object.keys(record).map((key) => `${keyCode(key)}: ${valueCode(record[key])}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function keyCode(key: string): string {
  // Any other way of writing it would set the prototype.
  if (key === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : textCode(key);
}

const repeatedMin = 40;

/** Quoted, with everything but ASCII escaped: two texts may look alike and differ. */
function textCode(text: string): string {
  const [first = ''] = text;
  if (text.length >= repeatedMin && text === first.repeat(text.length))
    return `${textCode(first)}.repeat(${text.length})`;
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replaceAll(/[^\u0020-\u007e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `'${escaped}'`;
}

function errorCode(error: Error): string {
  const { className, name, message, fields, own, cause } = errorParts(error);
  const text = textCode(message);
  const parts = {
    ...(name === className || className === 'DOMException' ? {} : { name }),
    ...(cause === undefined ? {} : { cause }),
  };
  const made = ((): string => {
    switch (className) {
      case 'AggregateError':
        return `new AggregateError(${valueCode(own.errors ?? [])}, ${text})`;
      case 'SuppressedError':
        return `new SuppressedError(${valueCode(own.error)}, ${valueCode(own.suppressed)}, ${text})`;
      case 'DOMException':
        return `new DOMException(${text}, ${textCode(name)})`;
      default:
        return `new ${className}(${text})`;
    }
  })();
  const all = [...Object.entries(parts), ...Object.entries(fields)];
  if (all.length === 0) return made;
  return `Object.assign(${made}, { ${all.map(([key, value]) => `${keyCode(key)}: ${valueCode(value)}`).join(', ')} })`;
}
