import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { filesIn, folder, tranship } from './cli.js';

const FILES = [
  '.tranship',
  '0-namespace.yaml',
  '1-healing-policies.yaml',
  '2-access.yaml',
  '3-operator.yaml',
  '4-admission.yaml',
  '5-monitoring.yaml',
];

describe('tranship operator', () => {
  test('writes the installation and prints the command that applies it; a second run changes nothing', async () => {
    const cwd = folder();
    const words = ['operator', '--image', 'registry.example/tranship:1', '--namespace', 'healing'];
    const first = await tranship(words, { cwd });
    expect(first).toMatchObject({ code: 0, out: 'kubectl apply -f dist/operator\n' });
    expect(filesIn(join(cwd, 'dist/operator'))).toEqual(FILES);
    const deployment = readFileSync(join(cwd, 'dist/operator/3-operator.yaml'), 'utf8');
    expect(deployment).toContain('image: registry.example/tranship:1\n');
    expect(deployment).toContain('namespace: healing\n');
    expect((await tranship(words, { cwd })).err).toContain('0 files written, 6 unchanged');
  });

  test('says what differs between clusters: the image, and whether nodes are avoided', async () => {
    const cwd = folder();
    const older = await tranship(['operator', '--dry-run'], { cwd });
    expect(older.err).toContain('no --image');
    expect(older.err).toContain('Kubernetes 1.35 has no MutatingAdmissionPolicy');
    const newer = await tranship(['operator', '--dry-run', '--kubernetes', '1.36'], { cwd });
    expect(newer.err).toContain('Karpenter');
    const without = await tranship(['operator', '--dry-run', '--kubernetes', '1.36', '--no-avoid-nodes'], { cwd });
    expect(without.err).not.toMatch(/Karpenter|MutatingAdmissionPolicy/);
    expect(filesIn(cwd)).toEqual([]);
  });

  test.each([
    [['--namespace', 'Healing'], /at most 63 of a-z, 0-9 and -/],
    [['--otlp-endpoint', 'collector:4318'], /It must be a URL without credentials/],
    [['--otlp-endpoint', 'http://me:secret@collector:4318'], /It must be a URL without credentials/],
    [['--kubernetes', '1.32'], /Allowed choices are 1\.33, 1\.34, 1\.35, 1\.36/],
  ])('refuses %j', async (words, reason) => {
    const run = await tranship(['operator', ...words], { cwd: folder() });
    expect(run.code).toBe(2);
    expect(run.err).toMatch(reason);
  });
});
