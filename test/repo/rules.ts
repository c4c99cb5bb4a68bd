// The rules of the repository, as data: each with the reason for it. `tidy.test.ts` reads every file by them.

/**
 * The rooms of the product, in the order of who may know whom: a room imports only from itself and from rooms before it.
 * So `base` knows nobody, and the command line may know everybody.
 */
export const rooms = [
  'src/base',
  'src/journal',
  'src/graph',
  'src/port',
  'src/stream',
  'src/diff',
  'src/engine',
  'src/store',
  'src/live',
  'src/report',
  'src/observe',
  'src/record',
  'src/replay',
  'src/update',
  'src/fake',
  'src/explore',
  'src/testing',
  'src/project',
  'src/vitest',
  'src/msw',
  'cli',
] as const;
export type Room = (typeof rooms)[number];

export interface Exception {
  /** A folder that ends with a slash, or a file. */
  readonly path: string;
  readonly why: string;
}

export function isCovered(exceptions: readonly Exception[] | undefined, path: string): boolean {
  return exceptions?.some((exception) => covers(exception, path)) ?? false;
}

export function covers(exception: Exception, path: string): boolean {
  return exception.path.endsWith('/') ? path.startsWith(exception.path) : path === exception.path;
}

export interface InnerRooms {
  readonly room: string;
  /**
   * The levels of the room, lowest first: a folder of it (`run/`), files of it by name, or `*` for all other files that
   * lie directly in it. A level imports only from itself and from levels before it.
   */
  readonly levels: readonly (string | readonly string[])[];
  /** Importers that do not keep to the order yet. */
  readonly exceptions?: readonly Exception[];
}

/** The order of the rooms inside a room. */
export const innerRooms: readonly InnerRooms[] = [
  {
    room: 'src/engine/',
    levels: ['options/', 'rules/', 'world/', 'stored/', 'run/', 'attempt/', 'drive/', 'host/'],
  },
  {
    room: 'src/engine/run/',
    levels: ['order/', ['run-stop.ts', 'run-pace.ts'], 'journal/', '*'],
  },
  {
    room: 'src/engine/stored/',
    levels: ['resume/', '*'],
  },
  {
    room: 'src/store/fixture/',
    levels: ['file/', 'block/', '*'],
  },
  {
    room: 'src/live/http/',
    levels: [
      'options/',
      'body/',
      'answer/',
      '*',
      'fetch/',
      'node/',
      ['http-effects.ts', 'interception.ts', 'index.ts'],
    ],
  },
  {
    room: 'src/live/seal/',
    levels: ['*', 'door/', ['doors.ts', 'process-seal.ts', 'write-tripwire.ts']],
  },
  {
    room: 'src/report/',
    levels: ['text/', 'divergence/', 'explore/', 'run/', 'update/', 'page/', 'ci/', '*'],
  },
  {
    room: 'src/diff/',
    levels: [['divergence.ts', 'divergence-log.ts'], 'value/', 'graph/', 'compare/', 'cause/', '*'],
  },
  {
    room: 'src/replay/',
    levels: ['recorded/', 'redaction/', 'world/', 'session/', '*'],
  },
  {
    room: 'cli/',
    levels: ['terminal/', 'project/', 'serve/', 'command/', '*'],
  },
  {
    room: 'cli/project/',
    levels: ['store/', 'fixture/', '*', 'init/'],
  },
  {
    room: 'cli/command/',
    levels: ['*', 'explore/', 'fixture/', 'run/', 'store/'],
  },
];

/** Pairs that stay apart although the order would allow them. */
export const forbiddenImports: readonly { readonly from: Room; readonly to: Room; readonly why: string }[] = [
  { from: 'src/store', to: 'src/engine', why: 'a store keeps journals, and does not know what writes them' },
  { from: 'src/live', to: 'src/engine', why: 'the live world is plugged into ports; it must not know who asks' },
  { from: 'src/report', to: 'src/engine', why: 'a report is made of data, also of runs whose code is gone' },
  { from: 'src/observe', to: 'src/engine', why: 'what is seen of a run is in its journal, also of runs elsewhere' },
  { from: 'src/diff', to: 'src/engine', why: 'two journals are compared without running anything' },
  { from: 'src/replay', to: 'src/record', why: 'what reads a fixture must not share faults with what wrote it' },
  { from: 'src/record', to: 'src/replay', why: 'what writes a fixture must not share faults with what reads it' },
];

