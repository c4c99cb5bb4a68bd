// A divergence in one sentence: what differs, where, and why if that is known.
import type { Divergence, DivergenceKind } from '../../diff/divergence.ts';
import { changesBehind } from '../../diff/cause/graph-behind.ts';
import type { PossibleCauses } from '../../diff/cause/possible-causes.ts';
import type { Value } from '../../base/value.ts';
import { parseAddress } from '../../journal/address.ts';
import { oneLine } from '../text/plain-text.ts';

type Words = (divergence: Divergence, where: string, what: string, usually: string | undefined) => string;

const sentences: Readonly<Record<DivergenceKind, Words>> = {
  graph: ({ detail }, _where, what) => `${what} ${oneLine(detail ?? 'was changed')}`,
  request: (divergence, where, what) =>
    isOfOnce(divergence)
      ? onceWords(divergence, where)
      : `${where} makes a different request than recorded, at ${what}${effectText(divergence)}`,
  'missing effect': missingWords,
  'unused effect': (divergence, where) =>
    isWaiting(divergence)
      ? `${where} no longer ${noLonger[String(divergence.recorded)] ?? noLonger['waited for']}${effectText(divergence)}`
      : `${where} no longer requests a recorded effect${effectText(divergence)}`,
  task: (divergence, where, what) => `${where} ends differently, at ${what}${inBrackets(divergence)}`,
  answer: (divergence, where, what) => `${where} got a different answer, at ${what}${effectText(divergence)}`,
  output: outputWords,
  route: (_divergence, where, what) => `${where} takes a different route, at ${what}`,
  chunk: chunkWords,
  event: (_divergence, where, what) => `${where} emits a different event, at ${what}`,
  error: errorWords,
  conflict: ({ step }) => `step ${step} ends in a conflict in only one of the runs`,
  state: (divergence, where, what) => `the state after ${where} differs at ${what}${inBrackets(divergence)}`,
  frontier: frontierWords,
};

/** One sentence that says what differs and where. */
export function divergenceSentence(divergence: Divergence): string {
  return sentenceUnlike(divergence, undefined);
}

/** The same of two runs of today's code, neither of which was recorded. `usually`: how the other one was made. */
export function sentenceUnlike(divergence: Divergence, usually: string | undefined): string {
  return sentences[divergence.kind](divergence, placeText(divergence), oneLine(divergence.path), usually);
}

function placeText({ at, step, node, address, task }: Divergence): string {
  if (at === '') return 'the run';
  if (node === undefined) return `step ${at}`;
  // An address starts with the key.
  const place =
    address === undefined ? `"${oneLine(node)}" in step ${step} (${at})` : `"${oneLine(node)}" in step ${step}`;
  return task === undefined ? place : `task ${oneLine(task)} of ${place}`;
}

/** All HTTP effects have the same name, so their method and path say more. */
function effectText(divergence: Divergence): string {
  const { address, detail } = divergence;
  if (address === undefined) return inBrackets(divergence);
  const isExchange = detail !== undefined && parseAddress(address)?.type === 'http';
  return ` (${isExchange ? `${oneLine(detail)}, ` : ''}${oneLine(address)})`;
}

/** A detail of several lines is a stack, which is printed below. */
function inBrackets({ detail }: Divergence): string {
  return detail === undefined || detail.includes('\n') ? '' : ` (${oneLine(detail)})`;
}

function outputWords({ at, node }: Divergence, where: string, what: string): string {
  if (node !== undefined) return `the output of ${where} differs at ${what}`;
  const inner = at.lastIndexOf('/');
  return `the input of ${inner < 0 ? 'the run' : `the inner run of ${at.slice(0, inner)}`} differs at ${what}`;
}

/** It is about the answer to a request that both runs made. */
function isWaiting({ path, recorded, replayed }: Divergence): boolean {
  return path === 'answer' && [recorded, replayed].some((side) => side === 'left open' || side === 'stopped unread');
}

const noLonger: Readonly<Record<string, string>> = {
  read: 'reads the body of an answer that it read',
  'waited for': 'waits for an answer that it waited for',
  'stopped unread': 'stops an answer that it stopped',
};

const nowAlso: Readonly<Record<string, string>> = {
  read: 'reads the body of an answer',
  'waited for': 'waits for an answer',
  'stopped unread': 'stops an answer',
};

function isOfOnce({ path, recorded, replayed }: Divergence): boolean {
  return path === 'once' && (recorded === true || replayed === true);
}

function onceWords(divergence: Divergence, where: string): string {
  const how =
    divergence.recorded === true
      ? 'may make an effect again that was to happen once'
      : 'marks an effect `once` that may have happened again';
  return `${where} ${how}${effectText(divergence)}`;
}

function missingWords(divergence: Divergence, where: string, _what: string, usually: string | undefined): string {
  if (isWaiting(divergence)) {
    const what = nowAlso[String(divergence.replayed)] ?? nowAlso['waited for'];
    const how = divergence.recorded === 'stopped unread' ? 'stopped before it read any of it' : 'left open before';
    return `${where} ${what} that it ${how}${effectText(divergence)}`;
  }
  if (divergence.path === 'answer')
    return `${where} reads more of an answer than was recorded${effectText(divergence)}`;
  const known = usually === undefined ? 'was not recorded' : `it does not request ${usually}`;
  return `${where} requests an effect that ${known}${effectText(divergence)}`;
}

function chunkWords({ recorded, replayed, path }: Divergence, where: string, what: string): string {
  if (/^chunks\[\d+\]$/.test(path) && recorded === undefined)
    return `${where} yields more chunks than recorded: ${what}`;
  if (/^chunks\[\d+\]$/.test(path) && replayed === undefined)
    return `${where} yields fewer chunks than recorded: no ${what}`;
  return `${where} yields a different chunk, at ${what}`;
}

