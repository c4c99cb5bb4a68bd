// The states of an exchange, and how they follow each other.
import type { Moves } from '../../base/assert.ts';
import type { AnswerRecord } from './answer/answer-record.ts';

export type ExchangeState =
  | { readonly kind: 'asking' | 'answered' | 'refused' | 'silent' | 'settled' }
  /** It must not be sent yet, and may never be (X2). */
  | { readonly kind: 'waiting'; readonly answer: undefined }
  | { readonly kind: 'sending'; readonly answer: undefined }
  | { readonly kind: 'streaming'; readonly answer: AnswerRecord }
  /** The node has stopped it, but may still get bytes that are on their way. A body that breaks now was cancelled. */
  | { readonly kind: 'stopping'; readonly answer: AnswerRecord | undefined };

export const exchangeMoves: Moves<ExchangeState['kind']> = {
  asking: ['answered', 'refused', 'silent', 'waiting', 'sending'],
  answered: [],
  refused: [],
  silent: [],
  waiting: ['answered', 'refused', 'silent', 'sending', 'settled'],
  sending: ['streaming', 'stopping', 'settled'],
  streaming: ['stopping', 'settled'],
  // Again if the head of an answer still arrives.
  stopping: ['stopping', 'settled'],
  settled: [],
};
