import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeServiceRevisionsCommand, DescribeTaskSetsCommand } from '@aws-sdk/client-ecs';
import {
  DescribeRuleCommand,
  ListRuleNamesByTargetCommand,
  ListTargetsByRuleCommand,
} from '@aws-sdk/client-eventbridge';
import { GetScheduleCommand, ListSchedulesCommand } from '@aws-sdk/client-scheduler';
import { describe, expect, it } from '@jest/globals';
import { emptyInput } from '../../../charts/ecs/empty-input.js';
import { readDocuments, readFiles } from '../../../charts/ecs/read.js';
import { manifestsOf, type Port, portInput } from '../../../charts/port/port.js';
import {
  CLUSTER,
  described,
  HOME,
  mockedAccount,
  serviceArn,
  targetGroupArn,
  taskDefinitionArn,
} from './live-account.js';

const network = {
  awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'], assignPublicIp: 'DISABLED' as const },
};
const balancer = { targetGroupArn: targetGroupArn('web'), containerName: 'app', containerPort: 8080 };
const web = described('web', {
  networkConfiguration: network,
  loadBalancers: [balancer],
  deploymentConfiguration: {
    minimumHealthyPercent: 50,
    maximumPercent: 150,
    alarms: { alarmNames: ['errors'], enable: true, rollback: true },
  },
  currentServiceRevisions: [{ arn: `arn:aws:ecs:${HOME}:service-revision/shop/web/1`, requestedTaskCount: 2 }],
  deployments: [
    {
      id: 'ecs-svc/1',
      status: 'PRIMARY',
      taskDefinition: taskDefinitionArn('web:1'),
      serviceConnectConfiguration: { enabled: false },
    },
  ],
});
const { taskDefinition: _none, ...handDeployed } = described('worker', {
  deploymentController: { type: 'EXTERNAL' },
  deployments: [],
});
const revision = {
  serviceRevisionArn: `arn:aws:ecs:${HOME}:service-revision/shop/web/1`,
  serviceArn: serviceArn('web'),
  taskDefinition: taskDefinitionArn('web:1'),
  containerImages: [{ containerName: 'app', image: 'example/web:1', imageDigest: `sha256:${'a'.repeat(64)}` }],
};
const taskSet = {
  id: 'b',
  status: 'PRIMARY',
  taskSetArn: `arn:aws:ecs:${HOME}:task-set/shop/worker/b`,
  taskDefinition: taskDefinitionArn('worker:5'),
  launchType: 'FARGATE' as const,
  networkConfiguration: network,
};
const ecs = {
  ServiceNamespace: 'ecs',
  ResourceId: 'service/shop/web',
  ScalableDimension: 'ecs:service:DesiredCount',
} as const;
const scalableTarget = {
  ...ecs,
  MinCapacity: 2,
  MaxCapacity: 6,
  RoleARN: 'arn:aws:iam::111122223333:role/scaling',
  CreationTime: new Date(0),
};
const policy = {
  ...ecs,
  PolicyARN: `arn:aws:autoscaling:${HOME}:scalingPolicy:1`,
  PolicyName: 'cpu',
  PolicyType: 'TargetTrackingScaling' as const,
  TargetTrackingScalingPolicyConfiguration: {
    TargetValue: 60,
    PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' as const },
  },
  Alarms: [{ AlarmName: 'TargetTracking-service/shop/web-AlarmHigh-1', AlarmARN: 'arn:aws:cloudwatch:1' }],
  CreationTime: new Date(0),
};
const alarms = [
  { AlarmName: 'errors', AlarmArn: 'arn:1', Namespace: 'AWS/ECS', MetricName: 'Errors', Threshold: 5 },
  {
    AlarmName: 'TargetTracking-service/shop/web-AlarmHigh-1',
    AlarmArn: 'arn:2',
    Namespace: 'AWS/ECS',
    MetricName: 'CPUUtilization',
  },
];
const rule = {
  Name: 'nightly',
  Arn: `arn:aws:events:${HOME}:rule/nightly`,
  ScheduleExpression: 'cron(0 3 * * ? *)',
  State: 'ENABLED' as const,
};
const ruleTargets = [
  {
    Id: 'report',
    Arn: CLUSTER,
    EcsParameters: {
      TaskDefinitionArn: taskDefinitionArn('report:2'),
      LaunchType: 'FARGATE' as const,
      NetworkConfiguration: { awsvpcConfiguration: { Subnets: ['subnet-1'], SecurityGroups: ['sg-1'] } },
    },
  },
];
const schedule = {
  Name: 'hourly',
  GroupName: 'default',
  Arn: `arn:aws:scheduler:${HOME}:schedule/default/hourly`,
  ScheduleExpression: 'rate(1 hour)',
  FlexibleTimeWindow: { Mode: 'OFF' as const },
  Target: {
    Arn: CLUSTER,
    RoleArn: 'arn:aws:iam::111122223333:role/scheduler',
    EcsParameters: { TaskDefinitionArn: taskDefinitionArn('audit:3'), LaunchType: 'FARGATE' as const },
  },
};

