import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { runInNewContext } from 'node:vm';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { emitTypeScript } from '../../charts/emit/typescript.js';
import { printLiteral } from '../../charts/emit/literal.js';
import { renderFiles } from '../../charts/render.js';
import { portOf, taskDefinition } from './port/port-of.js';

const containers = [
  {
    name: 'app',
    portMappings: [{ containerPort: 8080, name: 'http' }],
    healthCheck: { command: ['CMD-SHELL', "curl -f 'localhost' || exit 1"] },
    command: ['line one\nline two\nline three', "it's", '${not a template}', '`tick`'],
    logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/ecs/web', 'awslogs-region': 'eu-west-1' } },
  },
  { name: 'extra', essential: false },
];
const { port } = portOf(
  {
    'task.json': taskDefinition(containers, {
      cpu: '512',
      memory: '1024',
      taskRoleArn: 'arn:aws:iam::111122223333:role/web',
    }),
    'web.json': {
      serviceName: 'web',
      cluster: 'shop',
      taskDefinition: 'web',
      desiredCount: 3,
      loadBalancers: [
        {
          targetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef',
          containerName: 'app',
          containerPort: 8080,
        },
      ],
    },
    'api.json': { serviceName: 'API_2', cluster: 'shop', taskDefinition: 'web', desiredCount: 1 },
    'migrate.json': {
      cluster: 'jobs',
      taskDefinition: 'web',
      overrides: { containerOverrides: [{ name: 'app', command: ['migrate'] }] },
    },
  },
  { kubernetes: '1.35' },
);

describe('the TypeScript that a port is written as', () => {
  let folder = '';
  const emitted = emitTypeScript(port);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tranship-emit-'));
    for (const { path, text } of emitted) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('synthesizes to the same YAML files, byte for byte', () => {
    execFileSync(process.execPath, ['main.ts'], { cwd: folder, stdio: 'pipe' });
    const rendered = renderFiles(port);
    expect(rendered.length).toBeGreaterThan(3);
    for (const { path, text } of rendered)
      expect([path, readFileSync(join(folder, 'dist', path), 'utf8')]).toEqual([path, text]);
  }, 60_000);

  test('passes the strict type check of a team that owns it', () => {
    const tsc = join(process.cwd(), 'node_modules/@typescript/native/bin/tsc');
    expect(() =>
      execFileSync(process.execPath, [tsc, '-p', '.'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' }),
    ).not.toThrow();
  }, 120_000);

  test('uses typed constructs where their types can say all of the object', () => {
    const all = emitted.map((file) => file.text).join('\n');
    expect(all).toContain('new k8s.KubeService(this');
    expect(all).toContain('k8s.IntOrString.fromNumber(');
    expect(all).toContain("const namespace = 'shop';");
    expect(all).toContain("const appImage = 'example/app:1';");
  });

  test('says above each chart where it comes from and what differs', () => {
    expect(emitted.find((file) => file.path === 'charts/shop/web.ts')?.text).toMatch(
      /Deployment shop\/web, from the ECS service web \(web\.json:1:1\)\.[^]*What differs from ECS:/,
    );
  });
});

test('literals are read back as the values they were written from', () => {
  const value = {
    'a-b': ["'", '"', '\\', '\n', '\u2028', '${x}', '`'],
    c: [1, true, null, {}, []],
    long: 'x'.repeat(200),
  };
  expect(runInNewContext(`JSON.stringify(${printLiteral(value, 0)})`)).toBe(JSON.stringify(value));
});
