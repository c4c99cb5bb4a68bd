// What the value of a name must look like to be the credential that the name announces.
import { placeholder } from '../../http/placeholder-answers.ts';
import { shapeKind } from '../credential-shape.ts';
import { isMark } from '../mark.ts';

/**
 * From the weakest to the strongest: `any` text and number; `some` text that is neither a label nor a reference; one that is
 * `likely` a value and no word; that is `mixed` of letters and other characters; that looks `random`; that is `opaque`, which
 * is long besides. The others have forms of their own.
 */
export type Need = 'any' | 'some' | 'likely' | 'mixed' | 'random' | 'opaque' | 'code' | 'digits' | 'pin' | 'phrase';

const words =
  /^(?:null|none|nil|true|false|yes|no|on|off|undefined|string|str|number|int|integer|boolean|bool|bytes|required|optional|empty|redacted|hidden|include|omit|same-origin|\*+|\.{2,}|x{3,})$/i;

/** `GEMINI_API_KEY`, `your-api-key`: what documents write where a reader has a key. */
const variable = /^(?:[A-Z][A-Z\d]*_)+(?:KEY|TOKEN|SECRET|PASSWORD)$/;
const example = /^<?your[-_ ](?:[a-z]+[-_ ]){0,3}(?:key|token|secret|password)(?:[-_ ]here)?>?$/i;

/** Whether a text without quotes names where the value stands, in a program or in a shell. */
export function isReference(value: string): boolean {
  return /^(?:\$|<|%\w+%|\{\{|process\.|os\.|env\.|System\.)/.test(value) || words.test(value);
}

/** Whether a text says that a value belongs there. A password may begin with any character. */
export function isPlaceholder(value: string): boolean {
  return (
    words.test(value) ||
    value === placeholder ||
    variable.test(value) ||
    example.test(value) ||
    /^(?:\$\{[^}]*\}|\$\(?[A-Z_]+\)?|\{\{.*\}\}|\{[a-z_]+\}|<[A-Za-z][\w .-]*>|%[A-Z_]+%)$/.test(value)
  );
}

const wordsOfLabels =
  /(?:^|[\s("'])(?:passwords?|passwort|kennwort|passcodes?|passphrase|mot de passe|contraseña|senha|clave|wachtwoord|lösenord|hasło|heslo|parola|şifre|пароль|tokens?|secrets?|keys?|codes?|pin|credentials?)(?=$|[\s,.:;!?…)"'])|密码|密碼|パスワード|비밀번호/i;

/** Whether a text is what people read beside a field: `Enter your password`, `Passwort`. */
export function isLabel(name: string, value: string): boolean {
  if (/\d/.test(value) || !/^[\p{L}\p{M}\s.,:;!?…'’"()/&-]+$/u.test(value)) return false;
  if (/\s/.test(value.trim())) return wordsOfLabels.test(value) || /^\p{Lu}.*[.!?:…]$/u.test(value);
  const text = value.toLowerCase();
  return text !== 'secret' && (name.toLowerCase().endsWith(text) || translations.test(value));
}

const translations =
  /^(?:passwort|kennwort|contraseña|senha|wachtwoord|lösenord|hasło|heslo|parola|şifre|пароль|密码|密碼|パスワード|비밀번호)$/i;

/** Enough for what stands at the beginning of a long text. */
const lookedAtMax = 512;

export function meets(need: Need, value: string): boolean {
  if (need === 'any' || isMark(value) || shapeKind(value) !== undefined) return true;
  const text = value.length > lookedAtMax ? value.slice(0, lookedAtMax) : value;
  switch (need) {
    case 'some':
      return text.trim().length >= 3 && !isPlaceholder(text) && !isPath(text);
    case 'likely':
      return isLikely(text);
    case 'mixed':
      return isLikely(text) && /[A-Za-z]/.test(text) && /[^A-Za-z]/.test(text);
    case 'random':
      return isRandom(text);
    case 'opaque':
      return isOpaque(text);
    case 'code':
      return (
        /^(?:\d{4,10}|\d{3}[ -]\d{3})$/.test(text) || (isLikely(text) && /\d/.test(text) && !/[A-Za-z]{8}/.test(text))
      );
    case 'digits':
    case 'pin':
      return /^\d{4,8}$/.test(text);
    case 'phrase':
      return /^[a-z]{3,10}(?: [a-z]{3,10}){7,}$/.test(text) || isRandom(text);
  }
}

/** Whether a number can be it. */
export function meetsAsNumber(need: Need, value: number | bigint): boolean {
  return need === 'any' || need === 'some' || ((need === 'code' || need === 'pin') && value >= 1000);
}

function isPath(text: string): boolean {
  return /^(?:\.{0,2}\/|~\/|[A-Za-z]:\\)[\w./\\ -]*$/.test(text);
}

const constant = /^[A-Z][A-Z\d]*(?:_[A-Z\d]+)+$/;
const member = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/;
/** Of a package, or a range of them. */
const version = /^[v^~]?\d+(?:\.\d+)+(?:-[a-z.]+\d*)?$/i;
const moment = /^\d{4}-\d\d-\d\d(?:[T ]|$)/;

function isLikely(text: string): boolean {
  if (text.length < 6 || /\s/.test(text) || isPlaceholder(text) || isPath(text)) return false;
  if (/^[a-z]+:\/\//i.test(text) || constant.test(text) || version.test(text) || moment.test(text)) return false;
  if (member.test(text) && !/\d.*\d/.test(text)) return false;
  // One word, or a number.
  return !(/^\p{L}+$/u.test(text) && text.length < 16) && !/^[\d.,+-]+$/.test(text);
}

const randomLengthMin = 8;
const switchesMin = 3;

/** It changes between capitals, small letters and digits as no word does. */
function isRandom(text: string): boolean {
  if (text.length < randomLengthMin || !isLikely(text) || !/\d/.test(text)) return isOpaque(text);
  let switches = 0;
  let before = '';
  for (const character of text) {
    const now = /\d/.test(character)
      ? 'digit'
      : /[a-z]/.test(character)
        ? 'small'
        : /[A-Z]/.test(character)
          ? 'capital'
          : '';
    if (now !== '' && before !== '' && now !== before && !(before === 'capital' && now === 'small')) switches += 1;
    if (now !== '') before = now;
  }
  return switches >= switchesMin;
}

const opaque = /^(?=.{0,256}\d.{0,256}\d)(?=.{0,256}[A-Za-z])[\w.~+/-]{20,}={0,2}$/;

/** One in six random texts of 20 letters and digits has fewer than two digits. */
function isOpaque(text: string): boolean {
  return opaque.test(text) || (jumbledForm.test(text) && isJumbled(text));
}

const jumbledForm = /^(?=.{0,256}[a-z])(?=.{0,256}[A-Z])[\w+/-]{20,}={0,2}$/;
/** As a name in a program is put together: `getURLOfPage` has four. */
const wordInName = /[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]|\d+/g;
const consonants = /[bcdfghjklmnpqrstvwxz]{5}/i;

/** Capitals and small letters change as in no name that is made of words: of 29,000 names in programs, 13 look like this. */
function isJumbled(text: string): boolean {
  const count = (text.match(wordInName) ?? []).filter((word) => word.length <= 2).length;
  return count >= 5 || (count >= 3 && consonants.test(text));
}

export function isVersion(value: string): boolean {
  return version.test(value);
}
