import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { filesIn, folder, service, task, tranship } from './cli.js';

describe('Ctrl-C', () => {
  test('while files are written ends with 130 and leaves no half file; the next run goes on', async () => {
    const services = Array.from({ length: 400 }, (_, index) => service(`s${index}`, 'web'));
    const cwd = folder({ 'task.json': task('web'), 'services.json': { services } });
    const words = ['port', 'task.json', 'services.json', '-q', '--validate', 'off'];
    const run = await tranship(words, {
      cwd,
      onStart: (kill) => {
        void (async () => {
          while (!existsSync(join(cwd, 'dist/shop'))) await sleep(1);
          kill('SIGINT');
        })();
      },
    });
    expect([run.code, run.err]).toEqual([130, expect.stringContaining('interrupted')]);
    const written = filesIn(join(cwd, 'dist'));
    expect(written.length).toBeLessThan(402);
    expect(written.filter((path) => path.endsWith('.tmp'))).toEqual([]);
    for (const path of written.filter((name) => name.endsWith('.yaml'))) {
      const text = readFileSync(join(cwd, 'dist', path), 'utf8');
      expect(text.endsWith('\n')).toBe(true);
      expect(parseAllDocuments(text).every((document) => document.errors.length === 0)).toBe(true);
    }
    expect((await tranship(words, { cwd })).code).toBe(0);
    expect(filesIn(join(cwd, 'dist'))).toHaveLength(402);
  });
});

describe('a second run', () => {
  test("removes what is no longer part of the port, and stops before somebody else's file", async () => {
    const cwd = folder({ 'a.json': task('a'), 'b.json': task('b') });
    await tranship(['port', 'a.json', 'b.json', '-q'], { cwd });
    const run = await tranship(['port', 'a.json'], { cwd });
    expect(run.err).toContain('dist: 0 files written, 1 unchanged, 1 removed');
    expect(filesIn(join(cwd, 'dist'))).toEqual(['.tranship', 'default/a.yaml']);
    const other = folder({ 'a.json': task('a'), 'dist/default/a.yaml': 'mine' });
    const refused = await tranship(['port', 'a.json'], { cwd: other });
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('default/a.yaml: tranship did not write it');
    expect(readFileSync(join(other, 'dist/default/a.yaml'), 'utf8')).toBe('mine');
  });
});
