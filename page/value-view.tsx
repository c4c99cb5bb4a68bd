// A value as a tree that opens on demand.
import { useState } from 'preact/hooks';
import { diffWordsWithSpace } from 'diff';
import type { Json } from './model.ts';

const itemsShown = 50;
const openLength = 600;

export function ValueView({
  value,
  name,
  isOpen,
}: {
  readonly value: Json;
  readonly name?: string;
  readonly isOpen?: boolean;
}) {
  const label = name === undefined ? null : <span class="key">{name}: </span>;
  if (typeof value !== 'object' || value === null)
    return (
      <div class="leaf">
        {label}
        <span class={`value ${value === null ? 'null' : typeof value}`}>
          {typeof value === 'string' ? value : String(value)}
        </span>
      </div>
    );
  const entries = Array.isArray(value)
    ? value.map((item, place) => [String(place), item] as const)
    : Object.entries(value);
  const size = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  if (entries.length === 0)
    return (
      <div class="leaf">
        {label}
        <span class="null">{Array.isArray(value) ? '[]' : '{}'}</span>
      </div>
    );
  return (
    <Branch
      entries={entries as readonly (readonly [string, Json])[]}
      label={name ?? ''}
      size={size}
      isOpen={isOpen ?? roomAfter(value, openLength) > 0}
    />
  );
}

/** What is left of the room for a value, in characters: a list of thousands is not read to its end to see that it is long. */
function roomAfter(value: Json, room: number): number {
  if (typeof value !== 'object' || value === null) return room - String(value).length - 1;
  let left = room - 2;
  const items = Array.isArray(value) ? (value as readonly Json[]) : Object.values(value);
  if (!Array.isArray(value)) for (const key of Object.keys(value)) left -= key.length + 3;
  for (const item of items) {
    if (left <= 0) return left;
    left = roomAfter(item, left);
  }
  return left;
}

function Branch({
  entries,
  label,
  size,
  isOpen,
}: {
  readonly entries: readonly (readonly [string, Json])[];
  readonly label: string;
  readonly size: string;
  readonly isOpen: boolean;
}) {
  const [open, setOpen] = useState(isOpen);
  const [shown, setShown] = useState(itemsShown);
  return (
    <details class="branch" open={open} onToggle={(event) => setOpen((event.currentTarget as HTMLDetailsElement).open)}>
      <summary>
        <span class="key">{label}</span> <span class="size">{size}</span>
      </summary>
      {open && entries.slice(0, shown).map(([key, item]) => <ValueView key={key} name={key} value={item} />)}
      {open && entries.length > shown && (
        <button type="button" class="more" onClick={() => setShown(shown + 500)}>
          {entries.length - shown} more
        </button>
      )}
    </details>
  );
}

const diffLengthMax = 4000;

const beforeLength = 300;

/** All of two short texts; of long ones what surrounds the first difference. */
function aroundDifference(recorded: string, replayed: string): readonly [string, string] {
  if (recorded.length + replayed.length < diffLengthMax) return [recorded, replayed];
  let differs = 0;
  while (differs < recorded.length && recorded[differs] === replayed[differs]) differs += 1;
  const from = Math.max(0, differs - beforeLength);
  const part = (text: string): string => {
    const end = from + diffLengthMax / 2;
    return `${from === 0 ? '' : `(${from} characters) … `}${text.slice(from, end)}${end < text.length ? ` … (${text.length - end} more)` : ''}`;
  };
  return [part(recorded), part(replayed)];
}

/** Two values one below the other; of texts, only the words that differ are marked. */
export function TwoValues({
  recorded,
  replayed,
  names,
}: {
  readonly recorded: Json | undefined;
  readonly replayed: Json | undefined;
  readonly names: readonly [string, string];
}) {
  const isText = typeof recorded === 'string' && typeof replayed === 'string';
  const parts = isText ? diffWordsWithSpace(...aroundDifference(recorded, replayed)) : undefined;
  const side = (which: 'removed' | 'added', other: 'removed' | 'added', value: Json | undefined) =>
    value === undefined ? (
      <span class="null">nothing</span>
    ) : parts === undefined ? (
      <ValueView value={value} isOpen />
    ) : (
      <span class="value string">
        {parts.map((part, place) =>
          part[other] ? null : part[which] ? (
            <mark key={place}>{part.value}</mark>
          ) : (
            <span key={place}>{part.value}</span>
          ),
        )}
      </span>
    );
  return (
    <div class="two">
      <div class="side recorded">
        <p class="whose">{names[0]}</p>
        {side('removed', 'added', recorded)}
      </div>
      <div class="side replayed">
        <p class="whose">{names[1]}</p>
        {side('added', 'removed', replayed)}
      </div>
    </div>
  );
}
