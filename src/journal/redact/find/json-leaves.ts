// The texts and numbers in a text of JSON, each with its path and its place, so that one can be replaced and everything around
// it stays byte for byte. Also of JSON lines and of server-sent events, each of which has paths of its own.

export interface JsonLeaf {
  readonly path: readonly string[];
  /** Where its source stands in the text, quotes included. */
  readonly start: number;
  readonly end: number;
  readonly value: string | number | boolean;
}

const levelsMax = 200;

/** The leaves of a text that is JSON as a whole; undefined if it is not. */
export function jsonLeaves(text: string): readonly JsonLeaf[] | undefined {
  return leavesBetween(text, 0, text.length);
}

/** A document in a text: what a line of events holds, or all of it. */
export interface JsonDocument {
  readonly leaves: readonly JsonLeaf[];
}

const dataLine = /^(?:data:[ \t]?|[ \t]*(?=[[{]))(.*?)\r?$/gm;

/** The documents of a text, in order. Data of an event that is no JSON is a leaf without a path. */
export function jsonDocuments(text: string): readonly JsonDocument[] {
  if (/^\s*[[{]/.test(text)) {
    const leaves = jsonLeaves(text);
    if (leaves !== undefined) return [{ leaves }];
  }
  const documents: JsonDocument[] = [];
  dataLine.lastIndex = 0;
  for (let match = dataLine.exec(text); match !== null; match = dataLine.exec(text)) {
    const [whole, data = ''] = match;
    if (whole === '') {
      dataLine.lastIndex += 1;
      continue;
    }
    const isEvent = whole.startsWith('data:');
    const end = match.index + whole.length - (whole.endsWith('\r') ? 1 : 0);
    const start = end - data.length;
    const leaves =
      leavesBetween(text, start, end) ?? (isEvent && data !== '' ? [{ path: [], start, end, value: data }] : []);
    if (leaves.length > 0) documents.push({ leaves });
  }
  return documents;
}

function leavesBetween(text: string, start: number, end: number): readonly JsonLeaf[] | undefined {
  const first = text.slice(start, start + 64).trimStart()[0];
  if (first !== '{' && first !== '[') return undefined;
  const reader = new LeafReader(text, start, end);
  return reader.read() ? reader.leaves : undefined;
}

const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const space = /[ \t\r\n]*/y;

class LeafReader {
  readonly leaves: JsonLeaf[] = [];
  readonly #text: string;
  readonly #end: number;
  readonly #path: string[] = [];
  #at: number;

  constructor(text: string, start: number, end: number) {
    this.#text = text;
    this.#at = start;
    this.#end = end;
  }

  read(): boolean {
    if (!this.#value()) return false;
    this.#skip();
    return this.#at === this.#end;
  }

  #value(): boolean {
    this.#skip();
    if (this.#path.length > levelsMax) return false;
    const start = this.#at;
    switch (this.#text[start]) {
      case '{':
        return this.#items('}', () => this.#member());
      case '[': {
        let index = 0;
        return this.#items(']', () => this.#below(String(index++)));
      }
      case '"': {
        const value = this.#string();
        return value !== undefined && this.#leaf(start, value);
      }
      case 't':
        return this.#word('true') && this.#leaf(start, true);
      case 'f':
        return this.#word('false') && this.#leaf(start, false);
      case 'n':
        return this.#word('null');
      default: {
        number.lastIndex = start;
        const found = number.exec(this.#text)?.[0];
        if (found === undefined) return false;
        this.#at += found.length;
        return this.#leaf(start, Number(found));
      }
    }
  }

  #items(close: string, item: () => boolean): boolean {
    this.#at += 1;
    this.#skip();
    if (this.#take(close)) return true;
    for (;;) {
      if (!item()) return false;
      this.#skip();
      if (this.#take(close)) return true;
      if (!this.#take(',')) return false;
    }
  }

  #member(): boolean {
    this.#skip();
    const name = this.#text[this.#at] === '"' ? this.#string() : undefined;
    if (name === undefined) return false;
    this.#skip();
    return this.#take(':') && this.#below(name);
  }

  #below(name: string): boolean {
    this.#path.push(name);
    const isRead = this.#value();
    this.#path.pop();
    return isRead;
  }

  #string(): string | undefined {
    const start = this.#at;
    for (let at = start + 1; at < this.#end; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code === 92) at += 1;
      if (code !== 34) continue;
      this.#at = at + 1;
      try {
        return JSON.parse(this.#text.slice(start, at + 1)) as string;
      } catch {
        return undefined;
      }
    }
    return undefined;
  }

  #leaf(start: number, value: JsonLeaf['value']): true {
    this.leaves.push({ path: [...this.#path], start, end: this.#at, value });
    return true;
  }

  #word(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #take(character: string): boolean {
    if (this.#at >= this.#end || this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skip(): void {
    space.lastIndex = this.#at;
    this.#at = Math.min(this.#end, this.#at + (space.exec(this.#text)?.[0].length ?? 0));
  }
}

/** A change of a leaf: what stands in its place. */
export interface LeafChange {
  readonly leaf: JsonLeaf;
  readonly value: JsonLeaf['value'];
}

/** The text with other leaves. `changes` come in the order of the text. */
export function withLeaves(text: string, changes: readonly LeafChange[]): string {
  let changed = '';
  let copied = 0;
  for (const { leaf, value } of changes) {
    changed += text.slice(copied, leaf.start) + leafText(text, leaf, value);
    copied = leaf.end;
  }
  return changed + text.slice(copied);
}

/** What stands for a value in the place of a leaf. */
export function leafText(text: string, leaf: JsonLeaf, value: JsonLeaf['value']): string {
  const isPlain = leaf.path.length === 0 && text[leaf.start] !== '"';
  return isPlain ? String(value) : JSON.stringify(value);
}
