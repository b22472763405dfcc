import { describe, expect, test } from '@jest/globals';
import { createManifestValidator } from '../../../charts/validation/validate.js';
import { changed, type Json, set, valid } from './manifests.js';

const validator = createManifestValidator('1.35');

/** What is checked, the field below a Deployment's pod spec, a value that passes, one that does not, where and what the finding says. */
export type PodCase = readonly [rule: string, field: string, good: unknown, bad: unknown, at: string, message: string];

/** Kind, what is checked, a field, a value that passes, one that does not, where and what the finding says. */
export type ObjectCase = readonly [
  kind: string,
  rule: string,
  field: string,
  good: unknown,
  bad: unknown,
  at: string,
  message: string,
];

/** What else a manifest has, by rule, where one field is not enough. */
export type Extra = ReadonlyMap<string, (manifest: Json) => void>;

/**
 * One test for each rule about pods: the good value has no finding at all, the bad one has the finding.
 *
 * @param extra what else the refused manifest has
 */
export function podCases(area: string, cases: readonly PodCase[], extra: Extra = new Map()): void {
  describe(`${area}:`, () => {
    test.each(cases)('%s', (rule, field, good, bad, at, message) => {
      const refused = changed('Deployment', `spec.template.spec.${field}`, bad);
      extra.get(rule)?.(refused);
      expect(validator.validate(changed('Deployment', `spec.template.spec.${field}`, good))).toEqual([]);
      expect(validator.validate(refused)).toContainEqual({
        object: 'Deployment shop/web',
        path: `spec.template.spec.${at}`,
        message: expect.stringContaining(message),
      });
    });
  });
}

/**
 * The same for rules about whole objects.
 *
 * @param extra what else both manifests have
 */
export function objectCases(area: string, cases: readonly ObjectCase[], extra: Extra = new Map()): void {
  describe(`${area}:`, () => {
    test.each(cases)('%s: %s', (kind, rule, field, good, bad, at, message) => {
      const findingsFor = (value: unknown): unknown => {
        const manifest = withField(kind, field, value);
        extra.get(rule)?.(manifest);
        return validator.validate(manifest);
      };
      expect(findingsFor(good)).toEqual([]);
      expect(findingsFor(bad)).toContainEqual(
        expect.objectContaining({ path: at, message: expect.stringContaining(message) }),
      );
    });
  });
}

/** Of a Job, `spec` is added to and not replaced: its pods are not what these cases are about. */
function withField(kind: string, field: string, value: unknown): Json {
  if (kind !== 'Job' || field !== 'spec') return changed(kind, field, value);
  const manifest = valid('Job');
  for (const [name, part] of Object.entries(value as Json)) set(manifest, `spec.${name}`, part);
  return manifest;
}
