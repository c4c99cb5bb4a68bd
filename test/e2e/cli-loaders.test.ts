// Modules that Node cannot load by itself: with a loader that the config names, and what is said without one.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { reprise } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';
import { makeUserProject } from '../support/user-project.ts';

const folder = sharedFolder();
const config = (loaders: string): string => `export default { graphs: ['src/graph.ts'], ${loaders} };\n`;

beforeAll(() => {
  makeUserProject(folder, ['tsx'], {
    'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true, "paths": { "@lib/*": ["./lib/*"] } } }',
    'reprise.config.ts': config("import: ['tsx']"),
    'lib/tone.ts': "export enum Tone { warm = 'warm', cold = 'cold' }\n",
    'lib/greeter.ts': `import { Tone } from './tone';
function loud(_prototype: object, _name: string, property: PropertyDescriptor) {
  const calm = property.value as () => string;
  property.value = function (this: unknown) { return calm.call(this).toUpperCase(); };
}
export class Greeter {
  constructor(private readonly name: string) {}
  @loud greet() { return \`\${Tone.warm} \${this.name}\`; }
}
`,
    'src/graph.ts': `import { fields, graph, last } from 'reprise';
import { Greeter } from '@lib/greeter';
export const greeting = graph('greeting', { state: fields({ name: last<string>(), said: last('') }) })
  .node('greet', (state) => ({ delta: { said: new Greeter(state.name).greet() } }))
  .start('greet')
  .build();
`,
  });
});

it('an enum, a decorator, `paths` and missing extensions, with a loader of the config', async () => {
  const recorded = ['record', 'greeting', '--input', '{"name":"ann"}', '--run-id', 'one', '--out', 'fixtures/'];
  expect(await reprise(folder, recorded)).toMatchObject({ code: 0 });
  const replayed = await reprise(folder, ['replay']);
  expect(replayed).toMatchObject({ code: 0, out: expect.stringContaining('same as recorded') });
  const checked = await reprise(folder, ['check']);
  expect(checked).toMatchObject({ code: 0, out: expect.stringContaining('nothing to explore') });
});

it('without it: exit code 2, the file, what is in the way, and the setting; --import does the same', async () => {
  writeFileSync(join(folder, 'reprise.config.ts'), config(''));
  const { code, talk } = await reprise(folder, ['replay']);
  expect(code).toBe(2);
  expect(talk).toContain(join(folder, 'src/graph.ts'));
  expect(talk).toContain(`\`paths\` of ${join(folder, 'tsconfig.json')} maps "@lib/*"`);
  expect(talk).toContain("set `import: ['tsx']` in reprise.config.ts");
  const loaded = await reprise(folder, ['replay', '--import', 'tsx']);
  expect(loaded).toMatchObject({ code: 0, out: expect.stringContaining('same as recorded') });
});

it('a loader that is not installed is named, with what to install', async () => {
  const { code, talk } = await reprise(folder, ['replay', '--import', 'no-such-loader']);
  expect(code).toBe(2);
  expect(talk).toContain('cannot start the loader "no-such-loader"');
  expect(talk).toContain('npm install --save-dev no-such-loader');
});