/**
 * The package's entry points, by the name that a user imports. No other file may be called `index.ts`, and a room never
 * imports a door: a file that needs one thing would get everything, and cycles with it.
 */
export const doors: Readonly<Record<string, string>> = {
  '.': 'src/index.ts',
  './config': 'src/config.ts',
  './sqlite': 'src/store/sqlite/index.ts',
  './postgres': 'src/store/postgres/index.ts',
  './http': 'src/live/http/index.ts',
  './sse': 'src/live/sse/index.ts',
  './record': 'src/record/index.ts',
  './replay': 'src/replay/index.ts',
  './diff': 'src/diff/index.ts',
  './report': 'src/report/index.ts',
  './observe': 'src/observe/index.ts',
  './opentelemetry': 'src/observe/opentelemetry/index.ts',
  './prometheus': 'src/observe/prometheus/index.ts',
  './update': 'src/update/index.ts',
  './explore': 'src/explore/index.ts',
  './vitest': 'src/vitest/index.ts',
  './msw': 'src/msw/index.ts',
  './msw/browser': 'src/msw/browser/index.ts',
  './testing': 'src/testing/index.ts',
};

/** What the command line starts with; with the doors, the only files that nobody has to import. */
export const programEntry = 'cli/main.ts';

/** The only folder that may import a package. Everything else in `src` and `cli` needs none. */
export const packageFolders: Readonly<Record<string, string>> = {
  '@opentelemetry/api': 'src/observe/opentelemetry/',
  'better-sqlite3': 'src/store/sqlite/',
  commander: 'cli/',
  diff: 'src/report/',
  'fast-check': 'src/explore/',
  msw: 'src/msw/',
  pg: 'src/store/postgres/',
  'prom-client': 'src/observe/prometheus/',
  vitest: 'src/vitest/',
};

/** Rooms that only compute: they read no file, open no socket and start nothing. */
export const pureRooms: readonly Room[] = [
  'src/base',
  'src/journal',
  'src/graph',
  'src/port',
  'src/stream',
  'src/diff',
  'src/engine',
  'src/report',
];

/** The parts of Node that a pure room may use, with the reason. */
export const pureModules: Readonly<Record<string, string>> = {
  'node:async_hooks': 'which task a call belongs to follows from the call, not from the time',
  'node:crypto': 'a digest is a function of its bytes; random bytes are banned by name',
  'node:util': 'formats and compares values',
  'node:zlib': 'packing is a function of its bytes',
};

export interface BannedCall {
  /** A global name (`setTimeout`), a member (`Date.now`), a bare member of anything (`.localeCompare`), or `new Date()`. */
  readonly name: string;
  readonly use: string;
  readonly why: string;
  readonly exceptions?: readonly Exception[];
}

/** Where ambient time and randomness live: nowhere else may a value come from outside unseen. */
export const ambientFolders = ['src/live/', 'cli/'] as const;

const replaySeesRecordedTime = 'a replay has to see the recorded time';
const replaySeesRecordedDraws = 'a replay has to draw what was drawn';
const oracleDecides = 'only an oracle decides what completes first, so that the order can be recorded';
const sameOnEveryMachine = 'the locale changes the result between machines';
const timeIsDelivered = 'a timer fires by the wall clock, and no schedule could order it';
const secretIsNoDraw = 'the secret of a file names what stands in it; no run ever sees it';
const nonceIsNoDraw = 'tells a statement that is repeated from one of another caller; no run ever sees it';
const readingIsNoEvent = 'gives the process its turn between two pages of a journal that is read';
const claimsAreNoEvent = 'says how long others leave a run alone, which no journal holds and no run can see';
const latencyIsNoEvent = 'says to operators how long a write took, which no journal holds and no run can see';
const lockIsNoEvent = 'waits for the lock of another process, which no journal holds and no run can see';

