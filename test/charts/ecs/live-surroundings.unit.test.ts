import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  TargetGroupNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DescribeRuleCommand,
  ListEventBusesCommand,
  ListRuleNamesByTargetCommand,
  ListTargetsByRuleCommand,
} from '@aws-sdk/client-eventbridge';
import { GetScheduleCommand, ListSchedulesCommand } from '@aws-sdk/client-scheduler';
import { describe, expect, it } from '@jest/globals';
import { CLUSTER, described, HOME, mockedAccount, targetGroupArn, taskDefinitionArn } from './live-account.js';

const named = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `s${String(index).padStart(3, '0')}`);
const behind = (...groups: readonly string[]) =>
  groups.map((group) => ({ targetGroupArn: targetGroupArn(group), containerName: 'app', containerPort: 8080 }));

describe('the target groups of a live account', () => {
  it('are described 20 at a time, each once, and both of a blue/green pair', async () => {
    const pair = {
      targetGroupArn: targetGroupArn('blue'),
      advancedConfiguration: {
        alternateTargetGroupArn: targetGroupArn('green'),
        productionListenerRule: '',
        roleArn: '',
      },
    };
    const account = mockedAccount([
      described('a', { loadBalancers: [...behind(...named(30), 's000'), pair] }),
      described('b', { loadBalancers: behind('s001') }),
    ]);
    const documents = await account.read();
    const calls = account.mocks.elasticLoadBalancing.commandCalls(DescribeTargetGroupsCommand);
    expect(calls.map((call) => call.args[0].input.TargetGroupArns?.length)).toEqual([20, 12]);
    expect(documents.get('aws:elasticloadbalancing/target-group/green')).toEqual({
      TargetGroups: [expect.objectContaining({ TargetGroupName: 'green' })],
      TargetGroupArn: targetGroupArn('green'),
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '45' }],
    });
  });

  it('that are gone are reported and do not keep the others from being read', async () => {
    const account = mockedAccount([described('a', { loadBalancers: behind('gone', 'here') })]);
    const gone = new TargetGroupNotFoundException({ message: 'not found', $metadata: {} });
    account.mocks.elasticLoadBalancing
      .on(DescribeTargetGroupsCommand, { TargetGroupArns: [targetGroupArn('gone'), targetGroupArn('here')] })
      .rejects(gone)
      .on(DescribeTargetGroupsCommand, { TargetGroupArns: [targetGroupArn('gone')] })
      .rejects(gone);
    const documents = await account.read();
    expect(documents.has('aws:elasticloadbalancing/target-group/here')).toBe(true);
    expect(documents.get('aws:ecs/shop/unread')).toMatchObject({
      unread: [{ of: ['gone'], why: 'there is no such target group' }],
    });
  });

  it('are read without their attributes when these may not be seen, which is said once for all of them', async () => {
    const account = mockedAccount([described('a', { loadBalancers: behind('two', 'one') })]);
    account.mocks.elasticLoadBalancing
      .on(DescribeTargetGroupAttributesCommand)
      .rejects({ name: 'AccessDenied', message: 'no' });
    const documents = await account.read();
    expect(Object.keys(documents.get('aws:elasticloadbalancing/target-group/one') ?? {})).toEqual(['TargetGroups']);
    expect(documents.get('aws:ecs/shop/unread')).toMatchObject({
      unread: [{ call: 'elasticloadbalancing:DescribeTargetGroupAttributes', of: ['one', 'two'] }],
    });
  });
});

