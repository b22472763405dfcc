import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { closeClients, type LiveClients } from '../../../charts/ecs/live/clients.js';
import { readCluster } from '../../../charts/ecs/live/read-cluster.js';
import { emptyInput } from '../../../charts/ecs/empty-input.js';
import { readDocuments } from '../../../charts/ecs/read.js';
import { portInput } from '../../../charts/port/port.js';
import { CLUSTER, contentsOf, serviceArn, targetGroupArn, taskDefinitionArn } from './live-account.js';

/** What one call is answered with: a status and a body, JSON unless it is XML text. */
interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

const service = {
  serviceArn: serviceArn('web'),
  serviceName: 'web',
  clusterArn: CLUSTER,
  status: 'ACTIVE',
  desiredCount: 1,
  launchType: 'FARGATE',
  taskDefinition: taskDefinitionArn('web:1'),
  // The protocol's times are seconds since 1970 with fractions.
  createdAt: 1714979289.123,
  loadBalancers: [{ targetGroupArn: targetGroupArn('web'), containerName: 'app', containerPort: 8080 }],
};

const taskDefinition = {
  taskDefinitionArn: taskDefinitionArn('web:1'),
  family: 'web',
  revision: 1,
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  requiresCompatibilities: ['FARGATE'],
  containerDefinitions: [{ name: 'app', image: 'example/web:1', portMappings: [{ containerPort: 8080 }] }],
};

const xml = (action: string, result: string): string =>
  `<${action}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><${action}Result>${result}</${action}Result></${action}Response>`;

/** An account as its endpoints answer over HTTP, by operation; lists are answers in turn, of which the last repeats. */
const ACCOUNT: ReadonlyMap<string, readonly Answer[]> = new Map<string, readonly Answer[]>([
  ['DescribeClusters', [{ body: { clusters: [{ clusterName: 'shop', clusterArn: CLUSTER, status: 'ACTIVE' }] } }]],
  ['ListServices', [{ body: { serviceArns: [], nextToken: 'more' } }, { body: { serviceArns: [serviceArn('web')] } }]],
  [
    'DescribeServices',
    [
      { status: 400, body: { __type: 'ThrottlingException', message: 'Rate exceeded' } },
      { body: { services: [service], failures: [] } },
    ],
  ],
  ['DescribeTaskDefinition', [{ body: { taskDefinition, tags: [] } }]],
  [
    'DescribeTargetGroups',
    [
      {
        body: xml(
          'DescribeTargetGroups',
          `<TargetGroups><member><TargetGroupArn>${targetGroupArn('web')}</TargetGroupArn><TargetGroupName>web</TargetGroupName>` +
            '<Protocol>HTTP</Protocol><Port>80</Port><TargetType>ip</TargetType></member></TargetGroups>',
        ),
      },
    ],
  ],
  [
    'DescribeTargetGroupAttributes',
    [
      {
        body: xml(
          'DescribeTargetGroupAttributes',
          '<Attributes><member><Key>deregistration_delay.timeout_seconds</Key><Value>45</Value></member></Attributes>',
        ),
      },
    ],
  ],
  ['DescribeScalableTargets', [{ status: 400, body: { __type: 'AccessDeniedException', message: 'not allowed' } }]],
  ['ListEventBuses', [{ body: { EventBuses: [] } }]],
  ['ListRuleNamesByTarget', [{ body: { RuleNames: [] } }]],
  ['ListSchedules', [{ body: { Schedules: [] } }]],
]);

/** What was asked for over HTTP. */
interface Seen {
  readonly operation: string;
  readonly authorization: string;
  readonly body: string;
}

let server: Server;
let clients: LiveClients;
let account: Map<string, readonly Answer[]>;
let seen: Seen[];

