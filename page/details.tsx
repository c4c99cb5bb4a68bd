// What is known of the chosen task, and the state after its step.
import { useMemo } from 'preact/hooks';
import type { PageAttempt, PageEffect, PageRun, PageTask } from '../src/report/page/page-model.ts';
import { stateAfter, stepsOf } from './model.ts';
import type { Json, StepsOfTask } from './model.ts';
import { TwoValues, ValueView } from './value-view.tsx';

export function Details({
  run,
  other,
  task,
  names,
}: {
  readonly run: PageRun;
  readonly other: PageTask | undefined;
  readonly task: PageTask;
  readonly names: readonly [string, string];
}) {
  return (
    <section class="details" aria-label="Task">
      <h2>
        {task.node} <span class="place">{task.key}</span>
      </h2>
      {task.input !== undefined && <Field name="input" value={task.input as Json} />}
      {task.attempts.map((attempt, place) => (
        <Attempt
          key={attempt.at}
          attempt={attempt}
          other={other?.attempts[place]}
          isAlone={task.attempts.length === 1}
          names={names}
        />
      ))}
      <State {...stepsOf(run, task)} />
    </section>
  );
}

function Field({ name, value }: { readonly name: string; readonly value: Json }) {
  return (
    <div class="field">
      <h3>{name}</h3>
      <ValueView value={value} isOpen />
    </div>
  );
}

function Attempt({
  attempt,
  other,
  isAlone,
  names,
}: {
  readonly attempt: PageAttempt;
  readonly other: PageAttempt | undefined;
  readonly isAlone: boolean;
  readonly names: readonly [string, string];
}) {
  const { at, status, delta, routes, error, stack, chunks, events, waits, questions, notes, began, ended } = attempt;
  const effects = attempt.effects.filter(({ isCleanUp }) => isCleanUp !== true);
  const cleanUps = attempt.effects.filter(({ isCleanUp }) => isCleanUp === true);
  const isOther = other !== undefined && JSON.stringify(other.delta) !== JSON.stringify(delta);
  return (
    <div class="attempt">
      {!isAlone && <h3>attempt {at}</h3>}
      <p class="facts">
        {status}
        {began !== undefined && ended !== undefined && `, ${ended - began} ms`}
      </p>
      {delta !== undefined && !isOther && <Field name="output" value={delta as Json} />}
      {isOther && (
        <div class="field">
          <h3>output in both runs</h3>
          <TwoValues recorded={delta as Json | undefined} replayed={other.delta as Json | undefined} names={names} />
        </div>
      )}
      {routes !== undefined && <Field name="route" value={routes as Json} />}
      {error !== undefined && <Field name="error" value={error as Json} />}
      {stack !== undefined && <pre class="stack">{stack}</pre>}
      {waits.map((text, place) => (
        <p key={place} class="note wait">
          {text}
        </p>
      ))}
      {questions.map(({ address, request }) => (
        <div key={address} class="effect" id={`effect-${address}`}>
          <p class="whose">{address}</p>
          <ValueView value={request as Json} isOpen />
        </div>
      ))}
      <Effects title="effects" effects={effects} />
      {chunks.length > 0 && <Field name={`chunks (${chunks.length})`} value={chunks as Json} />}
      {events.length > 0 && <h3>events</h3>}
      {events.map(({ name, isLabel, stream, data }, place) =>
        isLabel === true ? (
          <p key={place} class="note">
            label {name}
          </p>
        ) : (
          <ValueView
            key={place}
            name={stream === undefined ? name : `${name} (stream ${stream})`}
            value={(data ?? null) as Json}
          />
        ),
      )}
      {notes.map((note, place) => (
        <p key={place} class="note">
          {note}
        </p>
      ))}
      <Effects title="clean-up" effects={cleanUps} />
    </div>
  );
}

function Effects({ title, effects }: { readonly title: string; readonly effects: readonly PageEffect[] }) {
  if (effects.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      {effects.map((effect) => (
        <details key={effect.address} class="effect" id={`effect-${effect.address}`} open={effects.length < 4}>
          <summary>
            <span class={`dot ${isRefused(effect) ? 'failed' : 'done'}`} aria-hidden="true" />
            {effect.what}
            {effect.status !== undefined && ` → ${effect.status}`} <span class="place">{effect.address}</span>{' '}
            <span class="size">{effect.ended - effect.began} ms</span>
          </summary>
          <p class="whose">request</p>
          <ValueView value={effect.request as Json} />
          <p class="whose">{effect.outcome.kind === 'error' ? 'failed with' : 'response'}</p>
          <ValueView value={effect.outcome.value as Json} />
        </details>
      ))}
    </>
  );
}

/** A server that answers with such a status does not do what it was asked for. */
const refusalStatusMin = 400;

function isRefused({ outcome, status = 0 }: PageEffect): boolean {
  return outcome.kind === 'error' || status >= refusalStatusMin;
}

export function State({ steps, step, name }: StepsOfTask) {
  const state = useMemo(() => stateAfter(steps, step), [steps, step]);
  const { changes = [], notes = [], next = [], isOpen = false } = steps[step] ?? {};
  const changed = new Set(changes.map(({ field }) => field));
  const fields = Object.entries(state).sort(([one], [other]) => Number(changed.has(other)) - Number(changed.has(one)));
  return (
    <div class="state">
      <h2>
        State {isOpen ? 'before' : 'after'} step {name}
      </h2>
      <p class="facts">
        {steps[step] === undefined || isOpen
          ? 'The step was not committed.'
          : changed.size === 0
            ? 'The step changed nothing.'
            : `Changed: ${[...changed].join(', ') || 'all of it'}.`}{' '}
        {next.length > 0 && `Next: ${[...new Set(next)].join(', ')}.`}
      </p>
      {notes.map((note, place) => (
        <p key={place} class="note">
          {note}
        </p>
      ))}
      {changes.map(
        (change) =>
          change.kind === 'append' && (
            <div key={change.field} class="change">
              <h3>
                {change.field}: {change.items.length} added
              </h3>
              <ValueView value={change.items as Json} isOpen />
            </div>
          ),
      )}
      {fields.map(([field, value]) => (
        <div key={field} class={changed.has(field) ? 'change' : ''}>
          <ValueView name={field} value={value} />
        </div>
      ))}
    </div>
  );
}
