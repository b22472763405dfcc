import { describe, expect, test } from '@jest/globals';
import { App, Testing } from 'cdk8s';
import { EcsCluster, EcsService, EcsTask, InputError } from '../../charts/index.js';
import { taskDefinition } from './port/port-of.js';

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Record<string, unknown>;
}

const synth = (cluster: EcsCluster): readonly Rendered[] => Testing.synth(cluster) as Rendered[];
const names = (objects: readonly Rendered[], kind: string): readonly string[] =>
  objects.filter((object) => object.kind === kind).map((object) => object.metadata.name);

const logged = {
  name: 'app',
  logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/ecs/web', 'awslogs-region': 'eu-west-1' } },
  secrets: [{ name: 'TOKEN', valueFrom: 'arn:aws:ssm:eu-west-1:111122223333:parameter/shop/token' }],
};

describe('the constructs', () => {
  test('render a service into the namespace of its cluster', () => {
    const cluster = new EcsCluster(Testing.app(), 'shop');
    const service = { serviceName: 'web', desiredCount: 2 };
    new EcsService(cluster, 'web', { taskDefinition: taskDefinition([{ name: 'app' }]), service });
    const deployment = synth(cluster).find((object) => object.kind === 'Deployment');
    expect(deployment).toMatchObject({ metadata: { name: 'web', namespace: 'shop' }, spec: { replicas: 2 } });
    expect(names(synth(cluster), 'Namespace')).toEqual(['shop']);
  });

  test('take a task definition as the text that describe-task-definition prints', () => {
    const cluster = new EcsCluster(Testing.app(), 'shop');
    const text = JSON.stringify({ taskDefinition: taskDefinition([{ name: 'app' }]), tags: [] });
    const { port } = EcsService.fromTaskDefinition(cluster, 'front', text);
    expect(names(synth(cluster), 'Deployment')).toEqual(['front']);
    expect(port.entries.filter((entry) => entry.untouched)).toEqual([]);
  });

  test('render what services share once, and one log agent for all of them', () => {
    const cluster = new EcsCluster(Testing.app(), 'shop', { kubernetes: '1.35' });
    for (const id of ['web', 'api']) EcsService.fromTaskDefinition(cluster, id, taskDefinition([logged]));
    const objects = synth(cluster);
    expect(names(objects, 'SecretStore')).toHaveLength(1);
    expect(names(objects, 'DaemonSet')).toHaveLength(1);
    expect(names(objects, 'ExternalSecret').toSorted()).toHaveLength(2);
  });

  test('make a Job of a task that runs once, with its overrides', () => {
    const cluster = new EcsCluster(Testing.app(), 'shop');
    const runTask = {
      taskDefinition: 'web',
      overrides: { containerOverrides: [{ name: 'app', command: ['migrate'] }] },
    };
    new EcsTask(cluster, 'migrate', { taskDefinition: taskDefinition([{ name: 'app' }]), runTask });
    const job = synth(cluster).find((object) => object.kind === 'Job');
    expect(job).toMatchObject({
      spec: { template: { spec: { containers: [{ args: ['migrate'] }], restartPolicy: 'Never' } } },
    });
  });

  test('refuse what ECS refuses, with the construct and the place', () => {
    const cluster = new EcsCluster(Testing.app(), 'shop');
    const cyclic = taskDefinition([
      { name: 'a', dependsOn: [{ containerName: 'b', condition: 'START' }] },
      { name: 'b', dependsOn: [{ containerName: 'a', condition: 'START' }] },
    ]);
    const create = (id: string): unknown => EcsService.fromTaskDefinition(cluster, id, cyclic);
    expect(() => create('web')).toThrow(InputError);
    expect(() => create('api')).toThrow(/shop\/api\/task-definition\.json:\d+:\d+: .*a → b → a/);
  });

  test('say which constructs want the same object', () => {
    const cluster = new EcsCluster(Testing.app(), 'shop');
    const service = { serviceName: 'web' };
    new EcsService(cluster, 'one', { taskDefinition: taskDefinition([{ name: 'app' }]), service });
    expect(
      () => new EcsService(cluster, 'two', { taskDefinition: taskDefinition([{ name: 'app' }]), service }),
    ).toThrow('Deployment shop/web is rendered by shop/one and by shop/two');
  });

  test('say that a service needs a cluster', () => {
    expect(() => EcsService.fromTaskDefinition(new App(), 'web', taskDefinition([{ name: 'app' }]))).toThrow(
      'stands in no EcsCluster',
    );
  });
});
