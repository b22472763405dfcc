import * as fc from 'fast-check';

const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,70}$/);
const word = fc.string({ maxLength: 20 }).map((text) => text.replaceAll('\0', ''));
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

/** Any JSON object without undefined members, as a file would hold it. */
export function withoutUndefined<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

const healthCheck = fc.record(
  {
    command: fc.oneof(fc.constant(['CMD-SHELL', 'true']), fc.constant(['CMD', '/check', '--fast'])),
    interval: fc.integer({ min: 5, max: 300 }),
    timeout: fc.integer({ min: 2, max: 60 }),
    retries: fc.integer({ min: 1, max: 10 }),
    startPeriod: fc.integer({ min: 0, max: 300 }),
  },
  { requiredKeys: ['command'] },
);

/** `app` may wait for `worker` and both for `setup`; the graph is a random one without cycles. */
function container(
  containerName: string,
  index: number,
  earlier: readonly { name: string; essential: boolean; hasCheck: boolean }[],
): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .record({
      essential: index === 0 ? fc.constant(true) : optional(fc.boolean()),
      memory: fc.integer({ min: 64, max: 4096 }),
      cpu: optional(fc.integer({ min: 0, max: 2048 })),
      command: optional(fc.array(word, { maxLength: 4 })),
      entryPoint: optional(fc.array(word, { maxLength: 3 })),
      environment: optional(
        fc.array(fc.record({ name: fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,15}$/), value: word }), {
          maxLength: 4,
        }),
      ),
      portMappings: optional(
        fc.array(
          fc.record({ containerPort: fc.integer({ min: 1, max: 65535 }), protocol: fc.constantFrom('tcp', 'udp') }),
          { maxLength: 3 },
        ),
      ),
      healthCheck: optional(healthCheck),
      stopTimeout: optional(fc.integer({ min: 2, max: 120 })),
      startTimeout: optional(fc.integer({ min: 2, max: 120 })),
      user: optional(fc.constantFrom('1000', '1000:1000', 'nginx', 'root')),
      readonlyRootFilesystem: optional(fc.boolean()),
      privileged: optional(fc.boolean()),
      workingDirectory: optional(fc.constant('/srv')),
      dockerLabels: optional(fc.dictionary(word, word, { maxKeys: 3 })),
      ulimits: optional(fc.constant([{ name: 'nofile', softLimit: 1024, hardLimit: 4096 }])),
      linuxParameters: optional(
        fc.record({
          initProcessEnabled: optional(fc.boolean()),
          sharedMemorySize: optional(fc.integer({ min: 1, max: 512 })),
          capabilities: optional(fc.constant({ add: ['SYS_PTRACE'], drop: ['NET_RAW'] })),
          tmpfs: optional(fc.constant([{ containerPath: '/scratch', size: 16 }])),
        }),
      ),
      restartPolicy: optional(
        fc.record({
          enabled: fc.boolean(),
          ignoredExitCodes: fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { maxLength: 3 }),
          restartAttemptPeriod: fc.integer({ min: 60, max: 1800 }),
        }),
      ),
      secrets: optional(
        fc.constant([
          { name: 'SECRET', valueFrom: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3:password::' },
        ]),
      ),
      mountPoints: optional(fc.constant([{ sourceVolume: 'data', containerPath: '/data' }])),
      logConfiguration: optional(
        fc.constant({ logDriver: 'awslogs', options: { 'awslogs-group': '/ecs/web', 'awslogs-region': 'eu-west-1' } }),
      ),
      dependsOn: fc.subarray(earlier.map((_, position) => position)),
    })
    .map(({ dependsOn, ...rest }) => {
      const edges = dependsOn.flatMap((position) => {
        const target = earlier[position];
        if (target === undefined) return [];
        const condition = target.hasCheck ? 'HEALTHY' : target.essential ? 'START' : 'SUCCESS';
        return [{ containerName: target.name, condition }];
      });
      const environment = rest.environment?.filter((variable) => variable.name !== 'SECRET');
      return withoutUndefined({
        name: containerName,
        image: 'example/app:1',
        ...rest,
        environment,
        ...(edges.length === 0 ? {} : { dependsOn: edges }),
      });
    });
}

/** Task definitions that ECS accepts. */
export const taskDefinitions: fc.Arbitrary<Record<string, unknown>> = fc
  .tuple(
    name,
    fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
    fc.record({
      networkMode: optional(fc.constantFrom('awsvpc', 'bridge', 'host')),
      pidMode: optional(fc.constantFrom('task', 'host')),
      taskRoleArn: optional(fc.constant('arn:aws:iam::111122223333:role/web')),
      sized: fc.boolean(),
    }),
  )
  .chain(([family, names, { sized, ...rest }]) => {
    let containers: fc.Arbitrary<Record<string, unknown>[]> = fc.constant([]);
    for (const [index, containerName] of names.entries()) {
      containers = containers.chain((earlier) =>
        container(
          containerName,
          index,
          earlier.map((made) => ({
            name: String(made['name']),
            essential: made['essential'] !== false,
            hasCheck: made['healthCheck'] !== undefined,
          })),
        ).map((made) => [...earlier, made]),
      );
    }
    return containers.map((containerDefinitions) =>
      withoutUndefined({
        family,
        executionRoleArn: 'arn:aws:iam::111122223333:role/execution',
        ...rest,
        ...(sized ? { cpu: '4096', memory: '16384' } : {}),
        volumes: [{ name: 'data' }],
        containerDefinitions,
      }),
    );
  });

/** Services that ECS accepts, for a task definition of the given family. */
export function services(family: string): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .record({
      serviceName: name,
      cluster: optional(fc.constantFrom('shop', 'Shop_2')),
      desiredCount: fc.integer({ min: 0, max: 50 }),
      schedulingStrategy: optional(fc.constant('REPLICA')),
      deploymentConfiguration: optional(
        fc.record({
          maximumPercent: fc.integer({ min: 100, max: 400 }),
          minimumHealthyPercent: fc.integer({ min: 0, max: 100 }),
        }),
      ),
      placementStrategy: optional(
        fc.constantFrom(
          [{ type: 'spread', field: 'instanceId' }],
          [{ type: 'binpack', field: 'memory' }],
          [{ type: 'random' }],
        ),
      ),
      placementConstraints: optional(
        fc.constantFrom(
          [{ type: 'distinctInstance' }],
          [{ type: 'memberOf', expression: 'attribute:stack in [a, b] and not(attribute:ecs.instance-type =~ t2.*)' }],
        ),
      ),
      enableExecuteCommand: optional(fc.boolean()),
      healthCheckGracePeriodSeconds: optional(fc.integer({ min: 0, max: 600 })),
      tags: optional(
        fc.array(fc.record({ key: fc.string({ minLength: 1, maxLength: 40 }), value: word }), { maxLength: 3 }),
      ),
    })
    .map((service) => withoutUndefined({ ...service, taskDefinition: family }));
}
