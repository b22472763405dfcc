import { expect, test } from '@jest/globals';
import type { Port } from '../../../charts/port/port.js';
import { renderFiles } from '../../../charts/render.js';
import { portOf } from './port-of.js';

const ROLE = 'arn:aws:iam::111122223333:role';

/** A task and its service with most of what can be carried as it is. */
const documents = {
  'task.json': {
    family: 'web',
    taskRoleArn: `${ROLE}/web`,
    executionRoleArn: `${ROLE}/execution`,
    networkMode: 'awsvpc',
    cpu: '1024',
    memory: '2048',
    pidMode: 'task',
    runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
    volumes: [
      {
        name: 'shared',
        efsVolumeConfiguration: {
          fileSystemId: 'fs-0123456789abcdef0',
          rootDirectory: '/data',
          transitEncryption: 'ENABLED',
        },
      },
      { name: 'scratch' },
      { name: 'disk', configuredAtLaunch: true },
    ],
    containerDefinitions: [
      {
        name: 'app',
        image: 'example/app:1',
        memory: 512,
        memoryReservation: 256,
        entryPoint: ['/entry'],
        command: ['serve'],
        workingDirectory: '/srv',
        user: '1000:1000',
        readonlyRootFilesystem: true,
        interactive: true,
        pseudoTerminal: true,
        environment: [{ name: 'MODE', value: 'production' }],
        secrets: [{ name: 'TOKEN', valueFrom: 'arn:aws:ssm:eu-west-1:111122223333:parameter/shop/token' }],
        portMappings: [{ name: 'http', containerPort: 8080, protocol: 'tcp' }],
        mountPoints: [
          { sourceVolume: 'shared', containerPath: '/shared', readOnly: true },
          { sourceVolume: 'disk', containerPath: '/disk' },
        ],
        healthCheck: { command: ['CMD-SHELL', 'true'], interval: 10, timeout: 3, retries: 4 },
        linuxParameters: {
          capabilities: { add: ['SYS_PTRACE'], drop: ['NET_RAW'] },
          sharedMemorySize: 128,
          tmpfs: [{ containerPath: '/run', size: 16 }],
        },
        restartPolicy: { enabled: true, ignoredExitCodes: [3] },
      },
      {
        name: 'helper',
        image: 'example/helper:1',
        memory: 64,
        essential: false,
        mountPoints: [{ sourceVolume: 'scratch', containerPath: '/scratch' }],
      },
    ],
  },
  'service.json': {
    serviceName: 'web',
    cluster: 'shop',
    taskDefinition: 'web',
    desiredCount: 3,
    schedulingStrategy: 'REPLICA',
    placementConstraints: [
      { type: 'distinctInstance' },
      { type: 'memberOf', expression: 'attribute:ecs.availability-zone in [eu-west-1a]' },
    ],
    placementStrategy: [{ type: 'spread', field: 'attribute:ecs.availability-zone' }],
    volumeConfigurations: [
      {
        name: 'disk',
        managedEBSVolume: {
          sizeInGiB: 20,
          iops: 3000,
          throughput: 125,
          volumeType: 'gp3',
          encrypted: true,
          filesystemType: 'ext4',
          roleArn: `${ROLE}/ebs`,
        },
      },
    ],
    serviceConnectConfiguration: {
      enabled: true,
      namespace: 'shop',
      services: [{ portName: 'http', discoveryName: 'front', clientAliases: [{ port: 80, dnsName: 'front' }] }],
    },
  },
};

/**
 * Fields that say the same by being what Kubernetes does anyway, so that another value is another mark rather than another
 * manifest; each with its reason.
 */
const NOTHING_TO_WRITE: ReadonlyMap<string, string> = new Map([
  ['networkMode', 'a pod has its own address as an awsvpc task has'],
  ['taskDefinition', 'the only task definition of the input is the service’s, whatever it is called'],
  ['serviceConnectConfiguration.namespace', 'the same as the Kubernetes namespace; another one is marked as near'],
]);

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

function render(port: Port): string {
  return renderFiles(port)
    .map(({ path, text }) => `${path}\n${text}`)
    .join('\n');
}

/** The document with the value at a path changed to another of its type. */
function changed(value: Json, steps: readonly string[]): Json {
  const [step, ...rest] = steps;
  if (step === undefined) {
    if (typeof value === 'boolean') return !value;
    if (typeof value === 'number') return value + 1;
    return typeof value === 'string' ? (OTHERS.get(value) ?? `${value}x`) : value;
  }
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === step ? changed(item, rest) : item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === step ? changed(item, rest) : item]),
  );
}

/** Another value where adding a letter would make one that ECS refuses. */
const OTHERS = new Map([
  ['ARM64', 'X86_64'],
  ['LINUX', 'WINDOWS_SERVER_2022_CORE'],
  ['task', 'host'],
  ['tcp', 'udp'],
  ['ENABLED', 'DISABLED'],
  ['CMD-SHELL', 'CMD'],
  ['spread', 'random'],
  ['memberOf', 'distinctInstance'],
  ['distinctInstance', 'memberOf'],
  ['REPLICA', 'DAEMON'],
  ['gp3', 'io2'],
  ['ext4', 'xfs'],
  ['1024', '2048'],
  ['2048', '4096'],
  ['1000:1000', '1000:1001'],
  ['arn:aws:ssm:eu-west-1:111122223333:parameter/shop/token', '/shop/other'],
  ['attribute:ecs.availability-zone', 'instanceId'],
  ['attribute:ecs.availability-zone in [eu-west-1a]', 'attribute:ecs.availability-zone in [eu-west-1b]'],
  ['web', 'webx'],
]);

test('what is marked as the same is in the manifests: another value makes other manifests', () => {
  const { port } = portOf(documents, { kubernetes: '1.35' });
  const before = render(port);
  const claims = port.entries.filter((entry) => entry.fidelity === 'same' && entry.kubernetes.length > 0);
  expect(claims.length).toBeGreaterThan(40);
  const unmoved = claims.flatMap(({ document, path }) => {
    const steps = [...path.matchAll(/[^.[\]]+/g)].map(([step]) => step);
    const others = { ...documents, [document]: changed(documents[document as keyof typeof documents], steps) };
    return render(portOf(others, { kubernetes: '1.35' }).port) === before ? [`${document} ${path}`] : [];
  });
  expect(unmoved.filter((claim) => !NOTHING_TO_WRITE.has(claim.split(' ')[1] ?? ''))).toEqual([]);
});