export const bannedCalls: readonly BannedCall[] = [
  {
    name: 'Date.now',
    use: 'Clock',
    why: replaySeesRecordedTime,
    exceptions: [{ path: 'src/store/store-time.ts', why: claimsAreNoEvent }],
  },
  { name: 'new Date()', use: 'Clock', why: replaySeesRecordedTime },
  {
    name: 'performance.now',
    use: 'Clock',
    why: replaySeesRecordedTime,
    exceptions: [{ path: 'src/store/store-time.ts', why: latencyIsNoEvent }],
  },
  { name: 'process.hrtime', use: 'Clock', why: replaySeesRecordedTime },
  { name: 'Math.random', use: 'Entropy', why: replaySeesRecordedDraws },
  {
    name: '.randomUUID',
    use: 'Entropy',
    why: replaySeesRecordedDraws,
    exceptions: [{ path: 'src/store/postgres/row/names.ts', why: nonceIsNoDraw }],
  },
  {
    name: '.randomBytes',
    use: 'Entropy',
    why: replaySeesRecordedDraws,
    exceptions: [{ path: 'src/store/sqlite/file/file-codec.ts', why: secretIsNoDraw }],
  },
  { name: '.getRandomValues', use: 'Entropy', why: replaySeesRecordedDraws },
  {
    name: 'setTimeout',
    use: 'Clock',
    why: timeIsDelivered,
    exceptions: [{ path: 'src/store/row/pause.ts', why: lockIsNoEvent }],
  },
  { name: 'setInterval', use: 'Clock', why: timeIsDelivered },
  {
    name: 'setImmediate',
    use: 'EventLoop',
    why: timeIsDelivered,
    exceptions: [{ path: 'src/store/row/pause.ts', why: readingIsNoEvent }],
  },
  { name: 'process.env', use: 'an option', why: 'a run may depend only on what its journal holds' },
  { name: 'Promise.race', use: 'the oracle', why: oracleDecides },
  { name: 'Promise.any', use: 'the oracle', why: oracleDecides },
  { name: '.localeCompare', use: 'compareText', why: sameOnEveryMachine },
  { name: '.toLocaleString', use: 'String()', why: sameOnEveryMachine },
  { name: '.toLocaleDateString', use: 'toISOString()', why: sameOnEveryMachine },
  { name: '.toLocaleTimeString', use: 'toISOString()', why: sameOnEveryMachine },
  { name: '.toLocaleLowerCase', use: 'toLowerCase()', why: sameOnEveryMachine },
  { name: '.toLocaleUpperCase', use: 'toUpperCase()', why: sameOnEveryMachine },
  { name: 'Intl', use: 'plain text', why: sameOnEveryMachine },
];

/** Modules that are another way to a banned call. */
export const bannedModules: Readonly<Record<string, string>> = {
  'node:perf_hooks': replaySeesRecordedTime,
  'node:timers': timeIsDelivered,
  'node:timers/promises': timeIsDelivered,
};

export interface Limit {
  readonly path: string;
  readonly countMax: number;
  readonly why: string;
  readonly exceptions?: readonly Exception[];
}

/** How many lines a file may have. */
const leafRoom = 'each file is a leaf that others know by its name, and imports almost none of the rest';

/** How many files lie directly in a folder. */
export const folderLimits: readonly Limit[] = [
  {
    path: 'src/',
    countMax: 16,
    why: 'it holds more than one noun',
    exceptions: [
      { path: 'src/base/', why: leafRoom },
      { path: 'src/port/', why: leafRoom },
    ],
  },
  { path: 'cli/', countMax: 16, why: 'it holds more than one noun' },
];

export const lineLimits: readonly Limit[] = [
  { path: 'src/', countMax: 500, why: 'it holds two ideas' },
  { path: 'cli/', countMax: 500, why: 'it holds two ideas' },
  {
    path: 'src/engine/',
    countMax: 300,
    why: 'the engine is read more often than any other room',
  },
];

/** How many members of a class can be named from outside it. */
export const publicMemberLimits: readonly Limit[] = [
  {
    path: 'src/engine/',
    countMax: 12,
    why: 'it does the work of several classes',
    exceptions: [
      {
        path: 'src/engine/attempt/scope/attempt-scope.ts',
        why: 'it is what the port says of an attempt, and does none of it',
      },
    ],
  },
];

