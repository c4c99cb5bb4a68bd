// The page of a run, or of two. Everything it shows is in the file; where the reader is stands in the fragment of the address.
import { render } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PageModel } from '../src/report/page/page-model.ts';
import { Details, State } from './details.tsx';
import { GraphView } from './graph-view.tsx';
import { Lanes } from './lanes.tsx';
import type { Order } from './lanes.tsx';
import { readModel, spanOf, taskAt, textOfTask } from './model.ts';
import { ReportView } from './report-view.tsx';
import { TaskList } from './task-list.tsx';

/** `#at=2.0&run=1&node=plan`. */
function fragment(): URLSearchParams {
  return new URLSearchParams(location.hash.slice(1));
}

function Page({ model }: { readonly model: PageModel }) {
  const { runs, report } = model;
  const given = fragment();
  const [shownRun, setShownRun] = useState(given.get('run') === '1' && runs.length > 1 ? 1 : 0);
  const run = runs[shownRun] as PageModel['runs'][number];
  const other = runs[1 - shownRun];
  const [chosen, setChosen] = useState(() => (given.has('at') ? taskAt(run, given.get('at') ?? '') : firstTask(model)));
  const [node, setNode] = useState(given.get('node') ?? '');
  const [query, setQuery] = useState('');
  const [order, setOrder] = useState<Order>('canonical');
  const [cause, setCause] = useState(0);
  const search = useRef<HTMLInputElement>(null);
  const names: readonly [string, string] =
    runs.length > 1 ? [runs[0]?.name ?? '', runs[1]?.name ?? ''] : (report?.names ?? ['recorded', 'replayed']);

  const shown = useMemo(() => {
    const wanted = query.trim().toLowerCase();
    const places = run.tasks.flatMap((task, place) =>
      (node === '' || task.node === node) && (wanted === '' || textOfTask(task).includes(wanted)) ? [place] : [],
    );
    const began = (place: number): number => run.tasks[place]?.attempts[0]?.began ?? 0;
    return order === 'canonical' ? places : places.sort((one, two) => began(one) - began(two) || one - two);
  }, [run, node, query, order]);
  const isShown = useMemo(() => {
    const set = new Set(shown);
    return (task: number) => set.has(task);
  }, [shown]);
  const wrong = useMemo(() => {
    const root = report?.roots[cause];
    const keys = (root === undefined ? [] : [root.place, ...root.leadsTo]).flatMap(
      (place) => report?.divergences[place]?.at ?? [],
    );
    return new Set(keys.filter((at) => at.includes('#')).map((at) => taskAt(run, at)));
  }, [report, cause, run]);
  const isWrong = useCallback((task: number) => wrong.has(task), [wrong]);
  const wrongNodes = useMemo(() => new Set([...wrong].map((place) => run.tasks[place]?.node)), [wrong, run]);

  const task = run.tasks[chosen];
  useEffect(() => {
    const next = new URLSearchParams();
    if (task !== undefined) next.set('at', task.key);
    if (shownRun === 1) next.set('run', '1');
    if (node !== '') next.set('node', node);
    history.replaceState(null, '', `#${next}`);
  }, [task, shownRun, node]);
  useEffect(() => {
    const follow = (): void => {
      const place = taskAt(run, fragment().get('at') ?? '');
      if (place >= 0) setChosen(place);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, [run]);

  const step = task?.step ?? 0;
  const scrub = useCallback(
    (to: number) => {
      const place = run.tasks.findIndex((candidate) => candidate.step >= to);
      if (place >= 0) setChosen(place);
    },
    [run],
  );
  const jump = useCallback(
    (root: number, at: string) => {
      setCause(root);
      setNode('');
      setQuery('');
      const place = taskAt(run, at);
      if (place >= 0) setChosen(place);
      document.getElementById('timeline')?.scrollIntoView({ block: 'nearest' });
    },
    [run],
  );
  const roots = report?.roots ?? [];
  // Before the next key can come, or it would begin at the step before.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (
        event.target instanceof HTMLInputElement ||
        event.target instanceof HTMLSelectElement ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey
      )
        return;
      if (event.key === '/') search.current?.focus();
      else if (event.key === '[') scrub(step - 1);
      else if (event.key === ']') scrub(step + 1);
      else if ((event.key === 'n' || event.key === 'p') && roots.length > 0) {
        const to = (cause + (event.key === 'n' ? 1 : roots.length - 1)) % roots.length;
        jump(to, report?.divergences[roots[to]?.place ?? 0]?.at ?? '');
      } else return;
      event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [step, scrub, jump, cause, roots, report]);

  const [first, last] = spanOf(run);
  const partner = other === undefined ? undefined : other.tasks.find(({ key }) => key === task?.key);
  return (
    <>
      <header>
        <h1>{model.title}</h1>
        <span class={`verdict ${report === undefined ? run.status : report.isGood ? 'done' : 'failed'}`}>
          {report?.verdict ?? run.status}
        </span>
        {runs.length > 1 && (
          <fieldset class="switch">
            <legend class="hidden">Shown run</legend>
            {runs.map(({ name }, place) => (
              <label key={place}>
                <input type="radio" name="run" checked={shownRun === place} onChange={() => setShownRun(place)} />
                {name}
              </label>
            ))}
          </fieldset>
        )}
        {model.list !== undefined && (
          <nav aria-label="Runs">
            <a href={model.list}>all runs</a>
            <button type="button" onClick={() => location.reload()}>
              read again
            </button>
          </nav>
        )}
        <button type="button" class="theme" onClick={toggleTheme}>
          light or dark
        </button>
      </header>
      <main>
        {report !== undefined && <ReportView report={report} names={names} chosen={cause} onJump={jump} />}
        <div class="columns">
          <section class="overview" aria-label="Graph and facts">
            <GraphView
              run={run}
              node={node}
              at={task?.node ?? ''}
              isWrong={(name) => wrongNodes.has(name)}
              onNode={setNode}
            />
            <dl class="run-facts">
              {run.facts.map(([name, text]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
              <div>
                <dt>took</dt>
                <dd>{last - first} ms</dd>
              </div>
            </dl>
          </section>
          <section class="timeline" id="timeline" aria-label="Timeline">
            <div class="tools">
              <input
                ref={search}
                type="search"
                placeholder="Search tasks, requests, answers"
                aria-label="Search"
                value={query}
                onInput={(event) => setQuery((event.currentTarget as HTMLInputElement).value)}
              />
              <select
                aria-label="Node"
                value={node}
                onChange={(event) => setNode((event.currentTarget as HTMLSelectElement).value)}
              >
                <option value="">all nodes</option>
                {run.graph.nodes.map(({ name }) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
              <select
                aria-label="Order"
                value={order}
                onChange={(event) => setOrder((event.currentTarget as HTMLSelectElement).value as Order)}
              >
                <option value="canonical">by step and rank</option>
                <option value="observed">as observed</option>
              </select>
            </div>
            <Lanes run={run} order={order} chosen={chosen} isShown={isShown} isWrong={isWrong} onChoose={setChosen} />
            <label class="scrub">
              <span>
                step {step} of {run.steps.length - 1}
              </span>
              <input
                type="range"
                min={0}
                max={Math.max(0, run.steps.length - 1)}
                value={step}
                aria-label="Step"
                onInput={(event) => scrub(Number((event.currentTarget as HTMLInputElement).value))}
              />
            </label>
            <p class="count" role="status">
              {shown.length === run.tasks.length
                ? `${shown.length} tasks`
                : `${shown.length} of ${run.tasks.length} tasks`}
            </p>
            <TaskList run={run} tasks={shown} chosen={chosen} isWrong={isWrong} onChoose={setChosen} />
            <p class="keys">
              <kbd>↑</kbd> <kbd>↓</kbd> tasks, <kbd>[</kbd> <kbd>]</kbd> steps, <kbd>/</kbd> search
              {roots.length > 0 && (
                <>
                  , <kbd>n</kbd> <kbd>p</kbd> causes
                </>
              )}
            </p>
          </section>
          <section class="inspector" aria-label="Details">
            {task === undefined ? (
              <State steps={run.steps} step={0} name="0" />
            ) : (
              <Details
                key={`${shownRun} ${task.key}`}
                run={run}
                other={partner}
                task={task}
                names={shownRun === 0 ? names : [names[1], names[0]]}
              />
            )}
          </section>
        </div>
      </main>
    </>
  );
}

/** Where the reader begins: at the first divergence that is in a task, else at the first task. */
function firstTask({ runs, report }: PageModel): number {
  const [run] = runs;
  if (run === undefined) return -1;
  const place = report?.roots.map((root) => report.divergences[root.place]?.at ?? '').find((at) => at !== '');
  return place === undefined ? Math.min(0, run.tasks.length - 1) : taskAt(run, place);
}

function toggleTheme(): void {
  const root = document.documentElement;
  const isDark =
    root.dataset.theme === undefined
      ? matchMedia('(prefers-color-scheme: dark)').matches
      : root.dataset.theme === 'dark';
  root.dataset.theme = isDark ? 'light' : 'dark';
}

const place = document.getElementById('page');
if (place !== null) render(<Page model={readModel()} />, place);
