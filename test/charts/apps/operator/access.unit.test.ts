import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { NAMES } from '../../../../charts/apps/operator/names.js';
import { RESOURCE } from '../../../../operators/runtime/resource.js';
import { find, installation } from './installation.js';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

function rulesOf(kind: string): readonly Rule[] {
  return (find(kind, 'tranship-operator') as unknown as { rules: readonly Rule[] }).rules;
}

/** `list pods.` and `patch deployments.apps`: verb, resource and group of each right. */
function rights(rules: readonly Rule[]): readonly string[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}.${group}`))),
  );
}

/** Where the operator's calls stand. The simulator plays the API server; `explain` runs with its user's rights. */
function sources(folder = 'operators'): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return /simulator|explain/.test(entry.name) ? [] : sources(path);
    return /runtime\/(client-node-api|observed-api|write-fence|api-call)\.ts$/.test(path) ? [] : [path];
  });
}

const CONFIGURATIONS = 'validatingwebhookconfigurations.admissionregistration.k8s.io';

/**
 * The resources that an argument names: `RESOURCE.pod`, `RESOURCE[resource]` where a parameter `resource` has names for its
 * type, or the one resource that is declared beside its use.
 */
function resourcesOf(node: ts.Expression | undefined): readonly string[] {
  if (node?.getText() === 'CONFIGURATION') return [CONFIGURATIONS];
  return namesOf(node).flatMap((name) => {
    if (!Object.hasOwn(RESOURCE, name)) return [];
    const { plural, group } = RESOURCE[name as keyof typeof RESOURCE];
    return [`${plural}.${group}`];
  });
}

function namesOf(node: ts.Expression | undefined): readonly string[] {
  if (node === undefined || !/^RESOURCE\b/.test(node.getText())) return [];
  if (ts.isPropertyAccessExpression(node)) return [node.name.text];
  if (!ts.isElementAccessExpression(node)) return [];
  const declaring = ts.findAncestor(node, ts.isFunctionLike);
  const parameter = declaring?.parameters.find(({ name }) => name.getText() === node.argumentExpression.getText());
  return (parameter?.type?.getText() ?? '').split('|').map((name) => name.trim().replaceAll("'", ''));
}

/** Functions whose second argument is a resource that they read. */
const READERS = [
  [/[cC]ache/, ['list', 'watch']],
  [/^visitPages$/, ['list']],
] as const;

/** The rights that a call needs, found in its syntax. */
function needs(node: ts.Node): readonly string[] {
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'resource')
    return rightsTo(['list', 'watch'], resourcesOf(node.initializer));
  if (!ts.isCallExpression(node)) return [];
  const callee = node.expression;
  if (ts.isIdentifier(callee)) {
    const [, verbs = []] = READERS.find(([name]) => name.test(callee.text)) ?? [];
    return rightsTo(verbs, resourcesOf(node.arguments[1]));
  }
  if (!ts.isPropertyAccessExpression(callee)) return [];
  const verb = callee.name.text;
  if (verb === 'evict') return ['create pods/eviction.'];
  if (!/^(list|watch|get|create|apply|patch|delete)$/.test(verb)) return [];
  const toStatus = node.arguments.some((argument) => argument.getText().includes("subresource: 'status'"));
  const resources = resourcesOf(node.arguments[0]);
  return rightsTo(
    [verb === 'apply' ? 'patch' : verb],
    toStatus ? resources.map((resource) => resource.replace('.', '/status.')) : resources,
  );
}

function rightsTo(verbs: readonly string[], resources: readonly string[]): readonly string[] {
  return resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`));
}

const called = new Set<string>();
for (const path of sources()) {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2024, true);
  const visit = (node: ts.Node): void => {
    for (const right of needs(node)) called.add(right);
    node.forEachChild(visit);
  };
  visit(file);
}

const granted = rights([...rulesOf('ClusterRole'), ...rulesOf('Role')]);

describe("the operator's rights", () => {
  test('have no wildcard', () => {
    const roles = installation().filter(({ kind }) => /^(Cluster)?Role$/.test(kind));
    expect(roles.length).toBeGreaterThan(3);
    expect(JSON.stringify(roles)).not.toContain('*');
  });

  test('allow each call that the operator makes', () => {
    expect([...called].filter((right) => !granted.includes(right)).sort()).toEqual([]);
  });

  test('allow no call that the operator does not make', () => {
    expect([...new Set(granted)].filter((right) => !called.has(right)).sort()).toEqual([]);
  });

  test('on Secrets, Leases, ConfigMaps and webhooks name the object, but for its creation', () => {
    const rules = [...rulesOf('ClusterRole'), ...rulesOf('Role')].filter(({ resources }) =>
      /secrets|leases|configmaps|webhook/.test(resources.join(' ')),
    );
    for (const { resourceNames, verbs } of rules) expect(resourceNames === undefined).toBe(verbs.join() === 'create');
    expect(granted.filter((right) => /secrets/.test(right)).sort()).toEqual(['get secrets.', 'patch secrets.']);
  });

  test('name the ConfigMap in which the outbox keeps its cursor', () => {
    const outbox = readFileSync('operators/outbox/feature.ts', 'utf8');
    expect(/const CURSOR = '([^']+)'/.exec(outbox)?.[1]).toBe(NAMES.outboxCursor);
  });

  test('do not let it read Secrets or write ConfigMaps of other namespaces', () => {
    expect(rights(rulesOf('ClusterRole')).filter((right) => /secrets|configmaps|leases/.test(right))).toEqual([]);
  });
});
