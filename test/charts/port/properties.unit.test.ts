import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readFiles } from '../../../charts/ecs/read.js';
import { KUBERNETES_VERSIONS } from '../../../charts/port/kubernetes-version.js';
import { manifestKey } from '../../../charts/port/manifest.js';
import { manifestsOf, type Port, portInput } from '../../../charts/port/port.js';
import { renderFiles } from '../../../charts/render.js';
import { createManifestValidator } from '../../../charts/validation/validate.js';
import { services, taskDefinitions } from './arbitraries.js';

const validators = KUBERNETES_VERSIONS.map((version) => createManifestValidator(version));
const pairs = taskDefinitions.chain((definition) =>
  services(String(definition['family'])).map((service) => ({ definition, service })),
);

function port(documents: readonly unknown[], kubernetes: Port['options']['kubernetes'] = '1.35'): Port {
  const files = documents.map((document, index) => ({ path: `${index}.json`, text: JSON.stringify(document) }));
  return portInput(readFiles(files).input, { kubernetes });
}

function leaves(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  const children = Object.values(value);
  return children.length === 0 ? 1 : children.reduce((sum: number, child) => sum + leaves(child), 0);
}

describe('any task definition and service that ECS accepts', () => {
  test('is rendered, and the API server of every version accepts the manifests', () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom(...validators), ({ definition, service }, validator) => {
        const result = port([definition, service], validator.version);
        expect(
          result.workloads.map((workload) => [
            workload.outcome,
            workload.diagnostics.filter((d) => d.severity === 'refused'),
          ]),
        ).toEqual([['rendered', []]]);
        expect(manifestsOf(result).flatMap((manifest) => validator.validate(manifest))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('yields the same bytes each time', () => {
    fc.assert(
      fc.property(pairs, ({ definition, service }) => {
        expect(renderFiles(port([definition, service]))).toEqual(renderFiles(port([definition, service])));
      }),
      { numRuns: 40 },
    );
  });

  test('has each of its leaves in the report exactly once, and every one was dealt with', () => {
    fc.assert(
      fc.property(pairs, ({ definition, service }) => {
        const { entries } = port([definition, service]);
        expect(entries).toHaveLength(leaves(definition) + leaves(service));
        expect(new Set(entries.map((entry) => `${entry.document} ${entry.path}`)).size).toBe(entries.length);
        expect(entries.filter((entry) => entry.untouched)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

test('names never collide, however alike the ECS names are', () => {
  const alike = fc.array(fc.stringMatching(/^[aA_-]{1,4}$|^[ab]{60,70}$/), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(alike, (names) => {
      const task = { family: 'shared', containerDefinitions: [{ name: 'app', image: 'app', memory: 128 }] };
      const all = [...new Set(names)].map((serviceName) => ({
        serviceName,
        cluster: 'shop',
        desiredCount: 1,
        taskDefinition: 'shared',
      }));
      const result = port([task, ...all]);
      const keys = manifestsOf(result).map(manifestKey);
      expect(result.workloads).toHaveLength(all.length);
      expect(new Set(keys).size).toBe(keys.length);
      expect(result.workloads.filter((workload) => workload.manifests.length === 0)).toEqual([]);
      expect(result.diagnostics.filter((diagnostic) => diagnostic.code === 'name-taken')).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

/** Replaces, removes or wraps one value somewhere in a document. */
function mutate(value: unknown, steps: readonly number[], replacement: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined || typeof value !== 'object' || value === null) return replacement;
  if (Array.isArray(value)) {
    if (value.length === 0) return replacement;
    const at = step % value.length;
    return value.map((item, index) => (index === at ? mutate(item, rest, replacement) : item));
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return replacement;
  const chosen = keys[step % keys.length] ?? '';
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === chosen ? mutate(item, rest, replacement) : item]),
  );
}

describe('input that ECS does not accept', () => {
  test('never crashes the port, and still has each leaf in the report once', () => {
    const steps = fc.array(fc.nat(20), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        pairs,
        fc.boolean(),
        steps,
        fc.oneof(
          fc.jsonValue({ maxDepth: 3 }),
          fc.constantFrom('${x}', '', -1, 1e99, '__proto__', [null], { __proto__x: 1 }),
        ),
        ({ definition, service }, first, path, replacement) => {
          const documents = first
            ? [mutate(definition, path, replacement), service]
            : [definition, mutate(service, path, replacement)];
          const result = port(documents);
          renderFiles(result);
          const expected = documents.reduce(
            (sum: number, document) => sum + leaves(JSON.parse(JSON.stringify(document))),
            0,
          );
          expect(result.entries.reduce((sum, entry) => sum + entry.leaves, 0)).toBe(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('never crashes the readers, whatever text it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })),
        fc.constantFrom('a.json', 'a.yaml', 'a.jsonnet'),
        (text, path) => {
          const { input } = readFiles([{ path, text }]);
          expect(portInput(input).workloads.length).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});
