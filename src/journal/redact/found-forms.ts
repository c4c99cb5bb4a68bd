// In which forms a credential that was found once is looked for elsewhere, and how far: a password may be a word.
import type { Reach } from './find/known-secrets.ts';

const distinctiveLengthMin = 12;

const wordLengthMin = 8;

/** The name of a constant stands for its value in a document: `API_KEY`, `your-api-key`. */
const placeholder = /^[A-Z][A-Z\d]*(?:_[A-Z\d]+)+$|^(?:[Yy]our|[Mm]y)[-_ ]|^[<{].*[>}]$/;

function isWordOfTexts(text: string): boolean {
  return commonWord.test(text) || (placeholder.test(text) && !/\d.*\d/.test(text));
}

const hasMark = /\[redacted:|redacted\.?0|@redacted\.invalid/i;

/** What stands for a password where there is none, or for one that everybody knows. Each is a word of many texts. */
const commonWord =
  /^(?:pass(?:word|wd|phrase|code)?|secrets?|tokens?|credentials?|key|admin|administrator|root|user(?:name)?|guest|test(?:ing)?|demo|default|example|sample|changeme|change-?it|basic|bearer|none|null|true|false|undefined|unknown|string|number|integer|boolean|required|optional|include|omit|same-origin|hidden|masked|empty|invalid|incorrect|expired|missing|enabled|disabled|encrypted|plain|plaintext|redacted)$/i;

/** A password may be a word, and a code a number. */
export function reachOf(text: string): Reach {
  if (isDistinctive(text)) return text.length < distinctiveLengthMin ? 'words' : 'anywhere';
  return text.length >= wordLengthMin ? 'words' : 'whole';
}

/** What is looked for elsewhere. Programs take a cookie apart: without its attributes, and without its name. */
export function formsOf(kind: string, found: string): readonly string[] {
  if (kind !== 'cookie') return hasMark.test(found) || isWordOfTexts(found.trim()) ? [] : [found.trim()];
  const pair = kind === 'cookie' ? /^\s*([^=;]+=([^;]*))/.exec(found) : null;
  const [, whole = '', value = ''] = pair ?? [];
  if (!isDistinctive(value)) return isDistinctive(found) ? [found] : [];
  return [found, whole.trim(), value.trim()];
}

/** With letters and digits and without spaces: the same text elsewhere is the same secret. */
function isDistinctive(secret: string): boolean {
  return (
    secret.length >= 6 &&
    /^\S+$/.test(secret) &&
    /\d/.test(secret) &&
    /[a-z]/i.test(secret) &&
    !secret.includes('[redacted:')
  );
}
