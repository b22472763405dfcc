import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeClustersCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTaskSetsCommand,
  ECSClient,
  ListServicesCommand,
  type Service,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, ListEventBusesCommand, ListRuleNamesByTargetCommand } from '@aws-sdk/client-eventbridge';
import { ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { mockClient } from 'aws-sdk-client-mock';
import type { InputDocument } from '../../../charts/ecs/input.js';
import { type ReadClusterOptions, readCluster } from '../../../charts/ecs/live/read-cluster.js';
import { toPlain } from '../../../charts/ecs/source/source-node.js';

/** Ids of an account that does not exist. */
export const HOME = 'eu-west-1:111122223333';
export const CLUSTER = `arn:aws:ecs:${HOME}:cluster/shop`;

export const serviceArn = (name: string): string => `arn:aws:ecs:${HOME}:service/shop/${name}`;
export const taskDefinitionArn = (name: string): string => `arn:aws:ecs:${HOME}:task-definition/${name}`;
export const targetGroupArn = (name: string): string =>
  `arn:aws:elasticloadbalancing:${HOME}:targetgroup/${name}/0123456789abcdef`;

/** A described service that runs a task definition of its own name. */
export function described(name: string, more: Partial<Service> = {}): Service {
  return {
    serviceArn: serviceArn(name),
    serviceName: name,
    clusterArn: CLUSTER,
    status: 'ACTIVE',
    desiredCount: 2,
    launchType: 'FARGATE',
    taskDefinition: taskDefinitionArn(`${name}:1`),
    schedulingStrategy: 'REPLICA',
    deploymentController: { type: 'ECS' },
    createdAt: new Date('2024-05-06T07:08:09.123Z'),
    events: [{ id: '1', createdAt: new Date(0), message: 'has reached a steady state' }],
    ...more,
  };
}

/** A described task definition of one container. */
export function runs(family: string, revision = 1): TaskDefinition {
  return {
    taskDefinitionArn: taskDefinitionArn(`${family}:${revision}`),
    family,
    revision,
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    requiresCompatibilities: ['FARGATE'],
    containerDefinitions: [{ name: 'app', image: `example/${family}:1`, portMappings: [{ containerPort: 8080 }] }],
  };
}

/** Clients that answer as an account with these services and nothing else would; tests lay more answers over them. */
export function mockedAccount(services: readonly Service[]) {
  const settings = { region: 'eu-west-1', credentials: { accessKeyId: 'none', secretAccessKey: 'none' } };
  const clients = {
    ecs: new ECSClient(settings),
    elasticLoadBalancing: new ElasticLoadBalancingV2Client(settings),
    applicationAutoScaling: new ApplicationAutoScalingClient(settings),
    eventBridge: new EventBridgeClient(settings),
    scheduler: new SchedulerClient(settings),
    cloudWatch: new CloudWatchClient(settings),
  };
  const mocks = {
    ecs: mockClient(clients.ecs),
    elasticLoadBalancing: mockClient(clients.elasticLoadBalancing),
    applicationAutoScaling: mockClient(clients.applicationAutoScaling),
    eventBridge: mockClient(clients.eventBridge),
    scheduler: mockClient(clients.scheduler),
    cloudWatch: mockClient(clients.cloudWatch),
  };
  const byArn = new Map(services.map((service) => [service.serviceArn, service]));
  mocks.ecs
    .on(DescribeClustersCommand)
    .resolves({ clusters: [{ clusterName: 'shop', clusterArn: CLUSTER, status: 'ACTIVE' }] });
  mocks.ecs.on(ListServicesCommand).resolves({ serviceArns: services.flatMap(({ serviceArn: arn }) => arn ?? []) });
  mocks.ecs.on(DescribeServicesCommand).callsFake(({ services: asked }: { services: readonly string[] }) => ({
    services: asked.flatMap((arn) => byArn.get(arn) ?? []),
    failures: asked.filter((arn) => !byArn.has(arn)).map((arn) => ({ arn, reason: 'MISSING' })),
  }));
  mocks.ecs.on(DescribeTaskDefinitionCommand).callsFake(({ taskDefinition }: { taskDefinition: string }) => {
    const [family = '', revision] = taskDefinition.replace(/^.*\//, '').split(':');
    return { taskDefinition: runs(family, Number(revision ?? 9)), tags: [{ key: 'team', value: family }] };
  });
  mocks.ecs.on(DescribeTaskSetsCommand).resolves({ taskSets: [] });
  mocks.ecs.on(DescribeServiceRevisionsCommand).resolves({ serviceRevisions: [] });
  mocks.elasticLoadBalancing
    .on(DescribeTargetGroupsCommand)
    .callsFake(({ TargetGroupArns }: { TargetGroupArns: readonly string[] }) => ({
      TargetGroups: TargetGroupArns.map((arn) => ({
        TargetGroupArn: arn,
        TargetGroupName: arn.split('/')[1],
        Protocol: 'HTTP',
        Port: 80,
        TargetType: 'ip',
        HealthCheckPath: '/healthy',
      })),
    }));
  mocks.elasticLoadBalancing
    .on(DescribeTargetGroupAttributesCommand)
    .resolves({ Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '45' }] });
  mocks.applicationAutoScaling.on(DescribeScalableTargetsCommand).resolves({ ScalableTargets: [] });
  mocks.applicationAutoScaling.on(DescribeScalingPoliciesCommand).resolves({ ScalingPolicies: [] });
  mocks.applicationAutoScaling.on(DescribeScheduledActionsCommand).resolves({ ScheduledActions: [] });
  mocks.eventBridge.on(ListEventBusesCommand).resolves({ EventBuses: [{ Name: 'default' }] });
  mocks.eventBridge.on(ListRuleNamesByTargetCommand).resolves({ RuleNames: [] });
  mocks.scheduler.on(ListSchedulesCommand).resolves({ Schedules: [] });
  mocks.cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [], CompositeAlarms: [] });
  return {
    clients,
    mocks,
    /** Waits of the reading, in milliseconds; none of them is waited for. */
    waits: [] as number[],
    /** Reads the cluster `shop`. */
    async read(options: Partial<ReadClusterOptions> = {}): Promise<ReadonlyMap<string, unknown>> {
      return contentsOf(await this.documents(options));
    },
    documents(options: Partial<ReadClusterOptions> = {}): Promise<InputDocument[]> {
      const sleep = (milliseconds: number): Promise<void> => {
        this.waits.push(milliseconds);
        return Promise.resolve();
      };
      return readCluster({ cluster: 'shop', clients, sleep, ...options });
    },
  };
}

/** What documents hold, by their paths. */
export function contentsOf(documents: readonly InputDocument[]): ReadonlyMap<string, unknown> {
  return new Map(documents.map(({ path, root }) => [path, toPlain(root)]));
}

/** An error as the SDK throws it. */
export function awsError(name: string, message = name, status = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}
