import {
  ClientException,
  DescribeClustersCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTaskSetsCommand,
  ListServicesCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from '@jest/globals';
import { CLUSTER, described, HOME, mockedAccount, serviceArn, taskDefinitionArn } from './live-account.js';

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => described(`s${String(index).padStart(3, '0')}`));

describe('the services of a live account', () => {
  it('are listed page by page and described ten at a time', async () => {
    const account = mockedAccount(many(23));
    const arns = many(23).map(({ serviceArn: arn }) => arn ?? '');
    account.mocks.ecs
      .on(ListServicesCommand)
      .resolvesOnce({ serviceArns: arns.slice(0, 9), nextToken: 'a' })
      .resolvesOnce({ serviceArns: arns.slice(9, 18), nextToken: 'b' })
      .resolvesOnce({ serviceArns: arns.slice(18) });
    const documents = await account.read();

    const lists = account.mocks.ecs.commandCalls(ListServicesCommand).map((call) => call.args[0].input);
    expect(lists).toEqual([
      { cluster: CLUSTER, maxResults: 100 },
      { cluster: CLUSTER, maxResults: 100, nextToken: 'a' },
      { cluster: CLUSTER, maxResults: 100, nextToken: 'b' },
    ]);
    const calls = account.mocks.ecs.commandCalls(DescribeServicesCommand).map((call) => call.args[0].input);
    expect(calls.map(({ services }) => services?.length)).toEqual([10, 10, 3]);
    expect(calls.every(({ include }) => include?.[0] === 'TAGS')).toBe(true);
    expect([...documents.keys()].filter((path) => path.startsWith('aws:ecs/shop/service/'))).toHaveLength(23);
  });

  it('come in the order of their ARNs, whatever the order of the answers', async () => {
    const account = mockedAccount([described('web'), described('api'), described('cart')]);
    const documents = await account.read();
    expect([...documents.keys()]).toEqual([
      'aws:ecs/shop/service/api',
      'aws:ecs/shop/service/cart',
      'aws:ecs/shop/service/web',
      'aws:ecs/task-definition/api:1',
      'aws:ecs/task-definition/cart:1',
      'aws:ecs/task-definition/web:1',
    ]);
  });

  it('have the form that the command line prints, with times as text and without their events', async () => {
    const documents = await mockedAccount([described('web')]).read();
    const { events: _events, ...service } = described('web');
    expect(documents.get('aws:ecs/shop/service/web')).toEqual({
      services: [{ ...service, createdAt: '2024-05-06T07:08:09.123Z' }],
    });
  });

  it('are left out when they are deleted; of one that is being deleted that is said', async () => {
    const account = mockedAccount([described('a', { status: 'INACTIVE' }), described('b', { status: 'DRAINING' })]);
    const documents = await account.read();
    expect([...documents]).toEqual([
      [
        'aws:ecs/shop/unread',
        {
          unread: [
            { call: 'ecs:DescribeServices', of: ['b'], why: 'the service is being deleted', lost: 'it is not ported' },
          ],
        },
      ],
    ]);
  });

  it('are reported when ECS lists but does not describe them', async () => {
    const account = mockedAccount([described('web')]);
    account.mocks.ecs.on(ListServicesCommand).resolves({ serviceArns: [serviceArn('web'), serviceArn('gone')] });
    const documents = await account.read();
    expect(documents.get('aws:ecs/shop/unread')).toMatchObject({
      unread: [{ call: 'ecs:DescribeServices', of: ['gone'], why: 'ECS lists it but does not describe it: MISSING' }],
    });
  });

  it('are not asked for endlessly when a page token comes again', async () => {
    const account = mockedAccount([]);
    account.mocks.ecs.on(ListServicesCommand).resolves({ serviceArns: [serviceArn('web')], nextToken: 'same' });
    await expect(account.read()).rejects.toMatchObject({
      name: 'LiveAccountError',
      code: 'partial',
      problem: expect.stringContaining('ecs:ListServices answered the token of page 2 a second time'),
    });
    expect(account.mocks.ecs.commandCalls(ListServicesCommand)).toHaveLength(2);
  });

  it('may belong to a cluster that is given by its ARN', async () => {
    const account = mockedAccount([described('web')]);
    await account.read({ cluster: CLUSTER });
    expect(account.mocks.ecs.commandCalls(DescribeClustersCommand)[0]?.args[0].input).toEqual({ clusters: [CLUSTER] });
  });

  it('tell how the reading goes', async () => {
    const told: string[] = [];
    await mockedAccount(many(23)).read({ onProgress: (text) => told.push(text) });
    expect(told.slice(0, 3)).toEqual(['services: 10 of 23', 'services: 20 of 23', 'services: 23 of 23']);
    expect(told.at(-1)).toBe('task definitions: 23 of 23');
  });
});

describe('a cluster that cannot be read', () => {
  it.each([
    ['is not there', { clusters: [], failures: [{ arn: CLUSTER, reason: 'MISSING' }] }, 'does not exist'],
    ['was deleted', { clusters: [{ clusterArn: CLUSTER, status: 'INACTIVE' }] }, 'was deleted'],
  ])('because it %s says so, and how to see the others', async (_why, answer, words) => {
    const account = mockedAccount([]);
    account.mocks.ecs.on(DescribeClustersCommand).resolves(answer);
    await expect(account.read()).rejects.toMatchObject({
      code: 'cluster-not-found',
      message: `ECS cluster "shop" ${words} in eu-west-1 (see those that do: aws ecs list-clusters --region eu-west-1)`,
    });
  });
});

