import { expect, it } from 'vitest';
import { runsHtml } from '../../../src/report/index.ts';

const hostile = `"><script>alert('&')</script>`;

it('the list of runs shows any text as text', () => {
  const row = { name: hostile, href: hostile, graph: hostile, status: hostile, steps: hostile, began: hostile };
  const html = runsHtml(
    {
      title: hostile,
      rows: [row],
      search: hostile,
      status: hostile,
      statuses: ['done', hostile],
      next: hostile,
      note: hostile,
    },
    '',
  );
  expect(html).not.toContain('<script');
  expect(html).toContain('<option value="done">done</option>');
  const attribute = "&quot;>&lt;script>alert('&amp;')&lt;/script>";
  const text = attribute.replace('&quot;', '"');
  expect(html).toContain(`<option value="${attribute}" selected>${text}</option>`);
});
