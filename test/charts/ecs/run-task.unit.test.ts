import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { runTaskReader } from '../../../charts/ecs/readers/run-task.js';
import { documentOf, readWith } from './read-one.js';

const recognizes = (content: unknown): boolean => runTaskReader.recognizes(documentOf('call.json', content));

describe('the reader of RunTask calls', () => {
  it.each([
    ['a call with an override', { taskDefinition: 'web:3', overrides: { containerOverrides: [] } }],
    ['a call of a task definition and nothing else', { taskDefinition: 'web' }],
    ['a call in another letter case', { TaskDefinition: 'web', Count: '2', StartedBy: 'ops' }],
    ['bare overrides', { containerOverrides: [{ name: 'web', command: ['migrate'] }] }],
    ['overrides that concern the task only', { overrides: { taskRoleArn: 'batch' } }],
    ['a wrapped call', { runTask: { taskDefinition: 'web' } }],
    ['wrapped bare overrides', { taskOverrides: [{ containerOverrides: [] }] }],
    ['a list of calls', [{ taskDefinition: 'a' }, { taskDefinition: 'b', count: 2 }]],
  ])('knows %s', (_what, content) => {
    expect(recognizes(content)).toBe(true);
  });

  it.each([
    ['a service', { serviceName: 'web', taskDefinition: 'web:3', launchType: 'FARGATE' }],
    ['an update of a service', { service: 'web', taskDefinition: 'web:4' }],
    ['a service without a name', { taskDefinition: 'web', desiredCount: 2 }],
    ['a task definition', { family: 'web', containerDefinitions: [] }],
    ['a described task definition', { taskDefinition: { family: 'web', containerDefinitions: [] } }],
    ['a template', { Resources: { Web: { Type: 'AWS::ECS::TaskDefinition' } } }],
    ['a schedule', { ScheduleExpression: 'rate(1 day)', taskDefinition: 'web' }],
    ['overrides of something else', { overrides: { colour: 'green' } }],
    ['a list in which one item is something else', [{ taskDefinition: 'a' }, { family: 'b' }]],
    ['a call wrapped twice', { runTask: { runTask: { taskDefinition: 'web' } } }],
    ['an empty object', {}],
    ['an empty list', []],
    ['a text', '"taskDefinition"'],
  ])('does not take %s for a call', (_what, content) => {
    expect(recognizes(content)).toBe(false);
  });

  it('names a call after the family that it runs', () => {
    const arn = 'arn:aws:ecs:eu-west-1:111122223333:task-definition/migrate:7';
    const { runTasks } = readWith(runTaskReader, {
      'call.json': { cluster: 'arn:aws:ecs:eu-west-1:111122223333:cluster/prod', taskDefinition: arn, count: 2 },
    });
    expect(runTasks).toMatchObject([{ document: 'call.json', name: 'migrate', cluster: 'prod', taskDefinition: arn }]);
    expect(runTasks[0]?.definition.get('count').value).toBe(2);
  });

  it('takes bare overrides as a call that says nothing else, named after the file', () => {
    const { runTasks } = readWith(runTaskReader, {
      'jobs/seed.json': { containerOverrides: [{ name: 'web', cpu: 64 }] },
    });
    expect(runTasks[0]?.name).toBe('seed');
    expect(runTasks[0]?.taskDefinition).toBeUndefined();
    expect(runTasks[0]?.definition.value).toMatchObject({
      overrides: { containerOverrides: [{ name: 'web', cpu: 64 }] },
    });
  });

  it('lets marks on bare overrides reach the document', () => {
    const { ledger, runTasks } = readWith(runTaskReader, {
      'seed.json': { containerOverrides: [{ name: 'web', cpu: '64' }] },
    });
    runTasks[0]?.definition.get('overrides').none('set aside');
    expect(ledger.entries().map(({ path, lost }) => [path, lost])).toEqual([
      ['containerOverrides[0].name', 'set aside'],
      ['containerOverrides[0].cpu', 'set aside'],
    ]);
  });

  it('refuses more tasks than a call takes, with the place', () => {
    const text = '{"taskDefinition": "web",\n "count": 11}';
    const { runTasks } = readWith(runTaskReader, { 'call.json': text });
    expect(runTasks[0]?.diagnostics).toEqual([
      expect.objectContaining({
        severity: 'refused',
        path: 'count',
        position: { file: 'call.json', line: 2, column: 11 },
      }),
    ]);
  });

  it('warns of a field that RunTask does not have', () => {
    const { runTasks } = readWith(runTaskReader, { 'call.json': { taskDefinition: 'web', counts: 2 } });
    expect(runTasks[0]?.diagnostics).toMatchObject([{ code: 'unknown-field', fix: 'did you mean count?' }]);
  });

  it('reads anything under its keys without failing', () => {
    const keys = fc.constantFrom('taskDefinition', 'overrides', 'containerOverrides', 'count', 'cluster', '__proto__');
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue({ maxDepth: 3 })), (value) => {
        const input = readWith(runTaskReader, { 'any.json': JSON.stringify(value).replaceAll('{{', '--') });
        expect(input.runTasks.every(({ name }) => typeof name === 'string')).toBe(true);
      }),
    );
  });
});