function answer(request: IncomingMessage, response: ServerResponse): void {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts).toString();
    const target = request.headers['x-amz-target'];
    const operation =
      typeof target === 'string'
        ? target.replace(/^.*\./, '')
        : request.url === '/?' || request.url === '/'
          ? (new URLSearchParams(body).get('Action') ?? '')
          : 'ListSchedules';
    seen.push({ operation, authorization: request.headers.authorization ?? '', body });
    const [first, ...rest] = account.get(operation) ?? [{ status: 400, body: { __type: 'UnknownOperationException' } }];
    if (rest.length > 0) account.set(operation, rest);
    const text = typeof first?.body === 'string';
    response.statusCode = first?.status ?? 200;
    response.setHeader('content-type', text ? 'text/xml' : 'application/x-amz-json-1.1');
    response.end(text ? first?.body : JSON.stringify(first?.body));
  });
}

beforeAll(async () => {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  const settings = {
    endpoint: `http://127.0.0.1:${address.port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'none' },
    retryMode: 'adaptive',
    maxAttempts: 3,
  };
  clients = {
    ecs: new ECSClient(settings),
    elasticLoadBalancing: new ElasticLoadBalancingV2Client(settings),
    applicationAutoScaling: new ApplicationAutoScalingClient(settings),
    eventBridge: new EventBridgeClient(settings),
    scheduler: new SchedulerClient(settings),
    cloudWatch: new CloudWatchClient(settings),
  };
});

afterAll(async () => {
  closeClients(clients);
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  account = new Map(ACCOUNT);
  seen = [];
});

describe('a live account over HTTP', () => {
  it('is read page by page, again where it throttles, and ported', async () => {
    const documents = await readCluster({ cluster: 'shop', clients });
    expect(documents.map(({ path }) => path)).toEqual([
      'aws:ecs/shop/service/web',
      'aws:ecs/task-definition/web:1',
      'aws:elasticloadbalancing/target-group/web',
      'aws:ecs/shop/unread',
    ]);
    expect(contentsOf(documents).get('aws:ecs/shop/service/web')).toEqual({
      services: [{ ...service, createdAt: '2024-05-06T07:08:09.123Z' }],
    });
    const port = portInput(readDocuments(documents, emptyInput()).input);
    expect(port.workloads).toMatchObject([{ kind: 'Deployment', name: 'web', namespace: 'shop', outcome: 'rendered' }]);
    expect(JSON.stringify(port.workloads)).toContain('"sleep":{"seconds":50}');
  });

  it('is asked in the words of its protocol, signed for the region', async () => {
    await readCluster({ cluster: 'shop', clients });
    const count = (operation: string): number => seen.filter((call) => call.operation === operation).length;
    expect(count('ListServices')).toBe(2);
    expect(count('DescribeServices')).toBe(2);
    const call = seen.find(({ operation }) => operation === 'DescribeServices');
    expect(JSON.parse(call?.body ?? '')).toEqual({
      cluster: CLUSTER,
      services: [serviceArn('web')],
      include: ['TAGS'],
    });
    expect(call?.authorization).toMatch(/Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/ecs\/aws4_request/);
  });

  it('says which permission is missing when a needed call is denied', async () => {
    const message = 'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: ecs:DescribeTaskDefinition';
    account.set('DescribeTaskDefinition', [{ status: 400, body: { __type: 'AccessDeniedException', message } }]);
    await expect(readCluster({ cluster: 'shop', clients })).rejects.toMatchObject({
      code: 'access-denied',
      problem: 'ecs:DescribeTaskDefinition is not allowed to arn:aws:iam::111122223333:user/ci',
    });
  });

  it('says so when the credentials are not taken', async () => {
    account.set('DescribeClusters', [
      { status: 400, body: { __type: 'UnrecognizedClientException', message: 'invalid token' } },
    ]);
    await expect(readCluster({ cluster: 'shop', clients })).rejects.toMatchObject({ code: 'no-credentials' });
  });

  it('says so when nothing answers', async () => {
    const ecs = new ECSClient({
      endpoint: 'http://127.0.0.1:1',
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    });
    await expect(readCluster({ cluster: 'shop', clients: { ...clients, ecs } })).rejects.toMatchObject({
      code: 'unreachable',
      action: 'ecs:DescribeClusters',
    });
  });
});
