// What is changed, where, and what the report says of it. Each line was thought about: the first divergence is where the
// change is, and the class is what was changed.
import type { DivergenceClass } from '../../../src/diff/index.ts';
import type { Change, ExampleName } from './mutant.ts';

export interface Mutation {
  readonly of: ExampleName;
  /** In words, for the table. */
  readonly what: string;
  /** Of the source. */
  readonly code?: readonly Change[];
  /** Of the recording: a text of the file, and what is there instead. */
  readonly fixture?: readonly Change[];
  /** Of both: the example that the fixture is of, with a change; the fixture is updated with it. */
  readonly base?: readonly Change[];
  /** `diff`: the edited fixture beside the one that was recorded, as if it were one too; `edited` says what it is. Replayed with the changed code by default. */
  readonly by?: 'lenient' | 'outputs' | 'diff' | 'edited';
  /** The roots, in order: kind, place and path of each. */
  readonly roots: readonly (readonly [divergence: string, name: DivergenceClass])[];
}

const plan = "'Which topics are left to study?'";
const early = 'findings.length === 0';

export const mutations: readonly Mutation[] = [
  // Outputs
  {
    of: 'desk',
    what: 'early output',
    code: [['graph.ts', 'rounds: 1 }', `rounds: ${early} ? 2 : 1 }`]],
    roots: [['output 1.0#1 delta.rounds', 'code changed']],
  },
  {
    of: 'desk',
    what: 'output of one of three tasks',
    code: [
      [
        'prompts.ts',
        '{ topic, text }, tokens',
        "{ topic, text: topic === 'neighbours' ? text.toUpperCase() : text }, tokens",
      ],
    ],
    roots: [['output 2.1#1 delta.findings[0].text', 'code changed']],
  },
  {
    of: 'desk',
    what: 'output of the last of three tasks',
    code: [
      [
        'prompts.ts',
        '{ topic, text }, tokens }',
        "{ topic, text }, tokens: topic === 'together' ? tokens + 1 : tokens }",
      ],
    ],
    roots: [['output 2.2#1 delta.tokens', 'code changed']],
  },
  {
    of: 'desk',
    what: 'late output',
    code: [['prompts.ts', 'answer: text,', "answer: toolName === '' ? text.trim() + '.' : text,"]],
    roots: [['output 6.0#1 delta.answer', 'code changed']],
  },
  {
    of: 'panel',
    what: 'output of an expert',
    code: [['graph.ts', 'text: answer.text }', "text: name === 'law' ? answer.text.slice(1) : answer.text }"]],
    roots: [['output 2.1#1 delta.opinions[0].text', 'code changed']],
  },
  {
    of: 'panel',
    what: 'a field less in an output',
    code: [['graph.ts', ', tokens: answer.tokens } };\n  })\n  .node', ' } };\n  })\n  .node']],
    roots: [
      ['output 2.0#1 delta.tokens', 'code changed'],
      ['output 2.1#1 delta.tokens', 'code changed'],
      ['output 2.2#1 delta.tokens', 'code changed'],
      ['output 2.3#1 delta.tokens', 'code changed'],
      ['output 2.4#1 delta.tokens', 'code changed'],
      ['output 2.5#1 delta.tokens', 'code changed'],
    ],
  },
  {
    of: 'panel',
    what: 'late output',
    code: [['graph.ts', 'summary: answer.text', 'summary: answer.text.toLowerCase()']],
    roots: [['output 3.0#1 delta.summary', 'code changed']],
  },
  {
    of: 'tools',
    what: 'output of the first call',
    code: [['graph.ts', 'JSON.stringify(result)', "JSON.stringify(result, null, name === 'getInventory' ? 1 : 0)"]],
    roots: [['output 2.0#1 delta.items[0].output', 'code changed']],
  },
  {
    of: 'tools',
    what: 'output of the second call',
    code: [['graph.ts', 'JSON.stringify(result)', "JSON.stringify(result, null, name === 'getDemand' ? 1 : 0)"]],
    roots: [['output 4.0#1 delta.items[0].output', 'code changed']],
  },
  {
    of: 'web',
    what: 'early output',
    code: [['model.ts', 'found.draft += event.delta.text', "found.draft += event.delta.text.replace('The', 'A')"]],
    roots: [['output 1.0#1 delta.draft', 'code changed']],
  },
  {
    of: 'web',
    what: 'late output',
    code: [['graph.ts', '${index + 1}.', '${index}.']],
    roots: [['output 2.0#1 delta.answer', 'code changed']],
  },
  {
    of: 'refund',
    what: 'middle output',
    code: [['graph.ts', 'outcome: `approved by ${by}`', 'outcome: `agreed by ${by}`']],
    roots: [['output 2.0#1 delta.outcome', 'code changed']],
  },
  {
    of: 'refund',
    what: 'late output',
    code: [['graph.ts', ', receipt ${receipt}`', ' (${receipt})`']],
    roots: [['output 3.0#1 delta.outcome', 'code changed']],
  },
  // Requests
  {
    of: 'desk',
    what: 'early prompt',
    code: [['prompts.ts', plan, `${early} ? 'Which topics?' : ${plan}`]],
    roots: [['request 1.0#1 request.body.json.messages[0].content', 'request changed']],
  },
  {
    of: 'desk',
    what: 'late prompt of the first node',
    code: [['prompts.ts', plan, `${early} ? ${plan} : 'Which topics?'`]],
    roots: [['request 4.0#1 request.body.json.messages[0].content', 'request changed']],
  },
  {
    of: 'desk',
    what: 'prompt of one of three tasks',
    code: [['prompts.ts', '`Topic: ${topic}`', "topic === 'neighbours' ? `Subject: ${topic}` : `Topic: ${topic}`"]],
    roots: [['request 2.1#1 request.body.json.messages[0].content', 'request changed']],
  },
  {
    of: 'desk',
    what: 'body of a fetch',
    code: [['model.ts', 'JSON.stringify({ topic,', "JSON.stringify({ topic: topic === 'spring' ? 'fall' : topic,"]],
    roots: [['request 5.0#1 request.body.json.topic', 'request changed']],
  },
  {
    of: 'desk',
    what: 'late prompt',
    code: [
      [
        'prompts.ts',
        "'Answer from the findings.'",
        "mayAskForMore && findings.length > 3 ? 'Answer.' : 'Answer from the findings.'",
      ],
    ],
    roots: [['request 6.0#1 request.body.json.messages[0].content', 'request changed']],
  },
  {
    of: 'desk',
    what: 'path of a fetch',
    code: [['model.ts', '/telemetry-free/lookup', '/telemetry-free/look-up']],
    roots: [
      ['request 2.0#1 request.path', 'request changed'],
      ['request 2.1#1 request.path', 'request changed'],
      ['request 2.2#1 request.path', 'request changed'],
    ],
  },
  {
    of: 'desk',
    what: 'a request more',
    code: [
      [
        'prompts.ts',
        'const facts = await lookUp(topic);',
        "const facts = await lookUp(topic);\n  if (topic === 'holiday') await lookUp('again');",
      ],
    ],
    roots: [['missing effect 2.0#1 request', 'request changed']],
  },
  {
    of: 'desk',
    what: 'a request less',
    code: [
      [
        'prompts.ts',
        'const facts = await lookUp(topic);',
        "const facts = topic === 'spring' ? [] : await lookUp(topic);",
      ],
    ],
    roots: [['request 5.0#1 request.body.json.messages[0].content', 'request changed']],
  },
  {
    of: 'panel',
    what: 'prompt of an expert',
    code: [['graph.ts', '`Topic: ${name}`', "name === 'ethics' ? 'Topic: moral' : `Topic: ${name}`"]],
    roots: [['request 2.5#1 request.body.json.messages[0].content', 'request changed']],
  },
  {
    of: 'panel',
    what: 'late prompt',
    code: [['graph.ts', '`Question: ${question}`', '`Asked: ${question}`']],
    roots: [['request 3.0#1 request.body.json.messages[0].content', 'request changed']],
  },
  {
    of: 'tools',
    what: 'name of the model',
    code: [['model.ts', "'gpt-5.6-sol'", "'gpt-5.6'"]],
    roots: [['request 1.0#1 request.body.json.model', 'request changed']],
  },
  {
    of: 'tools',
    what: 'name of an effect',
    code: [['graph.ts', 'effect(name,', "effect(name === 'getDemand' ? 'demand' : name,"]],
    roots: [['missing effect 4.0#1 request', 'request changed']],
  },
  {
    of: 'tools',
    what: 'no effect any more',
    code: [['graph.ts', 'await effect(name, given, () => callTool(name, given))', 'callTool(name, given)']],
    roots: [['unused effect 2.0#1 request', 'request changed']],
  },
  {
    of: 'web',
    what: 'a parameter',
    code: [['model.ts', '2048', '4096']],
    roots: [['request 1.0#1 request.body.json.max_tokens', 'request changed']],
  },
  {
    of: 'refund',
    what: 'request of an effect',
    code: [['graph.ts', '{ order: state.order }, draftRefund', "{ order: state.order, by: 'rule' }, draftRefund"]],
    roots: [['request 1.0#1 request.by', 'request changed']],
  },
  {
    of: 'refund',
    what: 'text of a question',
    code: [['graph.ts', '`Refund ${', '`Pay back ${']],
    roots: [['request 2.0#1 request.text', 'request changed']],
  },
  {
    of: 'refund',
    what: 'amount that is paid',
    code: [['graph.ts', 'amount: state.amount }, payOut', 'amount: state.amount + 1 }, payOut']],
    roots: [['request 3.0#1 request.amount', 'request changed']],
  },
  // Events
  {
    of: 'refund',
    what: 'name of a label',
    code: [['graph.ts', "'before approval'", "'approval'"]],
    roots: [['event 2.0#1 events[0].name', 'code changed']],
  },
  // Routes
  {
    of: 'desk',
    what: 'order of what is sent',
    code: [['graph.ts', 'route: topics.map(', 'route: topics.toReversed().map(']],
    roots: [['route 1.0#1 route[0].input.topic', 'routing changed']],
  },
  {
    of: 'desk',
    what: 'a topic less',
    code: [['graph.ts', 'route: topics.map(', 'route: topics.slice(0, 2).map(']],
    roots: [['route 1.0#1 route[2]', 'routing changed']],
  },
  {
    of: 'desk',
    what: 'the middle route',
    code: [['graph.ts', 'isComplete ? stop()', 'isComplete || findings.length < 4 ? stop()']],
    roots: [['route 3.0#1 route[0].kind', 'routing changed']],
  },
  {
    of: 'desk',
    what: 'the last route',
    code: [['graph.ts', 'isComplete ? stop()', 'isComplete && findings.length < 4 ? stop()']],
    roots: [['route 6.0#1 route[0].kind', 'routing changed']],
  },
  {
    of: 'panel',
    what: 'an expert less',
    code: [['graph.ts', ", 'ethics']", ']']],
    roots: [['route 1.0#1 route[5]', 'routing changed']],
  },
  {
    of: 'tools',
    what: 'no call is made',
    code: [['graph.ts', 'calls.length === 0', 'calls.length < 2']],
    roots: [
      ['output 1.0#1 delta.answer', 'code changed'],
      ['route 1.0#1 route[0].input', 'routing changed'],
    ],
  },
  {
    of: 'refund',
    what: 'the route after the answer',
    code: [['graph.ts', "route: goto('pay')", 'route: stop()']],
    roots: [['route 2.0#1 route[0].kind', 'routing changed']],
  },
  {
    of: 'refund',
    what: 'condition of an edge',
    base: [['graph.ts', ".edge('draft', 'approve')", ".edge('draft', 'approve', { when: () => true, label: 'any' })"]],
    code: [['graph.ts', ".edge('draft', 'approve')", ".edge('draft', 'approve', { when: () => false, label: 'any' })"]],
    roots: [['frontier 1 frontier[0]', 'routing changed']],
  },
  {
    of: 'refund',
    what: 'threshold of an edge',
    base: [
      [
        'graph.ts',
        ".edge('draft', 'approve')",
        ".edge('draft', 'approve', { when: ({ amount }) => amount > 40, label: 'any' })",
      ],
    ],
    code: [
      [
        'graph.ts',
        ".edge('draft', 'approve')",
        ".edge('draft', 'approve', { when: ({ amount }) => amount > 50, label: 'any' })",
      ],
    ],
    roots: [['frontier 1 frontier[0]', 'routing changed']],
  },
  // Errors
  {
    of: 'desk',
    what: 'throws early',
    code: [
      ['prompts.ts', 'const { topics } =', `if (${early}) throw new TypeError('no topics');\n  const { topics } =`],
    ],
    roots: [['error 1.0#1 result', 'the node threw']],
  },
  {
    of: 'desk',
    what: 'one of three throws',
    code: [
      ['prompts.ts', 'return { finding:', "if (topic === 'together') throw new Error('lost');\n  return { finding:"],
    ],
    roots: [['error 2.2#1 result', 'the node threw']],
  },
  {
    of: 'desk',
    what: 'throws late',
    code: [
      [
        'graph.ts',
        'return { delta: { answer, tokens }',
        "if (isComplete) throw new Error('no end');\n    return { delta: { answer, tokens }",
      ],
    ],
    roots: [['error 6.0#1 result', 'the node threw']],
  },
  {
    of: 'panel',
    what: 'throws before it asks',
    code: [
      [
        'graph.ts',
        'const answer = await limiter',
        "if (name === 'medicine') throw new Error('not today');\n    const answer = await limiter",
      ],
    ],
    roots: [['error 2.3#1 result', 'the node threw']],
  },
  {
    of: 'web',
    what: 'throws late',
    code: [['graph.ts', 'const list =', "if (draft !== '') throw new RangeError('too long');\n    const list ="]],
    roots: [['error 2.0#1 result', 'the node threw']],
  },
  {
    of: 'refund',
    what: 'throws after the payment',
    code: [
      [
        'graph.ts',
        'return { delta: { outcome: `${state.outcome}',
        "if (receipt !== '') throw new Error('no printer');\n    return { delta: { outcome: `${state.outcome}",
      ],
    ],
    roots: [['error 3.0#1 result', 'the node threw']],
  },
  // Reducers
  {
    of: 'refund',
    what: 'an early reducer',
    base: [
      ['graph.ts', 'amount: last<number>(0)', 'amount: reduce<number>((_, next) => next, 0)'],
      ['graph.ts', 'graph, last', 'graph, last, reduce'],
    ],
    code: [
      ['graph.ts', 'amount: last<number>(0)', 'amount: reduce<number>((_, next) => next + 1, 0)'],
      ['graph.ts', 'graph, last', 'graph, last, reduce'],
    ],
    roots: [['state 1 state.amount', 'reducer changed']],
  },
  {
    of: 'refund',
    what: 'a middle reducer',
    base: [
      ['graph.ts', "outcome: last<string>('open')", "outcome: reduce<string>((_, next) => next, 'open')"],
      ['graph.ts', 'graph, last', 'graph, last, reduce'],
    ],
    code: [
      [
        'graph.ts',
        "outcome: last<string>('open')",
        "outcome: reduce<string>((_, next) => (next.endsWith('Ada') ? `${next}!` : next), 'open')",
      ],
      ['graph.ts', 'graph, last', 'graph, last, reduce'],
    ],
    roots: [['state 2 state.outcome', 'reducer changed']],
  },
  {
    of: 'refund',
    what: 'a late reducer',
    base: [
      ['graph.ts', "outcome: last<string>('open')", "outcome: reduce<string>((_, next) => next, 'open')"],
      ['graph.ts', 'graph, last', 'graph, last, reduce'],
    ],
    code: [
      [
        'graph.ts',
        "outcome: last<string>('open')",
        "outcome: reduce<string>((_, next) => (next.includes('receipt') ? `${next}!` : next), 'open')",
      ],
      ['graph.ts', 'graph, last', 'graph, last, reduce'],
    ],
    roots: [['state 3 state.outcome', 'reducer changed']],
  },
  // The graph
  {
    of: 'desk',
    what: 'kind of a field',
    code: [
      ['graph.ts', 'tokens: sum()', 'tokens: max()'],
      ['graph.ts', 'last, sum', 'last, max, sum'],
    ],
    roots: [
      ['graph graph.state.tokens.initial', 'graph changed'],
      ['state 0 state.tokens', 'graph changed'],
    ],
  },
  {
    of: 'desk',
    what: 'initial value of a field',
    code: [['graph.ts', 'answer: text()', "answer: last('none')"]],
    roots: [
      ['graph graph.state.answer.initial', 'graph changed'],
      ['state 0 state.answer', 'graph changed'],
    ],
  },
  {
    of: 'desk',
    what: 'start',
    code: [['graph.ts', ".start('plan')", ".start('write')"]],
    roots: [
      ['graph graph.start', 'graph changed'],
      ['frontier 0 frontier[0]', 'graph changed'],
      ['frontier 0 frontier[0]', 'graph changed'],
    ],
  },
  {
    of: 'desk',
    what: 'target of an edge',
    code: [['graph.ts', ".edge('research', 'write')", ".edge('research', 'plan')"]],
    roots: [
      ['graph graph.edges["research → write"]', 'graph changed'],
      ['graph graph.edges["research → plan"]', 'graph changed'],
      ['frontier 2 frontier[0]', 'graph changed'],
      ['frontier 2 frontier[0]', 'graph changed'],
    ],
  },
  {
    of: 'panel',
    what: 'an edge less',
    code: [['graph.ts', "  .edge('expert', 'sumUp')\n", '']],
    roots: [
      ['graph graph.edges["expert → sumUp"]', 'graph changed'],
      ['frontier 2 frontier[0]', 'graph changed'],
    ],
  },
  {
    of: 'panel',
    what: 'writes that conflict',
    code: [['graph.ts', 'tokens: sum()', 'tokens: last(0)']],
    roots: [
      ['graph graph.state.tokens.kind', 'graph changed'],
      ['conflict 2 end', 'graph changed'],
    ],
  },
  {
    of: 'web',
    what: 'a node between',
    code: [
      [
        'graph.ts',
        ".edge('search', 'cite')",
        ".node('check', () => ({}))\n  .edge('search', 'check')\n  .edge('check', 'cite')",
      ],
    ],
    roots: [
      ['graph graph.edges["search → cite"]', 'graph changed'],
      ['graph graph.nodes["check"]', 'graph changed'],
      ['graph graph.edges["search → check"]', 'graph changed'],
      ['graph graph.edges["check → cite"]', 'graph changed'],
      ['frontier 1 frontier[0]', 'graph changed'],
      ['frontier 1 frontier[0]', 'graph changed'],
    ],
  },
  // What nobody recorded
  {
    of: 'panel',
    what: 'a variable of the module',
    code: [
      ['graph.ts', 'const limiter', 'let asked = 0;\nconst limiter'],
      ['graph.ts', 'summary: answer.text', 'summary: answer.text + ++asked'],
    ],
    roots: [['output 3.0#1 delta.summary', 'uncontrolled input']],
  },
  {
    of: 'refund',
    what: 'a connection of its own',
    code: [
      ['graph.ts', 'import { fields', "import { connect } from 'node:net';\nimport { fields"],
      [
        'graph.ts',
        "label('before approval');",
        "label('before approval');\n    await new Promise((done) => connect(9, '127.0.0.1').on('error', done));",
      ],
    ],
    roots: [['missing effect 2.0#1 outside', 'uncontrolled input']],
  },
  // Two at once
  {
    of: 'desk',
    what: 'outputs of two tasks of a step',
    code: [
      ['prompts.ts', '{ topic, text }, tokens', "{ topic, text: topic === 'together' ? text : text + '!' }, tokens"],
    ],
    roots: [
      ['output 2.0#1 delta.findings[0].text', 'code changed'],
      ['output 2.1#1 delta.findings[0].text', 'code changed'],
    ],
  },
  {
    of: 'panel',
    what: 'a prompt and an output of a step',
    by: 'lenient',
    code: [
      ['graph.ts', '`Topic: ${name}`', "name === 'history' ? 'Topic: past' : `Topic: ${name}`"],
      ['graph.ts', 'text: answer.text }', "text: name === 'ethics' ? '' : answer.text }"],
    ],
    roots: [
      ['request 2.0#1 request.body.json.messages[0].content', 'request changed'],
      ['output 2.5#1 delta.opinions[0].text', 'code changed'],
    ],
  },
  {
    of: 'panel',
    what: 'an error and an output of a step',
    by: 'lenient',
    code: [
      [
        'graph.ts',
        'const answer = await limiter',
        "if (name === 'ethics') throw new Error('not today');\n    const answer = await limiter",
      ],
      ['graph.ts', 'text: answer.text }', "text: name === 'law' ? '' : answer.text }"],
    ],
    roots: [
      ['output 2.1#1 delta.opinions[0].text', 'code changed'],
      ['error 2.5#1 result', 'the node threw'],
    ],
  },
  {
    of: 'desk',
    what: 'an early output and a late route',
    by: 'lenient',
    code: [
      ['graph.ts', 'rounds: 1 }', `rounds: ${early} ? 2 : 1 }`],
      ['graph.ts', 'isComplete ? stop()', 'isComplete && findings.length < 4 ? stop()'],
    ],
    roots: [
      ['output 1.0#1 delta.rounds', 'code changed'],
      ['route 6.0#1 route[0].kind', 'routing changed'],
    ],
  },
  {
    of: 'tools',
    what: 'two effects',
    by: 'lenient',
    code: [['graph.ts', 'effect(name, given', 'effect(name, `${given} `']],
    roots: [
      ['request 2.0#1 request', 'request changed'],
      ['request 4.0#1 request', 'request changed'],
    ],
  },
  {
    of: 'refund',
    what: 'an early request and a late output',
    by: 'lenient',
    code: [
      ['graph.ts', '{ order: state.order }, draftRefund', "{ order: state.order, by: 'rule' }, draftRefund"],
      ['graph.ts', ', receipt ${receipt}`', ' (${receipt})`'],
    ],
    roots: [
      ['request 1.0#1 request.by', 'request changed'],
      ['output 3.0#1 delta.outcome', 'code changed'],
    ],
  },
  // Fixtures
  {
    of: 'refund',
    what: 'an edited output',
    fixture: [['', '"delta":{"amount":44}', '"delta":{"amount":45}']],
    roots: [['output 1.0#1 delta.amount', 'fixture stale or edited']],
  },
  {
    of: 'refund',
    what: 'an edited answer',
    fixture: [['', '"value":{"amount":44}', '"value":{"amount":45}']],
    roots: [['output 1.0#1 delta.amount', 'fixture stale or edited']],
  },
  {
    of: 'refund',
    what: 'an edited request',
    fixture: [['', '"request":{"amount":44,"order"', '"request":{"amount":45,"order"']],
    roots: [['request 3.0#1 request.amount', 'fixture stale or edited']],
  },
  {
    of: 'refund',
    what: 'an edited route',
    fixture: [['', '"routes":[{"kind":"goto","node":"pay"}]', '"routes":[{"kind":"stop"}]']],
    roots: [['route 2.0#1 route[0].kind', 'fixture stale or edited']],
  },
  {
    of: 'refund',
    what: 'a node that is gone',
    by: 'outputs',
    code: [
      ['graph.ts', "goto('pay')", "goto('payOut')"],
      ['graph.ts', ".node('pay'", ".node('payOut'"],
    ],
    roots: [
      ['graph graph.nodes["pay"]', 'graph changed'],
      ['error 2.0#1 result', 'fixture stale or edited'],
    ],
  },
  {
    of: 'web',
    what: 'a kind of field that the output does not fit',
    by: 'outputs',
    code: [['graph.ts', "upsert<Source>('url')", 'sum()']],
    roots: [
      ['graph graph.state.sources.initial', 'graph changed'],
      ['state 0 state.sources', 'graph changed'],
    ],
  },
  {
    of: 'desk',
    what: 'a payload that no node takes',
    by: 'outputs',
    code: [['graph.ts', '  inputs: { research: input<{ topic: string }>() },\n', '']],
    roots: [
      ['graph graph.nodes["research"].takesInput', 'graph changed'],
      ['error 1.0#1 result', 'fixture stale or edited'],
    ],
  },
  // Two runs
  {
    of: 'refund',
    what: 'another input',
    by: 'diff',
    fixture: [['', '"input":{"order":"A-17"}', '"input":{"order":"A-18"}']],
    roots: [['output 0 input.order', 'input changed']],
  },
  {
    of: 'refund',
    what: 'an early answer and a late one',
    by: 'diff',
    fixture: [
      ['', '"value":{"amount":44}', '"value":{"amount":45}'],
      ['', '"receipt":"R-A-17-44"', '"receipt":"R-A-17-45"'],
    ],
    roots: [
      ['answer 1.0#1 answer.amount', 'input changed'],
      ['answer 3.0#1 answer.receipt', 'input changed'],
    ],
  },
  {
    of: 'refund',
    what: 'an answer of a person',
    by: 'diff',
    fixture: [['', '"by":"Ada"', '"by":"Bob"']],
    roots: [['answer 2.0#1 answer.by', 'input changed']],
  },
  {
    of: 'refund',
    what: 'an output',
    by: 'diff',
    fixture: [['', '"outcome":"approved by Ada, receipt', '"outcome":"agreed by Ada, receipt']],
    roots: [['output 3.0#1 delta.outcome', 'code changed']],
  },
  {
    of: 'refund',
    what: 'what is next, though nothing decides it',
    by: 'diff',
    fixture: [['', '"at":"1","frontier":[{"node":"approve"}]', '"at":"1","frontier":[{"node":"pay"}]']],
    roots: [
      ['frontier 1 frontier[0]', 'engine fault'],
      ['frontier 1 frontier[0]', 'engine fault'],
    ],
  },
  // A run and its edited fixture
  {
    of: 'refund',
    what: 'an answer that somebody edited',
    by: 'edited',
    fixture: [['', '"value":{"amount":44}', '"value":{"amount":45}']],
    roots: [['answer 1.0#1 answer.amount', 'fixture stale or edited']],
  },
  {
    of: 'refund',
    what: 'an output that somebody edited',
    by: 'edited',
    fixture: [['', '"outcome":"approved by Ada, receipt', '"outcome":"agreed by Ada, receipt']],
    roots: [['output 3.0#1 delta.outcome', 'fixture stale or edited']],
  },
];