function errorWords(divergence: Divergence, where: string, what: string): string {
  const { at, node, path, step } = divergence;
  const thrown = failedWith(divergence);
  if (thrown !== undefined) return `${where} failed with ${oneLine(thrown)}`;
  if (path === 'attempts') {
    const made = `${String(divergence.replayed)} attempt${divergence.replayed === 1 ? '' : 's'}`;
    return `${where} makes ${made}, and not ${String(divergence.recorded)}`;
  }
  if (path !== 'end') return `${where} ends differently, at ${what}`;
  if (node !== undefined) return `the run ends differently, at ${where}`;
  return at === '' ? 'the run ends differently' : `the run ends differently, in step ${step}`;
}

/** How the end of an attempt that failed begins, in words. */
const failed = 'failed: ';

/** What an attempt failed with that had not failed. */
export function failedWith({ path, replayed }: Divergence): string | undefined {
  if (path !== 'result' || typeof replayed !== 'string' || !replayed.startsWith(failed)) return undefined;
  return replayed.slice(failed.length);
}

function frontierWords(divergence: Divergence, where: string, what: string): string {
  const { recorded, replayed, path } = divergence;
  const begin = `the tasks after ${where} differ`;
  if (/^frontier\[\d+\]$/.test(path) && recorded === undefined)
    return `${begin}: ${taskName(replayed)} was not recorded`;
  if (/^frontier\[\d+\]$/.test(path) && replayed === undefined) return `${begin}: ${taskName(recorded)} is missing`;
  return `${begin}, at ${what}${inBrackets(divergence)}`;
}

function taskName(task: Value): string {
  const node = (task as { readonly node?: Value } | undefined)?.node;
  return `"${oneLine(String(node))}"`;
}

/** What is the same, and what made the difference unless it was something that nobody recorded. */
type Reason = { readonly same: string; readonly suspect: string };

const ofCode = { same: 'its state and input are the same', suspect: 'its code' };
const ofAnsweredCode = { same: 'its state, input and answers are the same', suspect: 'its code' };

const reasons: Readonly<Record<DivergenceKind, Reason | undefined>> = {
  graph: undefined,
  request: ofCode,
  'missing effect': ofCode,
  'unused effect': ofCode,
  task: ofAnsweredCode,
  answer: undefined,
  output: ofAnsweredCode,
  route: ofAnsweredCode,
  chunk: ofAnsweredCode,
  event: ofAnsweredCode,
  error: ofAnsweredCode,
  conflict: { same: 'its tasks wrote the same values', suspect: 'the rules of a field' },
  state: { same: 'its tasks wrote the same values', suspect: 'a reducer' },
  frontier: { same: 'the state and routes are the same', suspect: 'an edge' },
};

/** What the reason for a divergence is drawn from. */
export interface ReasonFacts {
  readonly causes?: PossibleCauses | undefined;
  /** All divergences of the report. Those of the graph may explain this one. */
  readonly divergences?: readonly Divergence[];
  /** In mode `outputs` no node ran. */
  readonly mode?: string | undefined;
  /** Somebody has changed the fixture by hand. */
  readonly isEdited?: boolean | undefined;
  /** What differed before it and is not compared: `state.notes`. */
  readonly leftOut?: readonly string[] | undefined;
}

/**
 * Why it differs, for a divergence that follows from no other. What may be the cause is named as such: a comparison shows
 * what is the same, and never that nothing else was different.
 */
export function divergenceReason(divergence: Divergence, facts: ReasonFacts = {}): string | undefined {
  const { kind, at, node, path, follows, step, isEdited } = divergence;
  if (follows !== undefined) return undefined;
  if ((kind === 'output' || kind === 'error') && node === undefined) return undefined;
  // A call outside of what is recorded explains itself.
  if (path === 'outside' || at === '') return undefined;
  if (isEdited === true) return 'it was edited there in only one of the runs, or differently';
  if (node !== undefined && facts.mode === 'outputs') return 'what was recorded does not fit the graph any more';
  const reason =
    kind === 'state' && step === 0 ? { same: 'the input is the same', suspect: 'an initial value' } : reasons[kind];
  if (reason === undefined) return undefined;
  const changes = changesText(divergence, facts.divergences ?? []);
  if (changes.length > 0) return `${reason.same}, and ${changes.join(', ')}`;
  const { isEdited: isEditedFixture, leftOut = [] } = facts;
  if (isEditedFixture === true)
    return `the fixture was edited by hand, so the cause is that edit, unless it is ${reason.suspect}, or ${restText(facts.causes)}`;
  if (leftOut.length > 0) {
    const places = leftOut.map(oneLine).join(', ');
    return `${reason.same} but for what is left out (${places}), so the cause is that, ${reason.suspect}, or ${restText(facts.causes)}`;
  }
  return `${reason.same}, so the cause is ${reason.suspect}, or ${restText(facts.causes)}`;
}

/** The changes of the graph that decide about a state, a conflict or a frontier, in words. */
function changesText(divergence: Divergence, divergences: readonly Divergence[]): readonly string[] {
  return changesBehind(divergence, divergences)
    .slice(0, changesShownMax)
    .map((place) => {
      const { path, detail } = divergences[place] as Divergence;
      return `${oneLine(path)} ${oneLine(detail ?? 'was changed')}`;
    });
}

const changesShownMax = 3;

function restText(causes: PossibleCauses | undefined): string {
  if (causes === undefined) return 'something that was not recorded';
  const named = [...causes.different, ...causes.unknown].map(oneLine);
  return `something that was ${causes.rest}: ${named.join(', ')}`;
}
