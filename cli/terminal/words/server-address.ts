// The address of a server, without what nobody may see on a screen or in a log.

export function isServerAddress(place: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(place);
}

/** Without the password, and without parameters but that of the schema. */
export function shownAddress(place: string): string {
  if (!URL.canParse(place)) return 'postgres://…';
  const { protocol, username, host, pathname, searchParams } = new URL(place);
  const user = username === '' ? '' : `${username}@`;
  const schema = searchParams.get('schema');
  return `${protocol}//${user}${host}${pathname}${schema === null ? '' : `?schema=${encodeURIComponent(schema)}`}`;
}

/** A place of a store as it is shown. */
export function shownPlace(place: string): string {
  return isServerAddress(place) ? shownAddress(place) : place;
}