function account(): ReturnType<typeof mockedAccount> {
  const mocked = mockedAccount([web, handDeployed]);
  const { mocks } = mocked;
  mocks.ecs.on(DescribeServiceRevisionsCommand).resolves({ serviceRevisions: [revision] });
  mocks.ecs.on(DescribeTaskSetsCommand).resolves({ taskSets: [taskSet] });
  mocks.applicationAutoScaling
    .on(DescribeScalableTargetsCommand)
    .resolves({ ScalableTargets: [scalableTarget] })
    .on(DescribeScalingPoliciesCommand)
    .resolves({ ScalingPolicies: [policy] });
  mocks.eventBridge
    .on(ListRuleNamesByTargetCommand)
    .resolves({ RuleNames: ['nightly'] })
    .on(DescribeRuleCommand)
    .resolves(rule)
    .on(ListTargetsByRuleCommand)
    .resolves({ Targets: ruleTargets });
  mocks.scheduler
    .on(ListSchedulesCommand)
    .resolves({ Schedules: [schedule] })
    .on(GetScheduleCommand)
    .resolves(schedule);
  mocks.cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: alarms });
  return mocked;
}

async function livePort(): Promise<Port> {
  const { input } = readDocuments(await account().documents(), emptyInput());
  return portInput(input);
}

/** The same answers, saved as a user would save what the AWS command line prints. */
async function portOfFiles(): Promise<Port> {
  const live = await account().read();
  const definitions = [...live].filter(([path]) => path.startsWith('aws:ecs/task-definition/'));
  const { input } = readFiles(
    Object.entries({
      'services.json': {
        services: [web, { ...handDeployed, deployments: undefined, taskSets: [taskSet] }],
        failures: [],
      },
      'revisions.json': { serviceRevisions: [revision], failures: [] },
      'target-groups.json': {
        TargetGroups: (live.get('aws:elasticloadbalancing/target-group/web') as { TargetGroups: unknown }).TargetGroups,
      },
      'web-attributes.json': { Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '45' }] },
      'targets.json': { ScalableTargets: [scalableTarget] },
      'policies.json': { ScalingPolicies: [policy] },
      'rules.json': { Rules: [rule] },
      'nightly-targets.json': { Targets: ruleTargets },
      'schedule.json': schedule,
      'alarms.json': { MetricAlarms: alarms, CompositeAlarms: [] },
      ...Object.fromEntries(
        definitions.map(([path, answer]) => [`${path.replace(/^.*[/]/, '').replace(':', '-')}.json`, answer]),
      ),
    }).map(([path, value]) => ({ path, text: JSON.stringify(value, null, 4) })),
  );
  return portInput(input);
}

/** The manifests in an order that does not depend on that of the input. */
function textsOf(port: Port): readonly string[] {
  return manifestsOf(port)
    .map((manifest) => JSON.stringify(manifest))
    .sort();
}

describe('the port of a live account', () => {
  it('has the manifests that the same answers have as files', async () => {
    const live = await livePort();
    expect(live.workloads.map(({ kind, name, outcome }) => `${outcome} ${kind} ${name}`).sort()).toEqual([
      'rendered CronJob hourly',
      'rendered CronJob nightly',
      'rendered Deployment web',
      'rendered Deployment worker',
    ]);
    expect(textsOf(live)).toEqual(textsOf(await portOfFiles()));
  });

  it('carries what the target group, the revision and the scaling say', async () => {
    const manifests = manifestsOf(await livePort());
    const text = JSON.stringify(manifests);
    expect(text).toContain(`"targetGroupARN":"${targetGroupArn('web')}"`);
    expect(text).toContain('"preStop":{"sleep":{"seconds":50}}');
    expect(text).toContain(`example/web:1@sha256:${'a'.repeat(64)}`);
    expect(manifests.map(({ kind }) => kind)).toContain('HorizontalPodAutoscaler');
  });

  it('accounts for every field of every answer', async () => {
    const { entries, diagnostics } = await livePort();
    expect(entries.filter(({ untouched }) => untouched === true)).toEqual([]);
    expect(diagnostics).toEqual([]);
  });

  it('says in the report what could not be read', async () => {
    const mocked = account();
    mocked.mocks.scheduler.on(ListSchedulesCommand).rejects({ name: 'AccessDeniedException', message: 'no' });
    const { input } = readDocuments(await mocked.documents(), emptyInput());
    const port = portInput(input);
    expect(port.diagnostics).toMatchObject([
      {
        severity: 'warning',
        code: 'not-read',
        message:
          'scheduler:ListSchedules is not allowed: tasks that EventBridge Scheduler starts are not seen and not ported',
        fix: 'allow the action scheduler:ListSchedules; docs/live-account.md has the whole policy',
        position: { file: 'aws:ecs/shop/unread' },
      },
    ]);
    expect(port.entries.filter(({ document }) => document === 'aws:ecs/shop/unread')).toMatchObject([
      { fidelity: 'none' },
    ]);
  });
});
