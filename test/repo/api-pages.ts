// The reference of the API, made from the sources: a page a door, with what it exports, as it is declared and described.
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript-5.9';
import { textOf } from './repository.ts';
import { doors } from './rules.ts';

interface Exported {
  readonly name: string;
  readonly file: string;
  /** Its name where it is declared. */
  readonly declared: string;
}

type Described = ts.Node & { readonly jsDoc?: readonly ts.JSDoc[] };

const parsed = new Map<string, ts.SourceFile>();

function sourceOf(file: string): ts.SourceFile {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const source = ts.createSourceFile(file, textOf(file), ts.ScriptTarget.Latest, true);
  parsed.set(file, source);
  return source;
}

/** The pages by their names. */
export function apiPages(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(doors).map(([door, file]) => [pageName(door), pageOf(door, file)]));
}

/** Public names that no page says anything about but how they are declared and what they throw, each with the file that declares it. */
export function undescribedNames(): readonly string[] {
  return Object.entries(doors).flatMap(([door, file]) =>
    exportedBy(file)
      .filter((one) =>
        declarationsOf(one.file, one.declared).every((declaration) => /^(?:Throws: |$)/.test(docOf(declaration))),
      )
      .map((one) => `${pageName(door)}: ${one.name} (${one.file})`),
  );
}

function pageName(door: string): string {
  return door === '.' ? 'reprise.md' : `${door.slice(2).replaceAll('/', '-')}.md`;
}

function pageOf(door: string, file: string): string {
  const title = door === '.' ? 'reprise' : `reprise/${door.slice(2)}`;
  const exported = exportedBy(file).sort((left, right) => rank(left) - rank(right));
  const parts = exported.map((one) => sectionOf(one));
  return `# \`${title}\`\n\nMade from the docstrings of the sources.\n\n${parts.join('\n')}`;
}

/** What is called comes before what it is called with. Their own order stays. */
function rank({ file, declared }: Exported): number {
  const [first] = declarationsOf(file, declared);
  return first === undefined || ts.isInterfaceDeclaration(first) || ts.isTypeAliasDeclaration(first) ? 1 : 0;
}

function exportedBy(file: string): Exported[] {
  return sourceOf(file).statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) return namedIn(statement, file);
    const isExported = ts.canHaveModifiers(statement) && isMarked(statement, ts.SyntaxKind.ExportKeyword);
    return isExported ? namesOf(statement).map((name) => ({ name, file, declared: name })) : [];
  });
}

function namedIn({ exportClause, moduleSpecifier }: ts.ExportDeclaration, file: string): readonly Exported[] {
  if (exportClause === undefined || !ts.isNamedExports(exportClause)) throw new Error(`${file} exports no names`);
  const from = moduleSpecifier === undefined ? file : pathOf(moduleSpecifier, file);
  return exportClause.elements.map(({ name, propertyName }) => ({
    ...resolved(from, (propertyName ?? name).text),
    name: name.text,
  }));
}

/** Follows a name that is passed on, or imported to be, to where it is declared. */
function resolved(file: string, name: string): Pick<Exported, 'file' | 'declared'> {
  if (declarationsOf(file, name).length > 0) return { file, declared: name };
  const imported = importedAs(file, name);
  if (imported !== undefined) return resolved(imported.file, imported.declared);
  const passedOn = exportedBy(file).find((one) => one.name === name);
  if (passedOn === undefined) throw new Error(`${file} does not declare ${name}`);
  return passedOn;
}

function importedAs(file: string, name: string): Pick<Exported, 'file' | 'declared'> | undefined {
  for (const { importClause, moduleSpecifier } of sourceOf(file).statements.filter(ts.isImportDeclaration)) {
    const named = importClause?.namedBindings;
    const elements = named !== undefined && ts.isNamedImports(named) ? named.elements : [];
    const found = elements.find((element) => element.name.text === name);
    if (found !== undefined)
      return { file: pathOf(moduleSpecifier, file), declared: (found.propertyName ?? found.name).text };
  }
  return undefined;
}

