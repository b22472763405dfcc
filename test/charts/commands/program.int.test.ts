import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { filesIn, folder, task, tranship } from './cli.js';

describe('the command line', () => {
  test('tells its version, its commands, and of a command the options, examples and exit codes', async () => {
    const cwd = folder();
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await tranship(['--version'], { cwd })).toMatchObject({ code: 0, out: `${version}\n` });
    expect((await tranship([], { cwd })).out).toContain('Commands:');
    const help = await tranship(['port', '--help'], { cwd });
    expect(help.code).toBe(0);
    for (const word of ['--from-cluster', '--fail-on', 'Examples:', 'Exit codes:', '130'])
      expect(help.out).toContain(word);
  });

  test.each([
    [['port', '--otu', 'x'], /unknown option '--otu'\n\(Did you mean --out\?\)/],
    [['prot'], /unknown command 'prot'\n\(Did you mean port\?\)/],
    [['port'], /nothing to port: name files or folders, `-` for standard input, or a cluster with --from-cluster/],
    [['port', 'x', '--kubernetes', '1.20'], /'1\.20' is invalid\. Allowed choices are 1\.33, 1\.34, 1\.35, 1\.36/],
    [['port', 'x', '--parameter', '=1'], /Write NAME=VALUE/],
    [['port', 'x', '--account', '12'], /An account id has 12 digits/],
    [['port', 'x', '--namespace', 'Shop'], /lower-case letters/],
    [['port', 'x', '--region', 'Ireland'], /Write it as in eu-west-1/],
    [['port', 'x', '--report-file', 'report'], /its ending does not tell the format/],
    [['port', 'x', '--report-file', 'dist/report.json'], /kubectl apply would take it for a manifest/],
    [['port', 'x', '--json', '--report', 'tree'], /both want standard output/],
    [['port', 'x', '--parameters', 'none.json'], /--parameters none\.json: cannot be read/],
  ])('ends with 2 and says what is allowed for %j', async (words, message) => {
    const run = await tranship(words, { cwd: folder() });
    expect(run.code).toBe(2);
    expect(run.err).toMatch(message);
    expect(run.out).toBe('');
  });

  test.each([
    [{ FORCE_COLOR: '1' }, [], true],
    [{}, [], false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, [], false],
    [{ FORCE_COLOR: '1' }, ['--no-color'], false],
    [{ FORCE_COLOR: '0' }, [], false],
  ])('colours as %j and %j say', async (env, flags, colored) => {
    const cwd = folder({ 'task.json': task('web') });
    const { out, err } = await tranship(['port', 'task.json', '--dry-run', ...flags], { cwd, env });
    expect(out.includes('\u001b[')).toBe(colored);
    expect(err).not.toContain('\r');
  });

  test('shows the example account in a few screens, writes it, and says what to do next', async () => {
    const cwd = folder();
    const run = await tranship(['demo'], { cwd });
    expect(run.code).toBe(0);
    expect(run.out).toMatch(/^8 workloads, \d+ objects/);
    for (const name of [
      'web',
      'orders',
      'catalog',
      'payments',
      'inventory',
      'node-metrics',
      'nightly-report',
      'migrate',
    ]) {
      expect(run.out).toContain(`shop/${name}`);
    }
    expect(run.out.split('\n').length).toBeLessThan(200);
    expect(run.out).toContain('What to do next');
    expect(filesIn(join(cwd, 'dist'))).toContain('shop/web.yaml');
    expect(run.err).not.toMatch(/error|warning/);
  });

  test('survives a reader that closes standard output early', async () => {
    const cwd = folder({ 'task.json': task('web') });
    const { code, err } = await tranship(['port', 'task.json', '--report', 'html'], { cwd, closeOutput: true });
    expect(code).toBe(0);
    expect(err).not.toContain('EPIPE');
    expect(filesIn(join(cwd, 'dist'))).toContain('default/web.yaml');
  });
});