describe('the scaling of a live account', () => {
  const target = (service: string) => ({
    ServiceNamespace: 'ecs' as const,
    ResourceId: `service/shop/${service}`,
    ScalableDimension: 'ecs:service:DesiredCount' as const,
    MinCapacity: 1,
    MaxCapacity: 4,
    RoleARN: `arn:aws:iam::111122223333:role/scaling`,
    CreationTime: new Date(0),
  });
  const policy = (resource: string) => ({
    PolicyARN: `arn:aws:autoscaling:${HOME}:scalingPolicy:${resource}`,
    PolicyName: 'cpu',
    ResourceId: resource,
    ServiceNamespace: 'ecs' as const,
    ScalableDimension: 'ecs:service:DesiredCount' as const,
    PolicyType: 'TargetTrackingScaling' as const,
    CreationTime: new Date(0),
  });

  it('is asked for 50 services at a time, and not further when none scales', async () => {
    const account = mockedAccount(named(120).map((name) => described(name)));
    await account.read();
    const mock = account.mocks.applicationAutoScaling;
    const calls = mock.commandCalls(DescribeScalableTargetsCommand);
    expect(calls.map((call) => call.args[0].input.ResourceIds?.length)).toEqual([50, 50, 20]);
    expect(mock.commandCalls(DescribeScalingPoliciesCommand)).toEqual([]);
  });

  it('of a few services is asked for one by one, page by page', async () => {
    const account = mockedAccount([described('api'), described('web')]);
    account.mocks.applicationAutoScaling
      .on(DescribeScalableTargetsCommand)
      .resolvesOnce({ ScalableTargets: [], NextToken: 'more' })
      .resolvesOnce({ ScalableTargets: [target('web')] })
      .on(DescribeScalingPoliciesCommand)
      .resolves({ ScalingPolicies: [policy('service/shop/web')] });
    const documents = await account.read();
    const calls = account.mocks.applicationAutoScaling.commandCalls(DescribeScheduledActionsCommand);
    expect(calls.map((call) => call.args[0].input)).toEqual([
      { ServiceNamespace: 'ecs', ResourceId: 'service/shop/web' },
    ]);
    expect(documents.get('aws:application-autoscaling/shop/web')).toMatchObject({
      ScalableTargets: [{ ResourceId: 'service/shop/web' }],
      ScalingPolicies: [{ PolicyName: 'cpu' }],
      ScheduledActions: [],
    });
  });

  it('of many services is asked for together, and that of other clusters is left out', async () => {
    const names = named(21);
    const account = mockedAccount(names.map((name) => described(name)));
    account.mocks.applicationAutoScaling
      .on(DescribeScalableTargetsCommand)
      .resolves({ ScalableTargets: names.map(target) })
      .on(DescribeScalingPoliciesCommand)
      .resolves({ ScalingPolicies: [policy('service/other/s000'), policy('service/shop/s001')] });
    const documents = await account.read();
    const calls = account.mocks.applicationAutoScaling.commandCalls(DescribeScalingPoliciesCommand);
    expect(calls.map((call) => call.args[0].input)).toEqual([{ ServiceNamespace: 'ecs' }]);
    expect(documents.get('aws:application-autoscaling/shop/s000')).toMatchObject({ ScalingPolicies: [] });
    expect(documents.get('aws:application-autoscaling/shop/s001')).toMatchObject({
      ScalingPolicies: [{ PolicyName: 'cpu' }],
    });
  });
});

describe('the EventBridge rules of a live account', () => {
  const target = (id: string, cluster: string) => ({
    Id: id,
    Arn: cluster,
    EcsParameters: { TaskDefinitionArn: taskDefinitionArn('report') },
  });
  const other = target('other', `arn:aws:ecs:${HOME}:cluster/other`);
  const lambda = { Id: 'mail', Arn: `arn:aws:lambda:${HOME}:function:mail` };

  it('are those of all event buses whose target is the cluster; tasks of other clusters are left out', async () => {
    const account = mockedAccount([]);
    account.mocks.eventBridge
      .on(ListEventBusesCommand)
      .resolvesOnce({ EventBuses: [{ Name: 'orders' }], NextToken: 'more' })
      .resolvesOnce({ EventBuses: [{ Name: 'default' }] })
      .on(ListRuleNamesByTargetCommand, { EventBusName: 'default', TargetArn: CLUSTER })
      .resolves({ RuleNames: ['nightly'] })
      .on(ListRuleNamesByTargetCommand, { EventBusName: 'orders', TargetArn: CLUSTER })
      .resolves({ RuleNames: ['placed'] })
      .on(DescribeRuleCommand, { Name: 'nightly' })
      .resolves({ Name: 'nightly', Arn: 'arn:b', ScheduleExpression: 'rate(1 day)', EventBusName: 'default' })
      .on(DescribeRuleCommand, { Name: 'placed' })
      .resolves({ Name: 'placed', Arn: 'arn:a', EventPattern: '{}', EventBusName: 'orders' })
      .on(ListTargetsByRuleCommand)
      .resolves({ Targets: [lambda, other, target('b', CLUSTER), target('a', CLUSTER)] });
    const documents = await account.read();
    expect([...documents.keys()]).toEqual([
      'aws:ecs/task-definition/report:9',
      'aws:events/orders/placed',
      'aws:events/default/nightly',
    ]);
    expect(documents.get('aws:events/default/nightly')).toMatchObject({
      Rule: { Name: 'nightly', ScheduleExpression: 'rate(1 day)' },
      Targets: [{ Id: 'a' }, { Id: 'b' }, { Id: 'mail' }],
    });
  });

  it('are those of the default event bus when the others may not be listed', async () => {
    const account = mockedAccount([]);
    account.mocks.eventBridge.on(ListEventBusesCommand).rejects({ name: 'AccessDeniedException', message: 'no' });
    const documents = await account.read();
    const calls = account.mocks.eventBridge.commandCalls(ListRuleNamesByTargetCommand);
    expect(calls.map((call) => call.args[0].input.EventBusName)).toEqual(['default']);
    expect([...documents.keys()]).toEqual(['aws:ecs/shop/unread']);
  });
});