function pathOf(specifier: ts.Expression, file: string): string {
  return normalize(join(dirname(file), (specifier as ts.StringLiteral).text));
}

function isMarked(node: ts.HasModifiers, kind: ts.SyntaxKind): boolean {
  return ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) === true;
}

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  const { name } = statement as ts.Statement & { readonly name?: ts.Identifier };
  return name === undefined ? [] : [name.text];
}

function declarationsOf(file: string, name: string): readonly ts.Statement[] {
  return sourceOf(file).statements.filter(
    (statement) => !ts.isExportDeclaration(statement) && namesOf(statement).includes(name),
  );
}

function sectionOf({ name, file, declared }: Exported): string {
  const all = declarationsOf(file, declared);
  // Overloads are what is called; the one with the body is how it is done.
  const overloads = all.filter((one) => ts.isFunctionDeclaration(one) && one.body === undefined);
  const shown = overloads.length > 0 ? overloads : all;
  const text = shown.map((one) => declaredText(one).replace(declared, name)).join('\n');
  const code = text.replaceAll(/(\w+)(: (?:(?!\w+: )[^=])*?) = noOptions/g, '$1?$2');
  const described = all.map(docOf).filter((text) => text !== '');
  return `## \`${name}\`\n\n\`\`\`ts\n${code}\n\`\`\`\n${described.map((text) => `\n${text}\n`).join('')}`;
}

/** The text of a docstring, with what it says of errors at its end. */
function docOf(node: Described): string {
  const comment = node.jsDoc?.at(-1);
  if (comment === undefined) return '';
  const lines = comment
    .getText()
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
  return lines
    .join('\n')
    .trim()
    .replaceAll(/^```ts .*$/gm, '```ts')
    .replaceAll(/^@throws /gm, 'Throws: ');
}

function declaredText(node: ts.Statement): string {
  if (ts.isFunctionDeclaration(node)) return `${upTo(node, node.body).replace(/;$/, '')};`;
  if (ts.isClassDeclaration(node)) return classText(node);
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map(constText).join('\n');
  return upTo(node, undefined);
}

/** The text of a declaration, without `export` and without what comes from there on. */
function upTo(node: ts.Node, end: ts.Node | undefined): string {
  const text = node.getSourceFile().text.slice(node.getStart(), end?.getFullStart() ?? node.getEnd());
  return text
    .replace(/^export (?:default )?/, '')
    .replace(/^async /, '')
    .trimEnd();
}

function constText({ name, type, initializer }: ts.VariableDeclaration): string {
  if (type !== undefined) return `const ${name.getText()}: ${type.getText()};`;
  if (initializer !== undefined && ts.isArrowFunction(initializer)) {
    const head = initializer
      .getSourceFile()
      .text.slice(initializer.getStart(), initializer.equalsGreaterThanToken.getStart());
    return `const ${name.getText()} = ${head.replace(/^async /, '').trim()} => …;`;
  }
  return `const ${name.getText()} = ${initializer?.getText() ?? '…'};`;
}

/** What others see of a class. */
function classText(node: ts.ClassDeclaration): string {
  const open = node
    .getSourceFile()
    .text.indexOf('{', node.heritageClauses?.end ?? node.typeParameters?.end ?? node.name?.end);
  const head = node
    .getSourceFile()
    .text.slice(node.getStart(), open)
    .replace(/^export /, '')
    .trimEnd();
  const members = node.members.filter(isSeen).map((member) => memberText(member));
  return `${head} {\n${members.join('\n')}\n}`;
}

function isSeen(member: ts.ClassElement): boolean {
  if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return false;
  return !(ts.canHaveModifiers(member) && isMarked(member, ts.SyntaxKind.PrivateKeyword));
}

function memberText(member: ts.ClassElement & Described): string {
  const { body, initializer } = member as { readonly body?: ts.Node; readonly initializer?: ts.Node };
  const end = body ?? initializer;
  const text = upTo(member, end).replace(/\s*=$/, '').replace(/;$/, '');
  const doc = member.jsDoc?.at(-1)?.getText();
  return `${doc === undefined ? '' : `  ${doc}\n`}  ${text};`;
}
