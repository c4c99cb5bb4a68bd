// What was found: each cause with its class, both values, and what follows from it.
import type { PageReport } from '../src/report/page/page-model.ts';
import type { Json } from './model.ts';
import { ScheduleView } from './schedule-view.tsx';
import { TwoValues } from './value-view.tsx';

export function ReportView({
  report,
  names,
  chosen,
  onJump,
}: {
  readonly report: PageReport;
  readonly names: readonly [string, string];
  readonly chosen: number;
  readonly onJump: (root: number, at: string) => void;
}) {
  return (
    <section class="report" aria-label="Report">
      {report.schedule !== undefined && <ScheduleView schedule={report.schedule} onJump={(at) => onJump(chosen, at)} />}
      {report.roots.map((root, number) => {
        const found = report.divergences[root.place];
        if (found === undefined) return null;
        return (
          <article key={root.place} class={`cause${number === chosen ? ' chosen' : ''}`}>
            <h2>{found.sentence}</h2>
            <p class="class">
              <strong>{root.class}</strong>
              {root.mayBe.length > 0 && <span>, unless it is {root.mayBe.join(' or ')}</span>}
            </p>
            <TwoValues
              recorded={found.recorded as Json | undefined}
              replayed={found.replayed as Json | undefined}
              names={names}
            />
            <p class="next">{root.next}</p>
            <p class="chain">
              {found.at !== '' && (
                <button type="button" onClick={() => onJump(number, found.at)}>
                  Jump to {found.at}
                </button>
              )}
              {root.leadsTo.length > 0 && <span class="then">leads to</span>}
              {root.leadsTo.slice(0, 12).map((place) => {
                const later = report.divergences[place];
                return later === undefined ? null : (
                  <button
                    key={place}
                    type="button"
                    class="link"
                    title={later.sentence}
                    onClick={() => onJump(number, later.at)}
                  >
                    {later.kind} {later.at}
                  </button>
                );
              })}
              {root.leadsTo.length > 12 && <span>and {root.leadsTo.length - 12} more</span>}
            </p>
          </article>
        );
      })}
      <details class="text" open={report.roots.length === 0}>
        <summary>The report as text</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it */}
        <pre tabIndex={0} role="region" aria-label="Report as text">
          {report.text}
        </pre>
      </details>
    </section>
  );
}