/** Texts that no file of the repository may hold. The patterns are written so that they do not find themselves. */
export const bannedTexts: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /\b(?:FIX[M]E|TO[D]O|XX[X])\b/, why: 'do it, or write down why not' },
  {
    pattern: /(?<![\w.\-/:])\/(?:home|root|Users|work|workspace|mnt)\/[\w.-]/,
    why: 'a path of one machine means nothing on another',
  },
  {
    pattern: /https?:\/\/[^\s/'"`)]*(?:registry|artifactory|nexus|npmmirror|verdaccio)[^\s/'"`)]*\//i,
    why: 'where packages come from is for each installation to say',
  },
  { pattern: /"resolved"\s*:\s*"http/, why: 'a lock file with addresses installs on one network only' },
  { pattern: /\bissues?\s+#?\d+/i, why: 'a reader cannot look it up; say the reason itself' },
];

export interface ForeignPhrase {
  /** The source of a pattern; a space in it is any gap between two words, the wrap of a comment too. */
  readonly phrase: string;
  readonly why: string;
}

/**
 * Phrases that read like a translation: good English has no use for them here. The patterns are written so that they do
 * not find themselves.
 */
export const foreignPhrases: readonly ForeignPhrase[] = [
  { phrase: '[Gg](?:o|oes|one) o[n]', why: 'a run continues or resumes, and so does what reads it' },
  { phrase: '[Ww]ent o[n]', why: 'a run continued or was resumed' },
  { phrase: '[Gg]oing o[n] (?:with|behind|from|to|at|by|where|as|until|without)', why: 'say continuing or resuming' },
  { phrase: '[Ww]ho[e]ver', why: 'name the one that is meant: the caller, the reader, the process' },
  { phrase: '(?<![Tt]here )(?:is|are|was|were) non[e]', why: 'say that it is not one, is not known, is not valid' },
  { phrase: '(?:is|are) none tha[t]', why: 'say what is missing, or what does not exist' },
  { phrase: 'wort[h] to', why: '"worth" takes a noun or a verb in -ing' },
  {
    phrase: '(?<!(?:all|any|both|each|either|few|half|many|most|neither|none|one|part|some|three|two) )of whic[h]',
    why: 'say whose, or begin a new sentence',
  },
  {
    phrase:
      'behin[d] (?:a|an|the|its|each|every|that|this|which|those|what) (?:attempt|call|chunk|commit|crash|delta|end|entry|entries|input|join|restart|run|step)s?',
    why: 'what comes later in time or order comes after it',
  },
  { phrase: 'behin[d] (?:step|entry|chunk|\\$\\{|\\d+ of)', why: 'what comes later in time or order comes after it' },
  { phrase: 'matter of (?:time|the worl[d])', why: 'it depends on it, or it is not deterministic' },
  { phrase: 'ane[w]', why: 'say again, or from the start' },
  { phrase: '[Tt]he ones? wh[o]', why: 'name the one that is meant: the caller, the reader, the process' },
  {
    phrase: 'W[h]o (?:asks|attaches|comes|deletes|dies|ends|goes|holds|lost|needs|reads|waits|wants|writes)',
    why: 'name the subject: a caller that, a reader that, a process that',
  },
  { phrase: 'as one finds i[t]', why: 'say what it is' },
  {
    phrase:
      '(?<![Tt]here )(?:is|are) n[o] (?:entry point|field|function|graph|instance|list|node|number|object|observer|option|pair|schema|step|store|string|tag|text|time to|url)s?',
    why: 'say that it is not a valid one, or not one at all',
  },
];

const textIsCompared = 'the journal holds these messages, and replays of older recordings compare them';

/** Files whose phrases stay. Tests are left out as a whole: some quote what a phrase was, and users read none of them. */
export const keptPhrases: readonly Exception[] = [
  { path: 'src/engine/rules/initial-state.ts', why: textIsCompared },
  { path: 'src/engine/rules/node-return.ts', why: textIsCompared },
  { path: 'src/graph/merge/merge-step.ts', why: textIsCompared },
];
