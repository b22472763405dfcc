import { expect, test } from '@jest/globals';
import { App, Chart, Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import type { Manifest } from '../../charts/port/manifest.js';
import { manifestsOf } from '../../charts/port/port.js';
import { addManifest, renderYaml } from '../../charts/render.js';
import { taskDefinitions } from './port/arbitraries.js';
import { portOf } from './port/port-of.js';

/** What cdk8s itself makes of the objects. */
function synthesizedByCdk8s(manifests: readonly Manifest[]): string {
  const chart = new Chart(new App(), 'objects');
  for (const manifest of manifests) addManifest(chart, manifest);
  return Yaml.stringify(...(chart.toJson() as unknown[]));
}

test('the manifests of any task are rendered as a cdk8s chart of them is', () => {
  fc.assert(
    fc.property(taskDefinitions, (definition) => {
      const manifests = manifestsOf(portOf({ 'task.json': definition }).port);
      expect(renderYaml(manifests)).toBe(synthesizedByCdk8s(manifests));
    }),
    { numRuns: 30 },
  );
});

test('so are objects of any content', () => {
  const key = fc.constantFrom('b', 'a', 'B', '10', '9', 'a-b', 'data');
  const record = fc.dictionary(key, fc.string({ maxLength: 6 }), { maxKeys: 4, noNullPrototype: true });
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(null, undefined, 0, '', 'text', 'two\nlines', {}, []),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  const manifests = fc
    .record({
      rest: fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true }),
      labels: record,
      annotations: record,
    })
    .map(({ rest, ...metadata }): readonly Manifest[] => [
      { ...rest, kind: 'Thing', metadata: { name: 'a', ...metadata }, apiVersion: 'v1' },
      { ...rest, apiVersion: 'example.com/v1', kind: 'Thing', metadata: { ...metadata, namespace: 'shop', name: 'a' } },
    ]);
  fc.assert(fc.property(manifests, (objects) => expect(renderYaml(objects)).toBe(synthesizedByCdk8s(objects))));
});
