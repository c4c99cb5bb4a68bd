// The address of a server, without what nobody may see on a screen or in a log.

export function isServerAddress(place: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(place);
}

const shownParameters = ['schema', 'parts'];

/** Without the password, and without parameters but those that say where runs are. */
export function shownAddress(place: string): string {
  if (!URL.canParse(place)) return 'postgres://…';
  const { protocol, username, host, pathname, searchParams } = new URL(place);
  const user = username === '' ? '' : `${username}@`;
  const shown = shownParameters.flatMap((name) => {
    const value = searchParams.get(name);
    return value === null ? [] : [`${name}=${name === 'parts' ? shownPart(value) : encodeURIComponent(value)}`];
  });
  return `${protocol}//${user}${host}${pathname}${shown.length === 0 ? '' : `?${shown.join('&')}`}`;
}

/** Readable, since nothing else has to be escaped in a folder or a bucket. Somebody may have put a key there. */
function shownPart(place: string): string {
  return /[?@]/.test(place) ? '…' : encodeURIComponent(place).replaceAll('%2F', '/').replaceAll('%3A', ':');
}

/** A place of a store as it is shown. */
export function shownPlace(place: string): string {
  return isServerAddress(place) ? shownAddress(place) : place;
}
