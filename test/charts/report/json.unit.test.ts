import { describe, expect, test } from '@jest/globals';
import { type JsonReport, renderJson } from '../../../charts/report/json.js';
import { field, report } from './sample.js';

function json(given = report()): JsonReport {
  return JSON.parse([...renderJson(given)].join('')) as JsonReport;
}

describe('the JSON report', () => {
  test('has the members that are documented, in a fixed order', () => {
    expect(Object.keys(json())).toEqual([
      'schemaVersion',
      'kubernetes',
      'counts',
      'objects',
      'workloads',
      'shared',
      'documents',
      'prerequisites',
      'trustChanges',
      'placeholders',
      'assumptions',
      'leftBehind',
      'diagnostics',
    ]);
    expect(json().schemaVersion).toBe(1);
  });

  test('gives each field below its document, with line and column', () => {
    expect(json().documents[0]?.fields[1]).toEqual({
      path: 'services[0].desiredCount',
      line: 24,
      column: 3,
      fidelity: 'near',
      kubernetes: ['Deployment.spec.replicas'],
      leaves: 1,
      lost: 'the autoscaler decides',
      workload: 'Deployment shop/web',
    });
  });

  test('lists no field below its workload, so that each stands there once', () => {
    expect(json().workloads[0]).not.toHaveProperty('fields');
    expect(json().documents[0]?.fields).toHaveLength(5);
  });

  test('keeps one field a line', () => {
    const lines = [...renderJson(report())].join('').split('\n');
    expect(lines.filter((line) => line.includes('"line":') && line.startsWith('      {'))).toHaveLength(5);
  });

  test('is valid for an empty report too', () => {
    const empty = report({
      workloads: [],
      shared: [],
      documents: [],
      prerequisites: [],
      trustChanges: [],
      placeholders: [],
      assumptions: [],
      leftBehind: [],
    });
    expect(json(empty).documents).toEqual([]);
  });

  test('does not depend on the order in which the members of an entry were set', () => {
    const one = field('a', { fidelity: 'near', lost: 'x', todo: 'y' });
    const other = Object.fromEntries(Object.entries(one).toReversed()) as unknown as typeof one;
    const text = (given: typeof one): string =>
      [...renderJson(report({ documents: [{ path: 'p', counts: report().counts, fields: [given] }] }))].join('');
    expect(text(other)).toBe(text(one));
  });
});
