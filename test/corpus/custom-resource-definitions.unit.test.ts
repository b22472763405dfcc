import { describe, expect, test } from '@jest/globals';
import { customResourceDefinitions } from './custom-resource-definitions.js';

const definitions = customResourceDefinitions();
const text = JSON.stringify(definitions);

describe('the definitions of custom resources', () => {
  test('are those that offline validation knows, with their scope and versions', () => {
    const names = definitions.map(({ metadata, spec }) => [metadata.name, spec.scope, spec.versions[0].name]);
    expect(names).toContainEqual(['externalsecrets.external-secrets.io', 'Namespaced', 'v1']);
    expect(names).toContainEqual(['clustersecretstores.external-secrets.io', 'Cluster', 'v1']);
    expect(names).toContainEqual(['gmsacredentialspecs.windows.k8s.io', 'Cluster', 'v1']);
    expect(names).toContainEqual(['podidentityassociations.eks.services.k8s.aws', 'Namespaced', 'v1alpha1']);
  });

  test('are structural: no references, no lists of types, none of the short forms of the stored schemas', () => {
    expect(text).not.toMatch(/"\$ref"|"type":\[|"x-key-defaults"|"format":"quantity"/);
  });

  test('keep the rules in CEL, which only a server evaluates', () => {
    expect(text).toContain('self.minReplicaCount <=');
  });

  test('ask for an approval in the groups that Kubernetes protects, and only there', () => {
    const protectedGroup = (name: string): boolean => name.endsWith('.k8s.io');
    for (const { metadata } of definitions)
      expect([metadata.name, Object.keys(metadata.annotations)]).toEqual([
        metadata.name,
        protectedGroup(metadata.name) ? ['api-approved.kubernetes.io'] : [],
      ]);
  });
});
