import { chmodSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { folder, service, task, tranship, type Run } from './cli.js';

/** A kubectl that answers like the real one (v1.32), from files beside it. */
const KUBECTL = `#!/bin/sh
here=$(dirname "$0")
if [ "$1" = config ]; then
  [ -f "$here/context" ] || { echo 'error: current-context is not set' >&2; exit 1; }
  cat "$here/context"; exit 0
fi
echo "$@" >> "$here/calls"
input=$(cat)
echo "$input" >> "$here/input"
cat "$here/output" 2>/dev/null
case "$input" in *'kind: Namespace'*) exit 0 ;; esac
cat "$here/errors" >&2 2>/dev/null
[ ! -f "$here/errors" ]
`;

const FILES = { 'task.json': task('web'), 'service.json': service('web', 'web') };

function kubectl(files: Readonly<Record<string, string>>): string {
  const bin = folder({ kubectl: KUBECTL, ...files });
  chmodSync(join(bin, 'kubectl'), 0o755);
  return bin;
}

function port(bin: string | undefined, cwd = folder(FILES)): Promise<Run> {
  const path = bin === undefined ? folder() : `${bin}${delimiter}${process.env['PATH'] ?? ''}`;
  return tranship(['port', 'task.json', 'service.json', '--validate', 'server', '--report', 'json'], {
    cwd,
    env: { PATH: path },
  });
}

const TAKEN = 'deployment.apps/web serverside-applied (server dry run)\n';

describe('--validate server', () => {
  let taken: Run;
  beforeAll(async () => {
    taken = await port(
      kubectl({ context: 'shop\n', output: `namespace/shop serverside-applied (server dry run)\n${TAKEN}` }),
    );
  });

  test('is content when the server takes everything', () => {
    expect(taken).toMatchObject({ code: 0 });
    expect(taken.err).not.toContain('error');
  });

  test('names each object that the server refuses, with what it says', async () => {
    const bin = kubectl({
      context: 'shop\n',
      output: 'namespace/shop serverside-applied (server dry run)\n',
      errors: 'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0\n',
    });
    const run = await port(bin);
    expect(run.code).toBe(4);
    expect(run.err).toContain('error: Deployment shop/web: refused by the server of context shop');
    expect(run.err).toContain('spec.replicas: Invalid value: -1');
    expect(run.err).not.toContain('Namespace shop: refused');
  });

  test('says that objects of a namespace cannot be tried before it is there', async () => {
    const errors = 'Error from server (NotFound): namespaces "shop" not found\n';
    const run = await port(
      kubectl({ context: 'shop\n', errors, output: 'namespace/shop serverside-applied (server dry run)\n' }),
    );
    expect(run.code).toBe(0);
    expect(run.err).toContain('warning: namespace shop is not in the cluster yet');
  });

  test.each([
    ['kubectl is not there', undefined, /kubectl is not in PATH \(install it, or use --validate offline\)/],
    ['there is no context', {}, /kubectl has no current context/],
    [
      'no server answers',
      { context: 'shop\n', errors: 'Unable to connect to the server: dial tcp 10.0.0.1:443: i/o timeout\n' },
      /context shop cannot be used: Unable to connect/,
    ],
  ])('ends with 2 and the reason when %s', async (_name, files, message) => {
    const run = await port(files === undefined ? undefined : kubectl(files));
    expect(run.code).toBe(2);
    expect(run.err).toMatch(message);
  });

  test('asks for a dry run by server-side apply, and for nothing else', async () => {
    const bin = kubectl({ context: 'shop\n', output: TAKEN });
    await port(bin);
    const calls = readFileSync(join(bin, 'calls'), 'utf8').trim().split('\n');
    expect(new Set(calls)).toEqual(new Set(['apply --server-side --dry-run=server --field-manager=tranship -f -']));
    expect(readFileSync(join(bin, 'input'), 'utf8')).toContain('kind: Deployment');
  });
});
