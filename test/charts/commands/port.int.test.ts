import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { filesIn, folder, put, service, task, tranship } from './cli.js';

const SHOP = { 'task.json': task('web'), 'service.json': service('web', 'web', { desiredCount: 3 }) };

describe('tranship port', () => {
  test('ports files into dist, prints the tree and says what it wrote and what to do next', async () => {
    const cwd = folder(SHOP);
    const run = await tranship(['port', 'task.json', 'service.json'], { cwd });
    expect(run.code).toBe(0);
    expect(filesIn(join(cwd, 'dist'))).toEqual(['.tranship', '0-shared.yaml', 'shop/web.yaml']);
    const kinds = parseAllDocuments(readFileSync(join(cwd, 'dist/shop/web.yaml'), 'utf8')).map((document) =>
      document.get('kind'),
    );
    expect(kinds).toContain('Deployment');
    expect(run.out).toMatch(/^1 workload, \d+ objects for Kubernetes 1\.35/);
    expect(run.out).toContain('Deployment shop/web');
    expect(run.err).toContain('dist: 2 files written');
    expect(run.err).toContain('next: kubectl apply --server-side -f dist -f dist/shop');
  });

  test('reads folders, and lists what is no ECS input without failing for it', async () => {
    const cwd = folder({
      'ecs/task.json': task('web'),
      'ecs/values.yaml': 'replicas: 2\n',
      'ecs/broken.json': '{"half": ',
      'ecs/package.json': '{"broken',
      'ecs/node_modules/x/task.json': task('not-this'),
      'ecs/.git/task.json': task('nor-this'),
      'ecs/notes.txt': 'x',
    });
    const run = await tranship(['port', 'ecs', '--json'], { cwd });
    expect(run.code).toBe(0);
    expect(run.err).toContain('note: skipped ecs/values.yaml: no ECS input');
    expect(run.err).toContain('note: skipped ecs/broken.json: not valid JSON');
    expect(run.err).not.toMatch(/package\.json|notes\.txt/);
    const { workloads } = JSON.parse(run.out) as { workloads: { name: string }[] };
    expect(workloads.map(({ name }) => name)).toEqual(['web']);
  });

  test('refuses a broken file of a folder when it says that it is ECS input', async () => {
    const cwd = folder({
      'ecs/task.json': '{"family": "web", "containerDefinitions": [',
      'ecs/good.json': task('good'),
    });
    const run = await tranship(['port', 'ecs'], { cwd });
    expect(run.code).toBe(3);
    expect(run.err).toContain('error: ecs/task.json:1:44: not valid JSON');
    expect(filesIn(join(cwd, 'dist'))).toContain('default/good.yaml');
  });

  test('says of what ECS would refuse the place, the field, the value and the fix, and writes the others', async () => {
    const bad = task('bad', { dependsOn: [{ containerName: 'db', condition: 'HEALTY' }] });
    const cwd = folder({ ...SHOP, 'bad.json': bad });
    const run = await tranship(['port', 'task.json', 'service.json', 'bad.json'], { cwd });
    expect(run.code).toBe(3);
    expect(run.err).toMatch(
      /error: bad\.json:12:24: containerDefinitions\[0\]\.dependsOn\[0\]\.condition: "HEALTY" is not one of .*HEALTHY.*\(did you mean HEALTHY\?\)/,
    );
    expect(filesIn(join(cwd, 'dist'))).toEqual(['.tranship', '0-shared.yaml', 'shop/web.yaml']);
  });

  test('says when a file cannot be read, or holds no ECS input', async () => {
    const cwd = folder({ 'other.json': '{"a": 1}', 'bytes.json': Buffer.from([0x7b, 0xff, 0xff, 0x7d]) });
    const run = await tranship(['port', 'missing.json', 'other.json', 'bytes.json'], { cwd });
    expect(run.code).toBe(3);
    expect(run.err).toContain(
      'error: missing.json:1:1: cannot be read: there is no such file or folder (check the path)',
    );
    expect(run.err).toContain('error: other.json:1:1: this is no form of ECS input');
    expect(run.err).toContain('error: bytes.json:1:1: cannot be read: it is not text in UTF-8 or UTF-16');
  });

  test('says when a folder holds no ECS input at all', async () => {
    const cwd = folder({ 'empty/readme.md': 'x' });
    const run = await tranship(['port', 'empty'], { cwd });
    expect(run.code).toBe(3);
    expect(run.err).toContain('error: no ECS input in empty');
  });

  test.each([
    ['JSON', JSON.stringify(task('web'))],
    ['YAML', 'family: web\ncontainerDefinitions:\n  - { name: main, image: nginx, memory: 128 }\n'],
    [
      'YAML in a file whose name does not tell',
      'Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      Family: web\n      ContainerDefinitions: [{ Name: main, Image: nginx, Memory: 128 }]\n',
    ],
    ['UTF-16 from PowerShell in a file', ''],
  ])('reads %s', async (_name, input) => {
    const cwd = folder({ 'task.json': Buffer.from(`\ufeff${JSON.stringify(task('web'))}`, 'utf16le') });
    put(cwd, 'web.template', input);
    const path = input === '' ? 'task.json' : input.startsWith('Resources') ? 'web.template' : '-';
    const run = await tranship(['port', path], { cwd, input });
    expect(run.code).toBe(0);
    expect(filesIn(join(cwd, 'dist'))).toContain('default/web.yaml');
  });

  test('prints nothing but JSON on standard output when it is asked to, warnings or not', async () => {
    const cwd = folder({ 'task.json': task('web', { memmory: 1 }) });
    const run = await tranship(['port', 'task.json', '--json'], { cwd });
    expect(run.code).toBe(0);
    expect(JSON.parse(run.out)).toMatchObject({ schemaVersion: 1, kubernetes: '1.35' });
    expect(run.err).toContain('warning: task.json:9:7: containerDefinitions[0].memmory: unknown field');
  });

  test('is silent with -q, but for errors and a report that was asked for', async () => {
    const cwd = folder({ 'task.json': task('web', { memmory: 1 }) });
    expect(await tranship(['port', 'task.json', '-q'], { cwd })).toEqual({ code: 0, signal: null, out: '', err: '' });
    const asked = await tranship(['port', 'task.json', '-q', '--report', 'markdown'], { cwd });
    expect(asked.out).toMatch(/^# Fidelity report/);
    expect(asked.err).toBe('');
  });

  test('writes the report to a file by its ending, beside the tree', async () => {
    const cwd = folder(SHOP);
    const run = await tranship(['port', 'task.json', 'service.json', '--report-file', 'out/report.html'], { cwd });
    expect(run.code).toBe(0);
    expect(readFileSync(join(cwd, 'out/report.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(run.out).toContain('Deployment shop/web');
  });

  test.each([
    ['none', { 'task.json': task('web') }, 0],
    ['near', { 'task.json': task('web') }, 1],
    [
      'needs-addon',
      { 'task.json': task('web', { user: 'app', ulimits: [{ name: 'nofile', softLimit: 1, hardLimit: 1 }] }) },
      1,
    ],
    ['none', { 'task.json': task('web', { memmory: 1 }) }, 1],
  ])('ends with the code of --fail-on %s only when a field is as bad or worse', async (limit, files, code) => {
    const cwd = folder(files);
    const run = await tranship(['port', 'task.json', '--dry-run', '-q', '--fail-on', limit], { cwd });
    expect(run.code).toBe(code);
    expect(run.err.includes(`which --fail-on ${limit} does not allow`)).toBe(code === 1);
    expect(filesIn(cwd)).toEqual(['task.json']);
  });

  test('takes values of parameters from files and from the command line, which counts more', async () => {
    const template = `
Parameters: { Tag: { Type: String }, Count: { Type: Number } }
Resources:
  Task: { Type: AWS::ECS::TaskDefinition, Properties: { Family: web, ContainerDefinitions: [ { Name: main, Image: !Sub "nginx:\${Tag}", Memory: 128 } ] } }
  Web: { Type: AWS::ECS::Service, Properties: { TaskDefinition: !Ref Task, DesiredCount: !Ref Count } }
`;
    const cwd = folder({ 'template.yaml': template, 'prod.json': { Tag: '1.3', Count: '5' } });
    const run = await tranship(['port', 'template.yaml', '--parameters', 'prod.json', '--parameter', 'Tag=1.4'], {
      cwd,
    });
    expect(run.code).toBe(0);
    const yaml = readFileSync(join(cwd, 'dist/default/web.yaml'), 'utf8');
    expect(yaml).toContain('image: nginx:1.4');
    expect(yaml).toContain('replicas: 5');
  });

  test('writes TypeScript instead of manifests when it is asked to', async () => {
    const cwd = folder(SHOP);
    const run = await tranship(['port', 'task.json', 'service.json', '--emit', 'typescript', '--out', 'app'], { cwd });
    expect(run.code).toBe(0);
    expect(filesIn(join(cwd, 'app'))).toContain('main.ts');
    expect(run.err).toContain('next: cd app && npm install');
  });

  test('gives the same bytes every time', async () => {
    const cwd = folder(SHOP);
    for (const out of ['one', 'two'])
      await tranship(['port', 'service.json', 'task.json', '--out', out, '-q'], { cwd });
    for (const path of filesIn(join(cwd, 'one'))) {
      expect(readFileSync(join(cwd, 'two', path), 'utf8')).toBe(readFileSync(join(cwd, 'one', path), 'utf8'));
    }
  });
});
