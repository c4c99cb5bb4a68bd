// A divergence in one sentence: what differs, where, and why if that is known.
import type { Divergence, DivergenceKind } from '../diff/divergence.ts';
import type { Value } from '../base/value.ts';
import { parseAddress } from '../journal/address.ts';
import { oneLine } from './plain-text.ts';

type Words = (divergence: Divergence, where: string, what: string) => string;

const sentences: Readonly<Record<DivergenceKind, Words>> = {
  graph: ({ detail }, _where, what) => `${what} ${oneLine(detail ?? 'was changed')}`,
  request: (divergence, where, what) =>
    `${where} makes a different request than recorded, at ${what}${effectText(divergence)}`,
  'missing effect': (divergence, where) => `${where} requests an effect that was not recorded${effectText(divergence)}`,
  'unused effect': (divergence, where) => `${where} no longer requests a recorded effect${effectText(divergence)}`,
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
  return sentences[divergence.kind](divergence, placeText(divergence), oneLine(divergence.path));
}

function placeText({ at, step, node, address }: Divergence): string {
  if (at === '') return 'the run';
  if (node === undefined) return `step ${at}`;
  // An address starts with the key.
  if (address !== undefined) return `"${oneLine(node)}" in step ${step}`;
  return `"${oneLine(node)}" in step ${step} (${at})`;
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

function chunkWords({ recorded, replayed, path }: Divergence, where: string, what: string): string {
  if (/^chunks\[\d+\]$/.test(path) && recorded === undefined)
    return `${where} yields more chunks than recorded: ${what}`;
  if (/^chunks\[\d+\]$/.test(path) && replayed === undefined)
    return `${where} yields fewer chunks than recorded: no ${what}`;
  return `${where} yields a different chunk, at ${what}`;
}

function errorWords({ at, node, path, step }: Divergence, where: string, what: string): string {
  if (path !== 'end') return `${where} ends differently, at ${what}`;
  if (node !== undefined) return `the run ends differently, at ${where}`;
  return at === '' ? 'the run ends differently' : `the run ends differently, in step ${step}`;
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

const reasons: Readonly<Record<DivergenceKind, string | undefined>> = {
  graph: undefined,
  request: 'its state and input are the same, so its code differs',
  'missing effect': 'its state and input are the same, so its code differs',
  'unused effect': 'its state and input are the same, so its code differs',
  answer: undefined,
  output: 'its state, input and answers are the same, so its code differs',
  route: 'its state, input and answers are the same, so its code differs',
  chunk: 'its state, input and answers are the same, so its code differs',
  event: 'its state, input and answers are the same, so its code differs',
  error: 'its state, input and answers are the same, so its code differs',
  conflict: 'its tasks wrote the same values, so the rules of a field differ',
  state: 'its tasks wrote the same values, so a reducer differs',
  frontier: 'the state and routes are the same, so the edges differ',
};

/** Why it differs, for a divergence that follows from no other. */
export function divergenceReason({ kind, at, node, path, follows, step }: Divergence): string | undefined {
  if (follows !== undefined) return undefined;
  if ((kind === 'output' || kind === 'error') && node === undefined) return undefined;
  // A call outside of what is recorded explains itself.
  if (path === 'outside' || at === '') return undefined;
  if (kind === 'state' && step === 0) return 'the input is the same, so the initial values of the fields differ';
  return reasons[kind];
}
