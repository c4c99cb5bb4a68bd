// All tasks in a list. Only the part that is visible is drawn.
import { Virtualizer, elementScroll, observeElementOffset, observeElementRect } from '@tanstack/virtual-core';
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import type { PageRun, PageTask } from '../src/report/page/page-model.ts';
import { statusOf } from './model.ts';

const rowHeight = 30;

export function TaskList({
  run,
  tasks,
  chosen,
  isWrong,
  onChoose,
}: {
  readonly run: PageRun;
  readonly tasks: readonly number[];
  readonly chosen: number;
  readonly isWrong: (task: number) => boolean;
  readonly onChoose: (task: number) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const virtual = useMemo(
    () =>
      new Virtualizer<HTMLDivElement, HTMLDivElement>({
        count: tasks.length,
        getScrollElement: () => box.current,
        estimateSize: () => rowHeight,
        overscan: 12,
        observeElementRect,
        observeElementOffset,
        scrollToFn: elementScroll,
        onChange: () => redraw(undefined as never),
      }),
    [],
  );
  virtual.setOptions({ ...virtual.options, count: tasks.length });
  useEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());
  const place = tasks.indexOf(chosen);
  useEffect(() => {
    if (place >= 0) virtual.scrollToIndex(place, { align: 'auto' });
  }, [place, tasks, virtual]);
  const move = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 300) / rowHeight) - 1);
    const to = {
      ArrowDown: place + 1,
      ArrowUp: place - 1,
      PageDown: place + page,
      PageUp: place - page,
      Home: 0,
      End: tasks.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const task = tasks[Math.min(Math.max(to, 0), tasks.length - 1)];
    if (task !== undefined) onChoose(task);
  };
  return (
    <div
      ref={box}
      class="tasks"
      role="listbox"
      tabIndex={0}
      aria-label="Tasks"
      aria-activedescendant={place >= 0 ? `task-${chosen}` : undefined}
      onKeyDown={move}
    >
      <div role="presentation" style={{ height: `${virtual.getTotalSize()}px`, position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const number = tasks[index];
          const task = number === undefined ? undefined : run.tasks[number];
          if (number === undefined || task === undefined) return null;
          return (
            <div
              key={number}
              id={`task-${number}`}
              class={`task${number === chosen ? ' chosen' : ''}${isWrong(number) ? ' wrong' : ''}`}
              style={{
                transform: `translateY(${start}px)`,
                height: `${rowHeight}px`,
                paddingLeft: `${10 + task.depth * 16}px`,
              }}
              role="option"
              aria-selected={number === chosen}
              aria-setsize={tasks.length}
              aria-posinset={index + 1}
              onClick={() => onChoose(number)}
            >
              <span class={`dot ${statusOf(task)}`} aria-hidden="true" />
              <span class="name">{task.node}</span>
              <span class="place">{task.key}</span>
              <span class="about">{about(task)}</span>
              {isWrong(number) && <span class="flag">differs</span>}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function about({ attempts, input }: PageTask): string {
  const last = attempts.at(-1);
  if (last === undefined) return '';
  const effects = last.effects.filter(({ isCleanUp }) => isCleanUp !== true).length;
  const hasCleanedUp = attempts.some((attempt) => attempt.effects.some(({ isCleanUp }) => isCleanUp));
  const parts = [
    ...(attempts.length > 1 ? [`${attempts.length} attempts`] : []),
    ...(last.status === 'done' || last.waits.length > 0 ? [] : [last.status]),
    ...last.waits,
    ...(effects > 0 ? [`${effects} effect${effects === 1 ? '' : 's'}`] : []),
    ...(hasCleanedUp ? ['cleaned up'] : []),
    ...(last.chunks.length > 0 ? [`${last.chunks.length} chunks`] : []),
    ...(input === undefined ? [] : [JSON.stringify(input).slice(0, 60)]),
  ];
  return parts.join(' · ');
}
