/**
 * Writes `model.generated.json`: every field of the AWS API structures that the readers accept, with its type, allowed
 * values and whether it is required, taken from the type declarations of the AWS SDK for JavaScript that package.json
 * pins. Run by `npm run model` after the SDK is upgraded; a test fails while the file is behind.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { FieldType, Model, StructureModel } from './model.js';

/** The structures that inputs start from, by SDK client; what they refer to is followed. */
const ROOTS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'ecs',
    [
      'RegisterTaskDefinitionRequest',
      'TaskDefinition',
      'CreateServiceRequest',
      'UpdateServiceRequest',
      'Service',
      'ServiceRevision',
      'RunTaskRequest',
      'Cluster',
    ],
  ],
  [
    'application-auto-scaling',
    [
      'ScalableTarget',
      'RegisterScalableTargetRequest',
      'ScalingPolicy',
      'PutScalingPolicyRequest',
      'ScheduledAction',
      'PutScheduledActionRequest',
    ],
  ],
  ['eventbridge', ['Rule', 'PutRuleRequest', 'Target', 'PutTargetsRequest']],
  ['scheduler', ['CreateScheduleInput', 'GetScheduleOutput']],
  ['elastic-load-balancing-v2', ['TargetGroup', 'CreateTargetGroupInput', 'TargetGroupAttribute']],
  ['cloudwatch', ['MetricAlarm']],
]);

/** `number` in the declarations says nothing about fractions; these are doubles in the service models. */
const DOUBLES = new Set([
  'stepPercent',
  'canaryPercent',
  'TargetValue',
  'MetricIntervalLowerBound',
  'MetricIntervalUpperBound',
  'Threshold',
  'ScaleOutThreshold',
  'value',
]);

/** @param root the folder that holds `node_modules` */
export function generateModel(root: string): Model {
  const structures: Record<string, StructureModel> = {};
  for (const [service, names] of ROOTS) {
    const declarations = readDeclarations(
      join(root, 'node_modules/@aws-sdk', `client-${service}`, 'dist-types/models'),
    );
    const pending = [...names];
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      const key = `${service}.${name}`;
      if (structures[key] !== undefined) continue;
      const declaration = declarations.interfaces.get(name);
      if (declaration === undefined) throw new Error(`the SDK declares no structure ${key}; correct ROOTS`);
      const fields: Record<string, StructureModel[string]> = {};
      for (const member of declaration.members) {
        if (!ts.isPropertySignature(member) || member.type === undefined || !ts.isIdentifier(member.name)) continue;
        const fieldName = member.name.text;
        const type = typeOf(member.type, fieldName, service, declarations, pending);
        fields[fieldName] = member.questionToken === undefined ? { type, required: true } : { type };
      }
      structures[key] = fields;
    }
  }
  return { structures: Object.fromEntries(Object.entries(structures).sort(([a], [b]) => (a < b ? -1 : 1))) };
}

interface Declarations {
  readonly interfaces: Map<string, ts.InterfaceDeclaration>;
  readonly enums: Map<string, readonly string[]>;
  readonly unions: Set<string>;
}

function readDeclarations(folder: string): Declarations {
  const found: Declarations = { interfaces: new Map(), enums: new Map(), unions: new Set() };
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.d.ts'))) {
    const source = ts.createSourceFile(name, readFileSync(join(folder, name), 'utf8'), ts.ScriptTarget.Latest);
    for (const statement of source.statements) {
      if (ts.isInterfaceDeclaration(statement)) found.interfaces.set(statement.name.text, statement);
      if (ts.isTypeAliasDeclaration(statement) && ts.isUnionTypeNode(statement.type))
        found.unions.add(statement.name.text);
      if (!ts.isVariableStatement(statement)) continue;
      for (const declaration of statement.declarationList.declarations) {
        if (
          !ts.isIdentifier(declaration.name) ||
          declaration.type === undefined ||
          !ts.isTypeLiteralNode(declaration.type)
        )
          continue;
        const values = declaration.type.members.flatMap((member) =>
          ts.isPropertySignature(member) &&
          member.type !== undefined &&
          ts.isLiteralTypeNode(member.type) &&
          ts.isStringLiteral(member.type.literal)
            ? [member.type.literal.text]
            : [],
        );
        if (values.length > 0) found.enums.set(declaration.name.text, values);
      }
    }
  }
  return found;
}

function typeOf(
  node: ts.TypeNode,
  field: string,
  service: string,
  declarations: Declarations,
  pending: string[],
): FieldType {
  const inner = (next: ts.TypeNode): FieldType => typeOf(next, field, service, declarations, pending);
  if (ts.isUnionTypeNode(node)) {
    const rest = node.types.filter((type) => type.kind !== ts.SyntaxKind.UndefinedKeyword);
    return rest[0] === undefined ? 'document' : inner(rest[0]);
  }
  if (ts.isParenthesizedTypeNode(node)) return inner(node.type);
  if (ts.isArrayTypeNode(node)) return { list: inner(node.elementType) };
  if (node.kind === ts.SyntaxKind.StringKeyword) return 'string';
  if (node.kind === ts.SyntaxKind.BooleanKeyword) return 'boolean';
  if (node.kind === ts.SyntaxKind.NumberKeyword) return DOUBLES.has(field) ? 'double' : 'integer';
  if (!ts.isTypeReferenceNode(node) || !ts.isIdentifier(node.typeName)) return 'document';
  const name = node.typeName.text;
  const argument = node.typeArguments?.at(-1);
  if (name === 'Record') return { map: argument === undefined ? 'document' : inner(argument) };
  if (name === 'Date') return 'timestamp';
  const values = declarations.enums.get(name);
  if (values !== undefined) return { enum: values };
  if (!declarations.interfaces.has(name)) return 'document';
  pending.push(name);
  return { structure: `${service}.${name}` };
}

/** The project's folder: the nearest one upward that holds package.json. */
function projectRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

if (process.argv[1] === import.meta.filename) {
  const root = projectRoot();
  const target = join(root, 'charts/ecs/model/model.generated.json');
  writeFileSync(target, `${JSON.stringify(generateModel(root))}\n`);
  process.stdout.write(`wrote ${target}\n`);
}
