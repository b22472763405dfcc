import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { healingPolicySchema } from '../../../../charts/apps/operator/healing-policy-crd.js';
import { CAUSES as SCHEMA_CAUSES, HEALING_POLICY_SPEC } from '../../../../charts/apps/operator/healing-policy-spec.js';
import { HEALING_POLICY_STATUS } from '../../../../charts/apps/operator/healing-policy-status.js';
import type { StructuralSchema } from '../../../../charts/apps/operator/structural-schema.js';
import { CAUSES, type HealingPolicySpec } from '../../../../operators/healing/healing-policy.js';
import { problemsOf } from '../../../../operators/healing/policy-validity.js';
import { settingsOf } from '../../../../operators/healing/settings.js';

/** A type in words that both sides can be put into: `{ a?: string; b: [number] }`. */
type Shape = string | { readonly [field: string]: Shape } | readonly [Shape];

const source = ts.createSourceFile(
  'healing-policy.ts',
  readFileSync('operators/healing/healing-policy.ts', 'utf8'),
  ts.ScriptTarget.ES2024,
  true,
);

function shapeOfInterface(name: string): Shape {
  const declared = source.statements.filter(ts.isInterfaceDeclaration).find((each) => each.name.text === name);
  if (declared === undefined) throw new Error(`healing-policy.ts declares no interface ${name}`);
  return shapeOfMembers(declared.members);
}

/** What a name stands for that is no interface. Reasons are an open set in the schema. */
const NAMED: Readonly<Record<string, Shape>> = {
  Cause: CAUSES.join('|'),
  HoldReason: 'string',
  IntOrPercent: 'int-or-string',
};

function shapeOfType(node: ts.TypeNode): Shape {
  if (ts.isTypeOperatorNode(node)) return shapeOfType(node.type);
  if (ts.isArrayTypeNode(node)) return [shapeOfType(node.elementType)];
  if (ts.isTypeLiteralNode(node)) return shapeOfMembers(node.members);
  if (ts.isUnionTypeNode(node)) return node.types.map((type) => type.getText().replaceAll("'", '')).join('|');
  if (!ts.isTypeReferenceNode(node)) return node.getText();
  const name = node.typeName.getText();
  if (name === 'Readonly' || name === 'Record') {
    const argument = node.typeArguments?.at(-1);
    return argument === undefined ? '?' : name === 'Readonly' ? shapeOfType(argument) : { '*': shapeOfType(argument) };
  }
  return NAMED[name] ?? shapeOfInterface(name);
}

function shapeOfMembers(members: ts.NodeArray<ts.TypeElement>): Shape {
  return Object.fromEntries(
    members.filter(ts.isPropertySignature).map((member): [string, Shape] => {
      const optional = member.questionToken === undefined ? '' : '?';
      return [`${member.name.getText()}${optional}`, member.type === undefined ? '?' : shapeOfType(member.type)];
    }),
  );
}

function shapeOfSchema(schema: StructuralSchema): Shape {
  if (schema['x-kubernetes-int-or-string'] === true) return 'int-or-string';
  if (schema.items !== undefined) return [shapeOfSchema(schema.items)];
  if (schema.additionalProperties !== undefined) return { '*': shapeOfSchema(schema.additionalProperties) };
  if (schema.enum !== undefined) return schema.enum.join('|');
  if (schema.properties === undefined) return schema.type === 'integer' ? 'number' : (schema.type ?? '?');
  const required = new Set(schema.required);
  return Object.fromEntries(
    Object.entries(schema.properties).map(([name, child]): [string, Shape] => [
      required.has(name) ? name : `${name}?`,
      shapeOfSchema(child),
    ]),
  );
}

/** Every node of a schema with its path. */
function nodes(schema: StructuralSchema, path = ''): readonly (readonly [path: string, node: StructuralSchema])[] {
  return [
    [path, schema],
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) => nodes(child, `${path}.${name}`)),
    ...(schema.items === undefined ? [] : nodes(schema.items, `${path}[]`)),
    ...(schema.additionalProperties === undefined ? [] : nodes(schema.additionalProperties, `${path}{}`)),
  ];
}

describe('the schema of HealingPolicy', () => {
  test.each([
    ['HealingPolicySpec', HEALING_POLICY_SPEC],
    ['HealingPolicyStatus', HEALING_POLICY_STATUS],
  ] as const)('has the fields of the type %s, each way, with their types', (name, schema) => {
    expect(shapeOfSchema(schema)).toEqual(shapeOfInterface(name));
  });

  test('knows the causes in the order in which the operator looks for them', () => {
    expect(SCHEMA_CAUSES).toEqual(CAUSES);
  });

  test('explains every field in a sentence', () => {
    const mute = nodes(healingPolicySchema()).filter(([, { description = '' }]) => !/^[A-Z].+\.$/.test(description));
    expect(mute.map(([path]) => path)).toEqual([]);
  });

  test('bounds every list and number that people write', () => {
    const unbounded = nodes(HEALING_POLICY_SPEC).filter(
      ([, { type, maxItems, minimum }]) =>
        (type === 'array' && maxItems === undefined) || (type === 'integer' && minimum === undefined),
    );
    expect(unbounded.map(([path]) => path)).toEqual([]);
  });

  test('fills in the defaults by which the operator goes', () => {
    const selector = { matchLabels: { app: 'web' } };
    const filled = defaulted(HEALING_POLICY_SPEC, { selector }) as HealingPolicySpec;
    expect(Object.keys(filled).length).toBeGreaterThan(5);
    expect(settingsOf(filled)).toEqual(settingsOf({ selector }));
  });

  test('accepts nothing that the operator then calls invalid', () => {
    fc.assert(
      fc.property(arbitrary(HEALING_POLICY_SPEC, ['selector']), (spec) => {
        const selector = { matchLabels: { app: 'web' } };
        expect(problemsOf({ ...(spec as object), selector })).toEqual([]);
      }),
    );
  });
});

/** What the API server makes of a value. Source: Kubernetes, "Defaulting" of custom resources. */
function defaulted(schema: StructuralSchema, value: unknown): unknown {
  if (schema.properties === undefined || typeof value !== 'object' || value === null) return value;
  const result: Record<string, unknown> = { ...value };
  for (const [name, child] of Object.entries(schema.properties)) {
    const given = result[name] ?? child.default;
    if (given !== undefined) result[name] = defaulted(child, given);
  }
  return result;
}

/** Values that the schema takes: what its rules in CEL say of shares is built in. */
function arbitrary(schema: StructuralSchema, without: readonly string[] = []): fc.Arbitrary<unknown> {
  const share = fc.integer({ min: 1, max: 100 }).map((percent) => `${percent}%`);
  if (schema['x-kubernetes-int-or-string'] === true) return fc.oneof(share, fc.integer({ min: 1, max: 1000 }));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'integer') return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 1_000_000 });
  if (schema.items !== undefined) return fc.uniqueArray(arbitrary(schema.items), { maxLength: schema.maxItems ?? 5 });
  if (schema.properties === undefined) return share;
  const fields = Object.entries(schema.properties).filter(([name]) => !without.includes(name));
  const requiredKeys = fields.map(([name]) => name).filter((name) => schema.required?.includes(name));
  return fc.record(Object.fromEntries(fields.map(([name, child]) => [name, arbitrary(child)])), { requiredKeys });
}
