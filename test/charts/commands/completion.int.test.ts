import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { completionModel } from '../../../charts/commands/completion-model.js';
import { completionScript, SHELLS } from '../../../charts/commands/completion-scripts.js';
import { createProgram } from '../../../charts/commands/program.js';
import { folder, tranship } from './cli.js';

/** What bash offers for a line, by the script itself. */
function complete(words: readonly string[]): readonly string[] {
  const line = ['tranship', ...words];
  const script = `
    source tranship.bash
    COMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${line.length - 1}
    compopt() { :; }
    _tranship
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { cwd, encoding: 'utf8' })
    .split('\n')
    .filter((word) => word !== '')
    .sort();
}

let cwd = '';

beforeAll(async () => {
  cwd = folder({ 'ecs/task.json': '{}' });
  const { out } = await tranship(['completion', 'bash'], { cwd });
  execFileSync('tee', [join(cwd, 'tranship.bash')], { input: out });
});

describe('shell completion', () => {
  test('offers commands first', () => {
    expect(complete([''])).toEqual(expect.arrayContaining(['completion', 'demo', 'port']));
    expect(complete(['po'])).toEqual(['port']);
  });

  test('offers the options of the command', () => {
    expect(complete(['port', 'x.json', '--fr'])).toEqual(['--from-cluster']);
    expect(complete(['demo', '--fr'])).toEqual([]);
    expect(complete(['demo', '--f'])).toEqual(['--force']);
  });

  test('offers the values of an option, also behind an equals sign', () => {
    expect(complete(['port', '--kubernetes', ''])).toEqual(['1.33', '1.34', '1.35', '1.36']);
    expect(complete(['port', '--fail-on', 'n'])).toEqual(['near', 'needs-addon', 'none']);
    expect(complete(['port', '--identity', '=', 'i'])).toEqual(['irsa']);
    expect(complete(['port', '--identity', '='])).toEqual(['irsa', 'pod-identity']);
  });

  test('offers files and folders where a path is wanted', () => {
    expect(complete(['port', 'ec'])).toEqual(['ecs']);
    expect(complete(['port', '--out', ''])).toEqual(['ecs']);
    expect(complete(['port', '-o', ''])).toEqual(['ecs']);
  });

  test('offers the shells', () => {
    expect(complete(['completion', ''])).toEqual(['bash', 'fish', 'zsh']);
  });

  test.each(SHELLS)('has every option of every command in the script for %s', (shell) => {
    const model = completionModel(createProgram());
    const script = completionScript(shell, 'tranship', model);
    for (const command of model) {
      expect(script).toContain(command.name);
      for (const { long } of command.options) expect(script).toContain(shell === 'fish' ? `-l ${long.slice(2)}` : long);
    }
  });

  test('keeps quotation marks and brackets of descriptions from ending a word', () => {
    const description = `it's [odd]: a\\b`;
    const model = [{ name: 'x', description, options: [{ long: '--y', description, repeatable: false }] }];
    const zsh = completionScript('zsh', 't', model);
    expect(zsh).toContain(`'--y[it'"'"'s \\[odd\\]\\: a\\\\b]'`);
    expect(() => execFileSync('bash', ['-n'], { input: completionScript('bash', 't', model) })).not.toThrow();
  });
});
