/** A page that shows what the nodes of a run yield, as it comes. What a `reset` makes void is taken off again. */
export const page = `<!doctype html>
<meta charset="utf-8">
<title>writing</title>
<pre id="first"></pre><pre id="second"></pre><p id="status">waiting</p>
<script>
  const chunks = {};
  let opened = 0;
  const source = new EventSource('/events');
  const show = () => {
    for (const field of ['first', 'second'])
      document.getElementById(field).textContent = Object.values(chunks).flat().map((chunk) => chunk[field] ?? '').join('');
  };
  source.onopen = () => { opened += 1; document.body.dataset.opened = opened; };
  source.onmessage = ({ data }) => {
    const item = JSON.parse(data);
    if (item.kind === 'chunk') (chunks[item.key] ??= []).push(item.chunk);
    if (item.kind === 'reset') chunks[item.key] = (chunks[item.key] ?? []).slice(0, item.from);
    if (item.kind === 'chunk') document.body.dataset.count = Number(document.body.dataset.count ?? 0) + 1;
    show();
    if (item.kind !== 'done') return;
    source.close();
    document.getElementById('status').textContent = item.run.status;
  };
</script>`;