describe('services that something else than ECS deploys', () => {
  const taskSet = (id: string, status: string, revision: number) => ({
    id,
    status,
    taskSetArn: `arn:aws:ecs:${HOME}:task-set/shop/web/${id}`,
    taskDefinition: taskDefinitionArn(`web:${revision}`),
    launchType: 'FARGATE' as const,
  });
  const { taskDefinition: _none, ...bare } = described('web', {
    deploymentController: { type: 'EXTERNAL' },
    deployments: [],
  });

  it('run the task definition of their primary task set', async () => {
    const account = mockedAccount([bare]);
    account.mocks.ecs
      .on(DescribeTaskSetsCommand)
      .resolves({ taskSets: [taskSet('a', 'ACTIVE', 4), taskSet('b', 'PRIMARY', 5)] });
    const documents = await account.read();
    expect([...documents.keys()]).toEqual(['aws:ecs/shop/service/web', 'aws:ecs/task-definition/web:5']);
    expect(documents.get('aws:ecs/shop/service/web')).toMatchObject({
      services: [{ taskSets: [{ id: 'a' }, { id: 'b' }] }],
    });
  });

  it('are ported by the task sets of the service when these may not be described by themselves', async () => {
    const account = mockedAccount([{ ...bare, taskSets: [taskSet('a', 'PRIMARY', 4)] }]);
    account.mocks.ecs
      .on(DescribeTaskSetsCommand)
      .rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    const documents = await account.read();
    expect([...documents.keys()]).toEqual([
      'aws:ecs/shop/service/web',
      'aws:ecs/task-definition/web:4',
      'aws:ecs/shop/unread',
    ]);
  });
});

describe('the revisions of live services', () => {
  const revisionArn = (id: string): string => `arn:aws:ecs:${HOME}:service-revision/shop/web/${id}`;
  const revision = (id: string, taskDefinition: string, day: number) => ({
    serviceRevisionArn: revisionArn(id),
    serviceArn: serviceArn('web'),
    taskDefinition: taskDefinitionArn(taskDefinition),
    createdAt: new Date(Date.UTC(2024, 0, day)),
    containerImages: [{ containerName: 'app', image: 'example/web:1', imageDigest: `sha256:${id.repeat(64)}` }],
  });

  it('are asked for 20 at a time', async () => {
    const services = many(45).map((service) => ({
      ...service,
      currentServiceRevisions: [{ arn: `arn:aws:ecs:${HOME}:service-revision/shop/${service.serviceName}/1` }],
    }));
    const account = mockedAccount(services);
    await account.read();
    const calls = account.mocks.ecs.commandCalls(DescribeServiceRevisionsCommand);
    expect(calls.map((call) => call.args[0].input.serviceRevisionArns?.length)).toEqual([20, 20, 5]);
  });

  it('are those of the task definition that the service names; of two such the newer one', async () => {
    const account = mockedAccount([
      described('web', { currentServiceRevisions: ['a', 'b', 'c'].map((id) => ({ arn: revisionArn(id) })) }),
    ]);
    account.mocks.ecs.on(DescribeServiceRevisionsCommand).resolves({
      serviceRevisions: [revision('c', 'web:2', 3), revision('b', 'web:1', 2), revision('a', 'web:1', 1)],
    });
    const documents = await account.read();
    expect(documents.get('aws:ecs/shop/service-revision/web')).toMatchObject({
      serviceRevisions: [{ serviceRevisionArn: revisionArn('b') }],
    });
  });
});

describe('the task definitions of live services', () => {
  it('are described once each, with their tags', async () => {
    const shared = { taskDefinition: taskDefinitionArn('common:3') };
    const account = mockedAccount([described('a', shared), described('b', shared)]);
    const documents = await account.read();
    const calls = account.mocks.ecs.commandCalls(DescribeTaskDefinitionCommand).map((call) => call.args[0].input);
    expect(calls).toEqual([{ taskDefinition: taskDefinitionArn('common:3'), include: ['TAGS'] }]);
    expect(documents.get('aws:ecs/task-definition/common:3')).toMatchObject({
      taskDefinition: { family: 'common' },
      tags: [{ key: 'team', value: 'common' }],
    });
  });

  it('are described five at a time at most', async () => {
    const account = mockedAccount(many(30));
    let running = 0;
    let most = 0;
    account.mocks.ecs.on(DescribeTaskDefinitionCommand).callsFake(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return { taskDefinition: { taskDefinitionArn: 'same' } };
    });
    await account.read();
    expect(most).toBe(5);
  });

  it('that ECS does not know any more are reported', async () => {
    const account = mockedAccount([described('web')]);
    const gone = new ClientException({ message: 'Unable to describe task definition.', $metadata: {} });
    account.mocks.ecs.on(DescribeTaskDefinitionCommand).rejects(gone);
    const documents = await account.read();
    expect(documents.get('aws:ecs/shop/unread')).toMatchObject({
      unread: [
        {
          call: 'ecs:DescribeTaskDefinition',
          of: [taskDefinitionArn('web:1')],
          why: 'ECS does not describe the task definition: Unable to describe task definition.',
        },
      ],
    });
  });
});
