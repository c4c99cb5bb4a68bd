// The ways in which code keeps something outside of the journal that another task may see.
import { AsyncLocalStorage } from 'node:async_hooks';

/** One text that all who hold it share. */
export interface Shared {
  get(): string;
  set(text: string): void;
}

class PrivateField {
  #text = '';
  get text(): string {
    return this.#text;
  }
  set text(text: string) {
    this.#text = text;
  }
}

class PrivateStatic {
  static #text = '';
  readonly own = PrivateStatic.#text;
  static get text(): string {
    return PrivateStatic.#text;
  }
  static set text(text: string) {
    PrivateStatic.#text = text;
  }
}

const holder = (box: { text: string }): Shared => ({
  get: () => box.text,
  set: (text) => {
    box.text = text;
  },
});

const alphabet = 'abcdefghijklmnopqrstuvwxyz';
/** Any text in one number. */
const codeOf = (text: string): number => [...text].reduce((sum, letter) => sum * 27 + alphabet.indexOf(letter) + 1, 0);

/** What an iterator gives tells where it stands, and asking moves it. */
function generator(make: () => Iterator<unknown>): Shared {
  const iterator = make();
  return { get: () => String(iterator.next().value), set: () => void iterator.next() };
}

export const sharing: Readonly<Record<string, () => Shared>> = {
  'a variable'() {
    let text = '';
    return {
      get: () => text,
      set: (next) => {
        text = next;
      },
    };
  },
  'a property': () => holder({ text: '' }),
  'a nested property'() {
    const options = { model: { tries: [{ text: '' }] } };
    return holder(options.model.tries[0] as { text: string });
  },
  'a symbol'() {
    const key = Symbol('text');
    const box: { [key]?: string } = {};
    return {
      get: () => box[key] ?? '',
      set: (text) => {
        box[key] = text;
      },
    };
  },
  'a property that is not enumerable'() {
    const box = Object.defineProperty({}, 'text', { value: '', writable: true, enumerable: false });
    return holder(box as { text: string });
  },
  'an array'() {
    const list: string[] = [];
    return { get: () => list.join(), set: (text) => void list.push(text) };
  },
  'a Map'() {
    const map = new Map<string, string>();
    return { get: () => map.get('key') ?? '', set: (text) => void map.set('key', text) };
  },
  'the order of a Map'() {
    const map = new Map<string, true>();
    return { get: () => [...map.keys()].join(), set: (text) => void map.set(text, true) };
  },
  'a Set'() {
    const set = new Set<string>();
    return { get: () => [...set].join(), set: (text) => void set.add(text) };
  },
  'a WeakMap'() {
    const key = {};
    const map = new WeakMap<object, string>();
    return { get: () => map.get(key) ?? '', set: (text) => void map.set(key, text) };
  },
  'a WeakRef'() {
    const box = { text: '' };
    const ref = new WeakRef(box);
    const read = (): { text: string } => ref.deref() ?? box;
    return {
      get: () => read().text,
      set: (text) => {
        read().text = text;
      },
    };
  },
  'a closure': () => {
    const make = (): [() => string, (text: string) => void] => {
      let text = '';
      return [
        () => text,
        (next) => {
          text = next;
        },
      ];
    };
    const [get, set] = make();
    return { get, set };
  },
  'a private field': () => holder(new PrivateField()),
  'a private static field'() {
    PrivateStatic.text = '';
    return holder(PrivateStatic);
  },
  'a static field'() {
    class Counter {
      static text = '';
      readonly own = Counter.text;
    }
    return holder(Counter);
  },
  'a field of a prototype'() {
    class Counter {
      declare text: string;
    }
    Counter.prototype.text = '';
    const counter = new Counter();
    return {
      get: () => counter.text,
      set: (text) => {
        Object.getPrototypeOf(counter).text = text;
      },
    };
  },
  'what a plain object inherits'() {
    const defaults = { text: '' };
    const settings = Object.create(defaults) as typeof defaults;
    return {
      get: () => settings.text,
      set: (text) => {
        (Object.getPrototypeOf(settings) as typeof defaults).text = text;
      },
    };
  },
  'which prototype an object has'() {
    const box = {} as { text?: string };
    const kinds = new Map<string, object>();
    return {
      get: () => box.text ?? '',
      set(text) {
        const kind = kinds.get(text) ?? { text };
        Object.setPrototypeOf(box, kind);
      },
    };
  },
  'a property of a function'() {
    const count = Object.assign(() => '', { text: '' });
    return holder(count);
  },
  'a bound object'() {
    const box = { text: '' };
    const get = function (this: typeof box): string {
      return this.text;
    }.bind(box);
    const set = function (this: typeof box, text: string): void {
      this.text = text;
    }.bind(box);
    return { get, set };
  },
  'what a proxy stands for': () => holder(new Proxy({ text: '' }, {})),
  'a promise'() {
    let wanted = Promise.resolve('');
    let known = '';
    return {
      get: () => known,
      set(text) {
        wanted = Promise.resolve(text);
        void wanted.then((value) => {
          known = value;
        });
      },
    };
  },
  'a function that is replaced'() {
    let read = (): string => '';
    return {
      get: () => read(),
      set(text) {
        const constant = JSON.stringify(text);
        read = () => JSON.parse(constant) as string;
      },
    };
  },
  globalThis() {
    const globals = globalThis as { plantedText?: string | undefined };
    globals.plantedText = '';
    return {
      get: () => globals.plantedText ?? '',
      set: (text) => {
        globals.plantedText = text;
      },
    };
  },
  'process.env'() {
    process.env.REPRISE_PLANTED = '';
    return {
      get: () => process.env.REPRISE_PLANTED ?? '',
      set: (text) => {
        process.env.REPRISE_PLANTED = text;
      },
    };
  },
  'an object of the language'() {
    Reflect.set(Math, 'plantedText', '');
    return {
      get: () => String(Reflect.get(Math, 'plantedText')),
      set: (text) => void Reflect.set(Math, 'plantedText', text),
    };
  },
  'the process'() {
    Reflect.set(process, 'plantedText', '');
    return {
      get: () => String(Reflect.get(process, 'plantedText')),
      set: (text) => void Reflect.set(process, 'plantedText', text),
    };
  },
  'a listener of the process'() {
    process.removeAllListeners('planted:set').removeAllListeners('planted:get');
    let heard = '';
    {
      let text = '';
      process.on('planted:set', (next: string) => {
        text = next;
      });
      process.on('planted:get', (tell: (text: string) => void) => tell(text));
    }
    return {
      get() {
        process.emit('planted:get' as never, ((text: string) => (heard = text)) as never);
        return heard;
      },
      set: (text) => void process.emit('planted:set' as never, text as never),
    };
  },
  'an asynchronous context'() {
    const storage = new AsyncLocalStorage<{ text: string }>();
    const inContext = storage.run({ text: '' }, () => AsyncLocalStorage.snapshot());
    const box = (): { text: string } => inContext(() => storage.getStore() as { text: string });
    return {
      get: () => box().text,
      set: (text) => {
        box().text = text;
      },
    };
  },
  'marks of performance'() {
    performance.clearMarks();
    return {
      get: () =>
        performance
          .getEntriesByType('mark')
          .map(({ name }) => name)
          .join(),
      set: (text) => void performance.mark(text),
    };
  },
  'which object a variable holds'() {
    const first = {};
    let latest = first;
    return {
      get: () => String(latest === first),
      set: () => {
        latest = {};
      },
    };
  },
  'which symbol a variable holds'() {
    const first = Symbol('token');
    let latest = first;
    return {
      get: () => String(latest === first),
      set: () => {
        latest = Symbol('token') as typeof first;
      },
    };
  },
  'the class behind an instance'() {
    class Client {
      static made = '';
      note(text: string): void {
        (this.constructor as typeof Client).made = text;
      }
      get made(): string {
        return (this.constructor as typeof Client).made;
      }
    }
    const client = new Client();
    return { get: () => client.made, set: (text) => client.note(text) };
  },
  'a method that is replaced'() {
    class Client {
      read(): string {
        return 'first';
      }
    }
    const client = new Client();
    return {
      get: () => client.read(),
      set: () => {
        Client.prototype.read = () => 'second';
      },
    };
  },
  'a getter that is replaced'() {
    const box = Object.defineProperty({}, 'text', { get: () => 'first', configurable: true }) as { text: string };
    return {
      get: () => box.text,
      set: () => void Object.defineProperty(box, 'text', { get: () => 'second', configurable: true }),
    };
  },
  'an object that is frozen'() {
    const box = {};
    return { get: () => String(Object.isFrozen(box)), set: () => void Object.freeze(box) };
  },
  'typed numbers'() {
    const numbers = new Float64Array(1);
    return { get: () => String(numbers[0]), set: (text) => void numbers.fill(codeOf(text)) };
  },
  'a buffer'() {
    const view = new DataView(new ArrayBuffer(8));
    return { get: () => String(view.getFloat64(0)), set: (text) => view.setFloat64(0, codeOf(text)) };
  },
  'a Date'() {
    const date = new Date(0);
    return { get: () => date.toISOString(), set: (text) => void date.setTime(codeOf(text)) };
  },
  'lastIndex of a RegExp'() {
    const pattern = /./g;
    return {
      get: () => String(pattern.lastIndex),
      set: (text) => {
        pattern.lastIndex = codeOf(text);
      },
    };
  },
  'a URL'() {
    const url = new URL('https://example.org/');
    return { get: () => url.search, set: (text) => url.searchParams.set('text', text) };
  },
  'the headers of a client'() {
    const headers = new Headers();
    return { get: () => headers.get('x-text') ?? '', set: (text) => headers.set('x-text', text) };
  },
  'an AbortController'() {
    const controller = new AbortController();
    return { get: () => String(controller.signal.aborted), set: () => controller.abort() };
  },
  'an EventTarget'() {
    const target = new EventTarget();
    let heard = '';
    return {
      get() {
        heard = '';
        target.dispatchEvent(new Event('ask'));
        return heard;
      },
      set(text) {
        const hear = (): void => {
          heard += text;
        };
        target.addEventListener('ask', hear);
      },
    };
  },
  'the variables of a generator': () =>
    generator(function* () {
      for (let count = 0; ; count += 1) yield count;
    }),
  'the place of a generator': () =>
    generator(function* () {
      yield 'one';
      yield 'two';
      yield 'three';
      yield 'four';
      yield 'five';
    }),
  'a loop of a generator': () =>
    generator(function* () {
      for (const word of ['only']) yield word;
    }),
  'a generator that another one stands for': () =>
    generator(function* () {
      yield* [...'abcdef'].values();
    }),
  'an iterator of an array': () => generator(() => ['one', 'two', 'three', 'four', 'five'].values()),
  'an iterator of a Map': () => generator(() => new Map([...alphabet].map((letter) => [letter, letter])).keys()),
  'an iterator of a text': () => generator(() => alphabet[Symbol.iterator]()),
  'an iterator of matches': () => generator(() => alphabet.matchAll(/./g)),
  'an iterator helper': () =>
    generator(() => {
      const list = alphabet.split('').values() as unknown as { map(to: (text: string) => string): Iterator<string> };
      return list.map((letter) => letter);
    }),
  'a variable set lazily'() {
    let first: string | undefined;
    return {
      get: () => first ?? '',
      set: (text) => {
        first ??= text;
      },
    };
  },
};
