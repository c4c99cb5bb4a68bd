// Reads what the rules ask about a TypeScript file from its syntax tree, so that comments and texts do not count.
// TypeScript 7 has no interface for programs; the older version that the type tests use has one.
import ts from 'typescript-5.9';
import { bannedCalls } from './rules.ts';

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

export interface ClassShape {
  readonly name: string;
  readonly line: number;
  /** Methods, getters, setters and fields that a user of the class can name, static ones too. */
  readonly publicMemberCount: number;
}

export interface SourceFile {
  readonly imports: readonly Import[];
  /** Names of `bannedCalls` that are used, by their line. */
  readonly banned: readonly { readonly name: string; readonly line: number }[];
  readonly starExports: readonly number[];
  readonly defaultExports: readonly number[];
  readonly classes: readonly ClassShape[];
  /** Lines that assign a function to a property as it is written. */
  readonly heldFunctions: readonly number[];
}

/** By path. */
export type Sources = ReadonlyMap<string, SourceFile>;

const assignments = new Set<ts.SyntaxKind>([
  ts.SyntaxKind.EqualsToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
  ts.SyntaxKind.BarBarEqualsToken,
]);

const memberNames = new Set(bannedCalls.filter(({ name }) => name.startsWith('.')).map(({ name }) => name.slice(1)));
const plainNames = new Set(bannedCalls.filter(({ name }) => !name.startsWith('.')).map(({ name }) => name));

export function readSource(path: string, text: string): SourceFile {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const imports: Import[] = [];
  const banned: { name: string; line: number }[] = [];
  const starExports: number[] = [];
  const defaultExports: number[] = [];
  const classes: ClassShape[] = [];
  const heldFunctions: number[] = [];
  const lineOf = (node: ts.Node): number => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
  const visit = (node: ts.Node): void => {
    const specifier = importedFrom(node);
    if (specifier !== undefined) imports.push({ specifier, line: lineOf(node) });
    for (const name of bannedNames(node)) banned.push({ name, line: lineOf(node) });
    if (ts.isExportDeclaration(node) && (node.exportClause === undefined || ts.isNamespaceExport(node.exportClause))) {
      starExports.push(lineOf(node));
    }
    if (isDefaultExport(node)) defaultExports.push(lineOf(node));
    if (ts.isClassLike(node)) {
      const name = node.name?.text ?? 'class';
      classes.push({ name, line: lineOf(node), publicMemberCount: publicMemberCount(node) });
    }
    if (holdsFunction(node)) heldFunctions.push(lineOf(node));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { imports, banned, starExports, defaultExports, classes, heldFunctions };
}

/** `this.go = () => …` */
function holdsFunction(node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node) || !assignments.has(node.operatorToken.kind)) return false;
  const { left, right } = node;
  const isProperty = ts.isPropertyAccessExpression(left) || ts.isElementAccessExpression(left);
  const given = ts.isParenthesizedExpression(right) ? right.expression : right;
  return isProperty && (ts.isArrowFunction(given) || ts.isFunctionExpression(given));
}

/** The module that a declaration, an `import()` or an `import('…')` type names. */
function importedFrom(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literalOf(node.moduleSpecifier);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return literalOf(node.arguments[0]);
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return literalOf(node.argument.literal);
  return undefined;
}

function literalOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === 'default';
  return hasModifier(node, ts.SyntaxKind.DefaultKeyword);
}

function publicMemberCount(node: ts.ClassLikeDeclaration): number {
  const declared = node.members.filter((member) => isPublicMember(member)).length;
  const ownConstructor = node.members.find((member) => ts.isConstructorDeclaration(member));
  const fromParameters = ownConstructor?.parameters.filter(
    (parameter) => ts.isParameterPropertyDeclaration(parameter, parameter.parent) && !isHidden(parameter),
  );
  return declared + (fromParameters?.length ?? 0);
}

/** An overload without a body is counted with the method that it describes. */
function isPublicMember(member: ts.ClassElement): boolean {
  if (
    ts.isMethodDeclaration(member) &&
    member.body === undefined &&
    !hasModifier(member, ts.SyntaxKind.AbstractKeyword)
  )
    return false;
  const isNamed = ts.isMethodDeclaration(member) || ts.isAccessor(member) || ts.isPropertyDeclaration(member);
  return isNamed && !ts.isPrivateIdentifier(member.name) && !isHidden(member);
}

function isHidden(node: ts.Node): boolean {
  return hasModifier(node, ts.SyntaxKind.PrivateKeyword) || hasModifier(node, ts.SyntaxKind.ProtectedKeyword);
}

function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind);
}

function bannedNames(node: ts.Node): readonly string[] {
  if (ts.isNewExpression(node)) return isDate(node.expression) && !node.arguments?.length ? ['new Date()'] : [];
  if (ts.isCallExpression(node)) return isDate(node.expression) ? ['new Date()'] : [];
  if (ts.isPropertyAccessExpression(node)) return namesOf(chainOf(node), node.name.text);
  if (ts.isIdentifier(node)) return isReference(node) ? namesOf(node.text, undefined) : [];
  if (ts.isImportSpecifier(node)) return namesOf(undefined, (node.propertyName ?? node.name).text);
  if (ts.isBindingElement(node)) return takenApart(node);
  return [];
}

function namesOf(chain: string | undefined, member: string | undefined): readonly string[] {
  if (chain !== undefined && plainNames.has(chain)) return [chain];
  return member !== undefined && memberNames.has(member) ? [`.${member}`] : [];
}

/** `const { env } = process` is a use of `process.env`. */
function takenApart(node: ts.BindingElement): readonly string[] {
  const name = node.propertyName ?? node.name;
  const declaration = node.parent.parent;
  if (!ts.isIdentifier(name) || !ts.isVariableDeclaration(declaration)) return [];
  const from = declaration.initializer === undefined ? undefined : chainOf(declaration.initializer);
  if (from === undefined) return [];
  return namesOf(from === 'globalThis' ? name.text : `${from}.${name.text}`, name.text);
}

/** `globalThis.Date.now` is `Date.now`; undefined for anything but names joined by dots. */
function chainOf(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node)) return node.text;
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const before = chainOf(node.expression);
  if (before === undefined) return undefined;
  return before === 'globalThis' ? node.name.text : `${before}.${node.name.text}`;
}

function isDate(node: ts.Expression): boolean {
  return chainOf(node) === 'Date';
}

/** Whether an identifier stands for a value: not a member's name, not a declared name, not a type. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if ('name' in parent && parent.name === node) return false;
  if ('propertyName' in parent && parent.propertyName === node) return false;
  return !ts.isTypeNode(parent) && !ts.isQualifiedName(parent);
}
