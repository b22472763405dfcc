import { describe, expect, it } from '@jest/globals';
import { failuresAllowed, readConfiguration } from '../../../operators/deployment/configuration.js';
import { digestOf, projectDeployment, projectReplicaSet } from '../../../operators/deployment/project-deployment.js';
import { readState, writeState } from '../../../operators/deployment/deployment-state.js';
import { deploy } from '../../charts/port/deploy.js';
import { aState } from './given.js';

describe('the configuration', () => {
  it('is read as the port writes it', () => {
    const deploymentConfiguration = {
      deploymentCircuitBreaker: {
        enable: true,
        rollback: true,
        resetOnHealthyTask: false,
        thresholdConfiguration: { type: 'COUNT', value: 7 },
      },
    };
    const { annotations } = deploy({ desiredCount: 4, deploymentConfiguration }).result;
    expect(readConfiguration(annotations['tranship.dev/deployment-configuration'])).toEqual({
      enabled: true,
      rollback: true,
      threshold: { type: 'COUNT', value: 7 },
      resetOnHealthyTask: false,
    });
  });

  it('has the defaults of ECS', () => {
    expect(readConfiguration('{"deploymentCircuitBreaker":{"enable":true}}')).toEqual({
      enabled: true,
      rollback: false,
      threshold: { type: 'BOUNDED_PERCENT', value: 50 },
      resetOnHealthyTask: true,
    });
  });

  it('is none where the annotation is absent', () => {
    expect(readConfiguration(undefined)).toBeUndefined();
  });

  it.each([
    '',
    '[]',
    'null',
    '{"deploymentCircuitBreaker":{"enable":"true"}}',
    '{"deploymentCircuitBreaker":{"enable":true,"thresholdConfiguration":{"type":"COUNT"}}}',
    '{"deploymentCircuitBreaker":{"enable":true,"thresholdConfiguration":{"type":"SOME","value":1}}}',
    '{"deploymentCircuitBreaker":{"enable":true,"thresholdConfiguration":{"type":"COUNT","value":-1}}}',
    '{"__proto__":{"deploymentCircuitBreaker":{"enable":true}}}',
  ])('that cannot be understood fails no deployment: %s', (text) => {
    expect(readConfiguration(text)).toMatchObject({ enabled: false });
  });
});

describe('the failures that fail a deployment', () => {
  it.each([
    ['BOUNDED_PERCENT', 50, 1, 3],
    ['BOUNDED_PERCENT', 50, 9, 5],
    ['BOUNDED_PERCENT', 50, 1000, 200],
    ['UNBOUNDED_PERCENT', 50, 1, 1],
    ['UNBOUNDED_PERCENT', 50, 1000, 500],
    ['UNBOUNDED_PERCENT', 1, 0, 1],
    ['COUNT', 7, 1000, 7],
  ] as const)('%s %d of %d tasks: %d', (type, value, desired, failures) => {
    expect(failuresAllowed({ type, value }, desired)).toBe(failures);
  });
});

describe('the state', () => {
  it('is read as it was written', () => {
    const state = aState({
      held: true,
      failed: [{ template: 'v0', at: '2026-01-01T00:00:00Z', evidence: 'e', outcome: 'paused' }],
    });
    expect(readState(writeState(state))).toEqual(state);
  });

  it('is bounded', () => {
    const failures = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`pod${index}`, 1]));
    expect(writeState(aState({ failures })).length).toBeLessThan(20_000);
  });

  it.each(['', '{}', 'null', '{"template":1}', '{"template":"v1","rolloutState":"DONE"}'])(
    'that is none is as no state: %s',
    (text) => {
      expect(readState(text)).toBeUndefined();
    },
  );
});

describe('a revision', () => {
  const template = {
    metadata: { labels: { app: 'web' }, annotations: { a: '1' } },
    spec: { containers: [{ name: 'app', image: 'shop/web:2' }] },
  };

  it('is known by its template, without the label that the ReplicaSet adds, in any order of fields', () => {
    const { spec, metadata } = template;
    const labelled = {
      spec,
      metadata: { annotations: metadata.annotations, labels: { 'pod-template-hash': 'x', app: 'web' } },
    };
    expect(digestOf(labelled)).toBe(digestOf(template));
    expect(digestOf({ ...template, spec: { containers: [] } })).not.toBe(digestOf(template));
    const meta = { name: 'web', annotations: { 'tranship.dev/deployment-configuration': '{}' } };
    expect(projectReplicaSet({ metadata: { name: 'web-1' }, spec: { template: labelled } }).template).toBe(
      projectDeployment({ metadata: meta, spec: { template } }).template,
    );
  });
});
