import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readFiles } from '../../../charts/ecs/read.js';
import { portInput } from '../../../charts/port/port.js';
import { FIDELITIES } from '../../../charts/report/fidelity.js';
import { renderHtml } from '../../../charts/report/html.js';
import { type JsonReport, renderJson } from '../../../charts/report/json.js';
import { renderMarkdown } from '../../../charts/report/markdown.js';
import { buildReport, findingsOf, type Report } from '../../../charts/report/report.js';
import { renderTree } from '../../../charts/report/tree.js';

type Files = Readonly<Record<string, unknown>>;

function build(files: Files): Report {
  const inputs = Object.entries(files).map(([path, content]) => ({
    path,
    text: typeof content === 'string' ? content : JSON.stringify(content, null, 2),
  }));
  return buildReport(portInput(readFiles(inputs).input));
}

function task(family: string, container: object = {}): object {
  return {
    family,
    containerDefinitions: [{ name: 'main', image: 'nginx', memory: 128, essential: true, ...container }],
  };
}

function leaves(value: unknown): number {
  if (Array.isArray(value)) return value.length === 0 ? 1 : value.reduce<number>((sum, item) => sum + leaves(item), 0);
  if (typeof value !== 'object' || value === null) return 1;
  const members = Object.values(value);
  return members.length === 0 ? 1 : members.reduce<number>((sum, item) => sum + leaves(item), 0);
}

const SHOP: Files = {
  'web.json': task('web'),
  'a.json': { serviceName: 'a', cluster: 'shop', taskDefinition: 'web', desiredCount: 2 },
  'b.json': { serviceName: 'b', cluster: 'shop', taskDefinition: 'web', desiredCount: 1 },
  'scaling.json': {
    ScalableTargets: [
      {
        ServiceNamespace: 'ecs',
        ResourceId: 'service/shop/b',
        ScalableDimension: 'ecs:service:DesiredCount',
        MinCapacity: 1,
        MaxCapacity: 4,
      },
    ],
  },
};

describe('the report', () => {
  test('lists each leaf of the input exactly once', () => {
    const report = build(SHOP);
    for (const [path, content] of Object.entries(SHOP)) {
      const document = report.documents.find((found) => found.path === path);
      const paths = document?.fields.map((field) => field.path) ?? [];
      expect(new Set(paths).size).toBe(paths.length);
      expect(document?.fields.reduce((sum, field) => sum + field.leaves, 0)).toBe(leaves(content));
    }
  });

  test('lists a field below the first workload that it bears on, and counts it for every one', () => {
    const [a, b] = build(SHOP).workloads;
    expect(a?.fields.map(({ document }) => document)).toContain('web.json');
    expect(b?.fields.map(({ document }) => document)).not.toContain('web.json');
    expect(b?.sharesWith).toEqual([a?.title]);
    const total = (report: typeof a): number =>
      FIDELITIES.reduce((sum, fidelity) => sum + (report?.counts[fidelity] ?? 0), 0);
    expect(total(a)).toBe(leaves(SHOP['web.json']) + leaves(SHOP['a.json']));
    expect(total(b)).toBe(leaves(SHOP['web.json']) + leaves(SHOP['b.json']) + leaves(SHOP['scaling.json']));
  });

  test('gives scaling to the service that it scales', () => {
    const fields = build(SHOP).documents.find(({ path }) => path === 'scaling.json')?.fields ?? [];
    expect(new Set(fields.map(({ workload }) => workload))).toEqual(new Set(['Deployment shop/b']));
  });

  test('has counts that add up to its fields', () => {
    const report = build(SHOP);
    for (const fidelity of FIDELITIES) {
      const of = report.documents.flatMap(({ fields }) => fields.filter((field) => field.fidelity === fidelity));
      expect(of.reduce((sum, field) => sum + field.leaves, 0)).toBe(report.counts[fidelity]);
    }
  });

  test('names what containers lose, and where the input names it', () => {
    const report = build({
      'web.json': task('web', { command: ['sh', '-c', 'curl $ECS_CONTAINER_METADATA_URI_V4/task'] }),
    });
    const [first] = report.leftBehind;
    expect(first?.name).toBe('ECS_CONTAINER_METADATA_URI_V4');
    expect(first?.mentions.map(({ position }) => position.line)).toEqual([12]);
    expect(report.leftBehind.map(({ name }) => name)).not.toContain('FLUENT_HOST');
  });

  test('does not take a longer name for the shorter one within it', () => {
    const report = build({
      'web.json': task('web', { command: ['x', 'MY_ECS_CONTAINER_METADATA_URI_V4X', '1.169.254.170.2'] }),
    });
    expect(report.leftBehind.flatMap(({ mentions }) => mentions)).toEqual([]);
  });

  test('gives each finding once, also where workloads share what it is about', () => {
    const report = build({ ...SHOP, 'web.json': task('web', { memmory: 1 }) });
    const unknown = findingsOf(report).filter(({ code }) => code === 'unknown-field');
    expect(unknown).toHaveLength(1);
    expect(report.workloads.every(({ diagnostics }) => diagnostics.length > 0)).toBe(true);
  });

  test('lists values that are missing by their name, with every place', () => {
    const template = `
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: web
      ContainerDefinitions:
        - { Name: main, Image: !Ref Image, Memory: 128 }
Parameters:
  Image: { Type: String }
`;
    const [placeholder] = build({ 'template.yaml': template }).placeholders;
    expect(placeholder?.name).toBe('Image');
    expect(placeholder?.fix).toContain('--parameter Image=');
    expect(placeholder?.positions[0]?.file).toBe('template.yaml');
  });

  test('never shows values of variables, options and secrets, in any form', () => {
    const report = build({
      'web.json': {
        ...task('web', {
          environment: [{ name: 'PASSWORD', value: 'hunter2-environment' }],
          logConfiguration: {
            logDriver: 'splunk',
            options: { 'splunk-token': 'hunter2-option', 'splunk-url': 'https://hunter2-url' },
          },
          dockerLabels: { label: 'hunter2-label' },
          command: ['--token', 'hunter2-command'],
        }),
      },
    });
    const forms = [renderTree(report), renderMarkdown(report), renderHtml(report), renderJson(report)];
    for (const form of forms) expect([...form].join('\n')).not.toContain('hunter2');
  });

  test('holds any JSON, and gives the same JSON for the same input', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 3 }), (anything, inside) => {
        const files = { 'any.json': anything, 'task.json': task('web', { anything: inside }) };
        const text = [...renderJson(build(files))].join('');
        expect([...renderJson(build(files))].join('')).toBe(text);
        const counted =
          (JSON.parse(text) as JsonReport).documents.find(({ path }) => path === 'task.json')?.fields ?? [];
        expect(counted.reduce((sum, field) => sum + field.leaves, 0)).toBe(leaves(files['task.json']));
      }),
      { numRuns: 60 },
    );
  });

  test('grows in proportion to its input', () => {
    const pieces = (count: number): number => {
      const services = Array.from({ length: count }, (_, index) => ({
        serviceName: `s${index}`,
        cluster: 'shop',
        taskDefinition: 'web',
      }));
      const report = build({
        'web.json': task('web'),
        'services.json': { services: services.map((service) => ({ ...service, desiredCount: 1 })) },
      });
      return [...renderJson(report)].join('').length + [...renderHtml(report)].join('').length;
    };
    expect(pieces(80) / pieces(40)).toBeLessThan(2.2);
  });
});
