import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { TaskOverride } from '@aws-sdk/client-ecs';
import { Ledger } from '../../../charts/report/ledger.js';
import { overriddenDefinition } from '../../../charts/port/overrides.js';
import { anyStructure, jsonOf } from './any-structure.js';
import { entryOf, rootOf, taskOf } from './context.js';

const task = {
  family: 'web',
  cpu: '256',
  memory: '512',
  containerDefinitions: [
    {
      name: 'web',
      image: 'example/web:1',
      cpu: 128,
      command: ['serve'],
      environment: [
        { name: 'MODE', value: 'web' },
        { name: 'LEVEL', value: 'info' },
      ],
    },
    { name: 'proxy', image: 'example/proxy:1', memory: 64 },
  ],
};

function override(overrides: object, definition: object = task) {
  const ledger = new Ledger();
  const original = taskOf(definition, ledger).definition;
  const field = rootOf<TaskOverride>(ledger, 'overrides.json', overrides, 'ecs.TaskOverride');
  return { ledger, original, ...overriddenDefinition(ledger, original, field) };
}

describe('a task definition with overrides', () => {
  it('is the definition itself when nothing is overridden', () => {
    const { definition, original, diagnostics } = override({ containerOverrides: [] });
    expect(definition).toBe(original);
    expect(diagnostics).toEqual([]);
  });

  it('has the overrides of the task and of its containers in place of the original values', () => {
    const { definition } = override({
      cpu: '1024',
      taskRoleArn: 'batch',
      containerOverrides: [{ name: 'proxy', memory: 128, command: ['drain'] }],
    });
    expect(definition.value).toEqual({
      ...task,
      cpu: '1024',
      taskRoleArn: 'batch',
      containerDefinitions: [
        task.containerDefinitions[0],
        { name: 'proxy', image: 'example/proxy:1', memory: 128, command: ['drain'] },
      ],
    });
  });

  it('merges the environment by name', () => {
    const environment = [
      { name: 'MODE', value: 'migrate' },
      { name: 'DRY_RUN', value: '1' },
    ];
    const { definition, ledger } = override({ containerOverrides: [{ name: 'web', environment }] });
    const [web] = definition.get('containerDefinitions').items();
    expect(web?.get('environment').value).toEqual([{ name: 'LEVEL', value: 'info' }, ...environment]);
    expect(entryOf(ledger, 'containerDefinitions[0].environment[0].value').lost).toContain('overridden');
    expect(entryOf(ledger, 'containerDefinitions[0].environment[1].value').untouched).toBe(true);
  });

  it('replaces other lists whole, but not by an empty list', () => {
    const { definition } = override({
      containerOverrides: [{ name: 'web', command: [], resourceRequirements: [{ type: 'GPU', value: '2' }] }],
    });
    const [web] = definition.get('containerDefinitions').items();
    expect(web?.get('command').value).toEqual(['serve']);
    expect(web?.get('resourceRequirements').value).toEqual([{ type: 'GPU', value: '2' }]);
  });

  it('applies several overrides of one container one after the other', () => {
    const { definition } = override({
      containerOverrides: [
        { name: 'web', cpu: 1, memory: 1 },
        { name: 'web', cpu: 2 },
      ],
    });
    expect(definition.get('containerDefinitions').items()[0]?.value).toMatchObject({ cpu: 2, memory: 1 });
  });

  it('lets marks on what runs reach the document that says it', () => {
    const { definition, ledger } = override({
      cpu: '1024',
      containerOverrides: [{ name: 'web', command: ['migrate'] }],
    });
    definition.get('cpu').near('PodSpec.resources', 'from the override');
    definition.get('memory').same('PodSpec.resources', 'from the definition');
    definition.get('containerDefinitions').items()[0]?.get('command').same('Container.args', 'the command');
    expect(entryOf(ledger, 'cpu', 'overrides.json').lost).toBe('from the override');
    expect(entryOf(ledger, 'containerOverrides[0].command[0]', 'overrides.json').lost).toBe('the command');
    expect(entryOf(ledger, 'memory', 'task.json').lost).toBe('from the definition');
    for (const path of ['cpu', 'containerDefinitions[0].command[0]']) {
      expect(entryOf(ledger, path, 'task.json')).toMatchObject({
        fidelity: 'same',
        lost: 'overridden by the call that runs the task',
      });
    }
  });

  it('says where an overriding value stands', () => {
    const { definition } = override({ text: '{\n "cpu": "1024"}' });
    expect(definition.get('cpu').position).toEqual({ file: 'overrides.json', line: 2, column: 9 });
    expect(definition.get('memory').position?.file).toBe('task.json');
  });

  it('refuses an override of a container that the task definition does not have, in the words of ECS', () => {
    const { diagnostics, ledger } = override({ text: '{"containerOverrides": [{"name": "wbe",\n "cpu": 1}]}' });
    expect(diagnostics).toMatchObject([
      {
        severity: 'refused',
        code: 'unknown-container',
        message: 'Override for container named wbe is not a container in the TaskDefinition',
        position: { file: 'overrides.json', line: 1, column: 34 },
      },
    ]);
    expect(entryOf(ledger, 'containerOverrides[0].cpu').fidelity).toBe('none');
  });

  it('refuses an override that names no container', () => {
    expect(override({ containerOverrides: [{ cpu: 1 }] }).diagnostics).toMatchObject([
      { severity: 'refused', message: 'a container override names no container' },
    ]);
  });

  it('keeps the original value where the override is not known', () => {
    const { definition, ledger } = override({ text: '{"containerOverrides": [{"name": "web", "cpu": ${cpu}}]}' });
    expect(definition.get('containerDefinitions').items()[0]?.get('cpu').value).toBe(128);
    expect(entryOf(ledger, 'containerOverrides[0].cpu').fidelity).toBe('near');
  });

  it('reads overrides that were not read as such before', () => {
    const ledger = new Ledger();
    const { definition } = taskOf(task, ledger);
    const { node } = rootOf<object>(ledger, 'call.json', { CPU: 1024 }, 'ecs.TaskOverride');
    if (node === undefined) throw new Error('no node');
    expect(overriddenDefinition(ledger, definition, node).definition.get('cpu').value).toBe('1024');
  });

  it('accounts for each field of any overrides once all of the definition is marked', () => {
    const names = new Map([['name', fc.constantFrom('web', 'proxy', 'other')]]);
    fc.assert(
      fc.property(anyStructure('ecs.TaskOverride', names), (overrides) => {
        const { definition, original, ledger } = override({ text: jsonOf(overrides) });
        for (const field of [definition, original]) field.none('set aside');
        expect(ledger.entries().filter(({ untouched }) => untouched === true)).toEqual([]);
      }),
    );
  });
});
