// Credentials that are made of parts, only some of which are secret. Code takes them apart, so each part stays where it was.

/** Attributes of `Set-Cookie`, which say nothing about the session. */
const attribute = /^(?:path|domain|expires|max-age|samesite|priority)$/i;
/** Some clients join all that an answer sets by commas, which stand in dates as well. */
const cookie = /([^\s=;,]+)(\s*=\s*)("?)((?:[^;",]|,(?!\s*[^\s=;,]+\s*=))+)/g;

/** Shorter values are settings, such as a language. */
const valueLengthMin = 6;

/** The values of cookies, as a request or an answer has them. Their names and attributes stay. */
export function redactCookie(text: string, mark: (found: string) => string): string {
  if (!text.includes('=')) return mark(text);
  return text.replace(cookie, (whole: string, name: string, sign: string, quote: string, value: string) =>
    attribute.test(name) || value.length < valueLengthMin ? whole : `${name}${sign}${quote}${mark(value)}`,
  );
}

export function isUserAndPassword(found: string): boolean {
  if (found.length % 4 !== 0) return false;
  return /^[^\p{Cc}\ufffd:]*:[^\p{Cc}\ufffd]*$/u.test(Buffer.from(found, 'base64').toString());
}

/** Some services take a key in the place of the user, beside a password that is a word. */
const passwordLengthMin = 6;

/** The mark of a user has a colon itself. */
const markAtStart = /^\[redacted:[a-z][\w-]*(?:#\d+)?\](?=:)/;

/** `user:password` in base64. Undefined for anything else. */
export function redactPair64(found: string, mark: (found: string) => string): string | undefined {
  if (!isUserAndPassword(found)) return undefined;
  const pair = Buffer.from(found, 'base64').toString();
  const colon = pair.indexOf(':', markAtStart.exec(pair)?.[0].length);
  const user = pair.slice(0, colon);
  const password = pair.slice(colon + 1);
  const isKey = password.length < passwordLengthMin || /\d.*\d/.test(user);
  const kept = user !== '' && isKey ? mark(user) : user;
  return Buffer.from(`${kept}:${password === '' ? '' : mark(password)}`).toString('base64');
}