describe('the EventBridge Scheduler schedules of a live account', () => {
  const UNIVERSAL = 'arn:aws:scheduler:::aws-sdk:ecs:runTask';
  const schedule = (name: string, arn: string, input?: string) => ({
    Name: name,
    GroupName: 'default',
    Arn: `arn:aws:scheduler:${HOME}:schedule/default/${name}`,
    ScheduleExpression: 'rate(1 hour)',
    FlexibleTimeWindow: { Mode: 'OFF' as const },
    Target: {
      Arn: arn,
      RoleArn: 'arn:aws:iam::111122223333:role/scheduler',
      ...(input === undefined
        ? { EcsParameters: { TaskDefinitionArn: taskDefinitionArn('report:4') } }
        : { Input: input }),
    },
  });
  const all = [
    schedule('hourly', CLUSTER),
    schedule('elsewhere', `arn:aws:ecs:${HOME}:cluster/other`),
    schedule('by-name', UNIVERSAL, '{"Cluster": "shop", "TaskDefinition": "audit:2"}'),
    schedule('by-arn', UNIVERSAL, JSON.stringify({ cluster: CLUSTER, taskDefinition: 'audit:2' })),
    schedule('default-cluster', UNIVERSAL, '{"TaskDefinition": "audit:3"}'),
    schedule('broken', UNIVERSAL, 'not JSON'),
  ];

  it('are those whose target is the cluster, or a RunTask call to it', async () => {
    const account = mockedAccount([]);
    account.mocks.scheduler
      .on(ListSchedulesCommand)
      .resolvesOnce({ Schedules: all.slice(0, 2), NextToken: 'more' })
      .resolvesOnce({ Schedules: all.slice(2) })
      .on(GetScheduleCommand)
      .callsFake(({ Name }: { Name: string }) => all.find((one) => one.Name === Name));
    const documents = await account.read();
    expect([...documents.keys()]).toEqual([
      'aws:ecs/task-definition/audit:2',
      'aws:ecs/task-definition/report:4',
      'aws:scheduler/default/by-arn',
      'aws:scheduler/default/by-name',
      'aws:scheduler/default/hourly',
      'aws:ecs/shop/unread',
    ]);
    expect(documents.get('aws:ecs/shop/unread')).toMatchObject({ unread: [{ of: ['default/broken'] }] });
    const asked = account.mocks.scheduler.commandCalls(GetScheduleCommand).map((call) => call.args[0].input.Name);
    expect(asked).not.toContain('elsewhere');
  });
});

describe('the alarms of a live account', () => {
  const guarded = (name: string, ...alarmNames: readonly string[]) =>
    described(name, {
      deploymentConfiguration: { alarms: { alarmNames: [...alarmNames], enable: true, rollback: true } },
    });

  it('are those of deployments, 100 names a call; names without an alarm are reported', async () => {
    const account = mockedAccount([guarded('a', ...named(100)), guarded('b', 'x', 's000')]);
    account.mocks.cloudWatch
      .on(DescribeAlarmsCommand)
      .callsFake(({ AlarmNames }: { AlarmNames: readonly string[] }) =>
        AlarmNames[0] === 'x'
          ? { CompositeAlarms: [{ AlarmName: 'x', AlarmRule: 'ALARM(y)' }] }
          : { MetricAlarms: AlarmNames.slice(1).map((AlarmName) => ({ AlarmName, MetricName: 'Errors' })) },
      );
    const documents = await account.read();
    const calls = account.mocks.cloudWatch.commandCalls(DescribeAlarmsCommand).map((call) => call.args[0].input);
    expect(calls.map(({ AlarmNames }) => AlarmNames?.length)).toEqual([100, 1]);
    expect(calls.every(({ AlarmTypes }) => AlarmTypes?.join() === 'MetricAlarm,CompositeAlarm')).toBe(true);
    expect(documents.get('aws:cloudwatch/alarm/x')).toEqual({
      CompositeAlarms: [{ AlarmName: 'x', AlarmRule: 'ALARM(y)' }],
    });
    expect(documents.get('aws:ecs/shop/unread')).toMatchObject({
      unread: [{ call: 'cloudwatch:DescribeAlarms', of: ['s000'] }],
    });
  });
});
