import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { composeReader } from '../../../charts/ecs/readers/compose.js';
import { bytesOf } from '../../../charts/ecs/readers/compose/bytes.js';
import { PARAMS_VOCABULARY, VOCABULARY } from '../../../charts/ecs/readers/compose/vocabulary.js';
import { entryAt, findings, read, service, taskDefinition, untouched } from './derived-reading.js';

const COMPOSE = 'shop/docker-compose.yml';
const PARAMS = 'shop/ecs-params.yml';

function readCompose(
  text: string,
  params?: string,
  parameters: Readonly<Record<string, string>> = {},
): ReturnType<typeof read> {
  return read(composeReader, params === undefined ? { [COMPOSE]: text } : { [COMPOSE]: text, [PARAMS]: params }, {
    parameters,
  });
}

/** One service `web` with the given fields. */
function web(fields: string): ReturnType<typeof read> {
  return readCompose(`services:\n  web: {image: nginx, ${fields}}\n`);
}

function container(reading: ReturnType<typeof read>): unknown {
  return reading.input.taskDefinitions[0]?.definition.get('containerDefinitions').value?.[0];
}

describe('a compose file', () => {
  it('becomes one task definition, whose containers are its services and whose name is that of its folder', () => {
    expect(taskDefinition(readCompose('services: {web: {image: nginx}, db: {image: postgres}}'))).toMatchObject({
      family: 'shop',
      containerDefinitions: [
        { name: 'web', image: 'nginx', essential: true, memory: 512 },
        { name: 'db', image: 'postgres', essential: true, memory: 512 },
      ],
    });
  });

  it('runs as whatever the caller makes of a task definition, for it says nothing of a service', () => {
    expect(readCompose('services: {web: {image: nginx}}').input.services).toEqual([]);
  });

  it('runs as a service when its only service has replicas', () => {
    expect(service(web('deploy: {replicas: 3}'))).toMatchObject({ taskDefinition: 'shop', desiredCount: 3 });
    const two = readCompose('services: {web: {image: nginx, deploy: {replicas: 3}}, db: {image: postgres}}');
    expect(two.input.services).toEqual([]);
    expect(entryAt(two, 'services.web.deploy.replicas')).toMatchObject({ fidelity: 'none' });
  });

  it('is read in its first format too, where the services stand at the top', () => {
    const reading = readCompose('web:\n  image: nginx\n  mem_limit: 100m\n  links: [db]\ndb:\n  image: postgres\n');
    expect(taskDefinition(reading)).toMatchObject({
      containerDefinitions: [{ name: 'web', memory: 100, links: ['db'] }, { name: 'db' }],
    });
  });

  it('is not every file with services in it', () => {
    for (const text of [
      'services: [{name: web}]',
      'apiVersion: v1\nservices: {web: {image: x}}',
      'services: {web: {port: 1}}',
    ]) {
      expect(readCompose(text).input.taskDefinitions).toEqual([]);
    }
  });

  it('names a second file of the folder by what its name adds', () => {
    const reading = read(composeReader, { 'shop/docker-compose.prod.yml': 'services: {web: {image: nginx}}' });
    expect(reading.input.taskDefinitions[0]?.family).toBe('shop-prod');
  });
});

describe('the services of a compose file', () => {
  it.each<[string, string, unknown]>([
    ['a command as shell words', 'command: run "two words" --x', { command: ['run', 'two words', '--x'] }],
    ['an entrypoint as a list', 'entrypoint: [/bin/sh, -c]', { entryPoint: ['/bin/sh', '-c'] }],
    [
      'environment as a map',
      'environment: {A: 1.10, B: text}',
      {
        environment: [
          { name: 'A', value: '1.10' },
          { name: 'B', value: 'text' },
        ],
      },
    ],
    [
      'environment as a list',
      'environment: ["A=x=y", "EMPTY="]',
      {
        environment: [
          { name: 'A', value: 'x=y' },
          { name: 'EMPTY', value: '' },
        ],
      },
    ],
    [
      'ports in the short form',
      'ports: ["8080:80", 443, "127.0.0.1:9000-9001:9000-9001/udp"]',
      {
        portMappings: [
          { containerPort: 80, hostPort: 8080, protocol: 'tcp' },
          { containerPort: 443, protocol: 'tcp' },
          { containerPort: 9000, hostPort: 9000, protocol: 'udp' },
          { containerPort: 9001, hostPort: 9001, protocol: 'udp' },
        ],
      },
    ],
    [
      'ports in the long form',
      'ports: [{target: 80, published: "8080", protocol: udp}]',
      { portMappings: [{ containerPort: 80, hostPort: 8080, protocol: 'udp' }] },
    ],
    [
      'a health check in a shell',
      'healthcheck: {test: curl localhost, interval: 1m30s, timeout: 10s, retries: 3, start_period: 5s}',
      {
        healthCheck: {
          command: ['CMD-SHELL', 'curl localhost'],
          interval: 90,
          timeout: 10,
          retries: 3,
          startPeriod: 5,
        },
      },
    ],
    ['cores as CPU units', 'cpus: 0.5', { cpu: 512 }],
    ['memory in MiB', 'mem_limit: 1g, mem_reservation: 536870912', { memory: 1024, memoryReservation: 512 }],
    [
      'deploy.resources',
      'deploy: {resources: {limits: {memory: 100M}, reservations: {cpus: "0.25", memory: 50M}}}',
      { cpu: 256, memory: 100, memoryReservation: 50 },
    ],
    [
      'Linux parameters',
      'cap_add: [NET_ADMIN], cap_drop: [ALL], init: true, shm_size: 64m, devices: ["/dev/a:/dev/b:rw"], tmpfs: "/run:size=64m,noexec"',
      {
        linuxParameters: {
          capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
          devices: [{ hostPath: '/dev/a', containerPath: '/dev/b', permissions: ['read', 'write'] }],
          initProcessEnabled: true,
          sharedMemorySize: 64,
          tmpfs: [{ containerPath: '/run', size: 64, mountOptions: ['noexec'] }],
        },
      },
    ],
    [
      'ulimits in both forms',
      'ulimits: {nproc: 100, nofile: {soft: 1, hard: 2}}',
      {
        ulimits: [
          { name: 'nproc', softLimit: 100, hardLimit: 100 },
          { name: 'nofile', softLimit: 1, hardLimit: 2 },
        ],
      },
    ],
    [
      'sysctls',
      'sysctls: ["net.core.somaxconn=1024"]',
      { systemControls: [{ namespace: 'net.core.somaxconn', value: '1024' }] },
    ],
    [
      'names of hosts',
      'extra_hosts: ["a:10.0.0.1"], dns: 8.8.8.8, hostname: h',
      { extraHosts: [{ hostname: 'a', ipAddress: '10.0.0.1' }], dnsServers: ['8.8.8.8'], hostname: 'h' },
    ],
    ['labels as a list', 'labels: ["a=b", flag]', { dockerLabels: { a: 'b', flag: '' } }],
    [
      'a log driver',
      'logging: {driver: awslogs, options: {awslogs-group: g, max: 3}}',
      { logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': 'g', max: '3' } } },
    ],
    ['the time to stop', 'stop_grace_period: 1m30s', { stopTimeout: 90 }],
    [
      'flags',
      'privileged: true, read_only: true, tty: true, stdin_open: true',
      { privileged: true, readonlyRootFilesystem: true, pseudoTerminal: true, interactive: true },
    ],
    ['volumes from others', 'volumes_from: ["db:ro"]', { volumesFrom: [{ sourceContainer: 'db', readOnly: true }] }],
    [
      'GPUs',
      'deploy: {resources: {reservations: {devices: [{driver: nvidia, count: 2, capabilities: [gpu]}]}}}',
      { resourceRequirements: [{ type: 'GPU', value: '2' }] },
    ],
  ])('carry %s', (_what, fields, expected) => {
    const reading = web(fields);
    expect(JSON.parse(JSON.stringify(container(reading)))).toMatchObject(expected as Record<string, unknown>);
    expect(untouched(reading)).toEqual([]);
  });

  it('take variables from parameters, then from their defaults, and keep the rest as placeholders', () => {
    const text = 'services: {web: {image: "${REGISTRY:-hub}/web:${TAG-1}", environment: [SECRET, "U=$USER", "P=$$5"]}}';
    const reading = readCompose(text, undefined, { TAG: '7' });
    expect(container(reading)).toMatchObject({
      image: 'hub/web:7',
      environment: [{ value: '${SECRET}' }, { value: '${USER}' }, { value: '$5' }],
    });
    expect(reading.input.placeholders.map(({ fix }) => fix)).toEqual([
      '--parameter SECRET=VALUE',
      '--parameter USER=VALUE',
    ]);
  });

  it('that are built take their image from a parameter, and without any are refused', () => {
    const built = readCompose('services: {web: {build: .}}');
    expect(container(built)).toMatchObject({ image: '${image of web}' });
    expect(built.input.placeholders).toMatchObject([{ name: 'image.web', fix: '--parameter image.web=URI' }]);
    expect(findings(readCompose('services: {web: {ports: ["80"], user: root}}'))).toContainEqual(
      'refused: service web has neither image nor build',
    );
  });

  it('wait for each other by ECS’s conditions', () => {
    const reading = readCompose(`services:
  web:
    image: nginx
    depends_on:
      db: {condition: service_healthy}
      cache: {condition: service_healthy}
      migrate: {condition: service_completed_successfully}
  db: {image: postgres, healthcheck: {test: [CMD, pg_isready]}}
  cache: {image: redis}
  migrate: {image: migrate}
`);
    expect(taskDefinition(reading)).toMatchObject({
      containerDefinitions: [
        {
          dependsOn: [
            { containerName: 'db', condition: 'HEALTHY' },
            { containerName: 'cache', condition: 'START' },
            { containerName: 'migrate', condition: 'SUCCESS' },
          ],
        },
        { name: 'db', essential: true },
        { name: 'cache', essential: true },
        { name: 'migrate', essential: false },
      ],
    });
    expect(findings(reading)).toContainEqual(expect.stringContaining('service cache has no healthcheck'));
  });

  it('mount named volumes, paths of the host, and volumes without a name', () => {
    const reading = readCompose(`services:
  web:
    image: nginx
    volumes:
      - data:/data:ro
      - /var/log:/log
      - /cache
      - ./conf:/conf
      - {type: tmpfs, target: /tmp, tmpfs: {size: 64m}}
volumes: {data: }
`);
    expect(taskDefinition(reading)).toMatchObject({
      containerDefinitions: [
        {
          mountPoints: [
            { sourceVolume: 'data', containerPath: '/data', readOnly: true },
            { sourceVolume: 'volume-1', containerPath: '/log', readOnly: false },
            { sourceVolume: 'volume-2', containerPath: '/cache' },
            { sourceVolume: 'volume-3', containerPath: '/conf' },
          ],
          linuxParameters: { tmpfs: [{ containerPath: '/tmp', size: 64 }] },
        },
      ],
      volumes: [
        { name: 'data' },
        { name: 'volume-1', host: { sourcePath: '/var/log' } },
        { name: 'volume-2' },
        { name: 'volume-3' },
      ],
    });
    expect(findings(reading)).toContainEqual(expect.stringContaining('./conf lies beside the compose file'));
    expect(entryAt(reading, 'services.web.volumes[3]')).toMatchObject({ fidelity: 'none' });
    expect(untouched(reading)).toEqual([]);
  });

  it('share one network, process and platform setting', () => {
    const reading = readCompose(
      'services: {a: {image: x, network_mode: host, pid: host, platform: linux/arm64}, b: {image: y, network_mode: none}}',
    );
    expect(taskDefinition(reading)).toMatchObject({
      networkMode: 'host',
      pidMode: 'host',
      runtimePlatform: { cpuArchitecture: 'ARM64' },
    });
    expect(entryAt(reading, 'services.b.network_mode')).toMatchObject({ fidelity: 'none' });
  });

  it('say what becomes of the fields that ECS does not have', () => {
    const reading = web('env_file: .env, restart: always, networks: [a], secrets: [s], x-own: 1, colour: blue');
    expect(entryAt(reading, 'services.web.env_file')).toMatchObject({ fidelity: 'none' });
    expect(entryAt(reading, 'services.web.restart')).toMatchObject({ fidelity: 'near' });
    expect(entryAt(reading, 'services.web["x-own"]')).toMatchObject({ fidelity: 'same' });
    expect(findings(reading)).toContainEqual('warning: unknown field: a compose file has no such field');
    expect(untouched(reading)).toEqual([]);
  });
});

describe('ecs-params.yml', () => {
  const compose =
    'services: {web: {image: nginx, mem_limit: 1g, cpu_shares: 5}, db: {image: postgres}}\nvolumes: {data: {driver: local}}\n';
  const params = `version: 1
task_definition:
  ecs_network_mode: awsvpc
  task_role_arn: arn:aws:iam::111122223333:role/task
  task_execution_role: exec
  task_size: {cpu_limit: 512, mem_limit: 2GB}
  efs_volumes: [{name: data, filesystem_id: fs-1, iam: ENABLED, transit_encryption: ENABLED}]
  services:
    web:
      essential: true
      cpu_shares: 100
      mem_limit: 524288000
      healthcheck: {test: [CMD, x], interval: 20}
      secrets: [{name: A, value_from: /a}]
      repository_credentials: {credentials_parameter: arn:aws:secretsmanager:x}
    db:
      essential: false
      depends_on: [{container_name: web, condition: START}]
run_params:
  network_configuration: {awsvpc_configuration: {subnets: [subnet-1], security_groups: [sg-1], assign_public_ip: ENABLED}}
  task_placement: {strategy: [{type: spread, field: instanceId}], constraints: [{type: distinctInstance}]}
  service_discovery: {container_name: web, container_port: 80, service_discovery_service: {name: shop-api}}
`;

  it('adds to the compose file beside it what ECS needs, and overrides it', () => {
    const reading = readCompose(compose, params);
    expect(taskDefinition(reading)).toMatchObject({
      networkMode: 'awsvpc',
      executionRoleArn: 'exec',
      cpu: '512',
      memory: '2GB',
      containerDefinitions: [
        {
          name: 'web',
          cpu: 100,
          memory: 500,
          healthCheck: { command: ['CMD', 'x'], interval: 20 },
          secrets: [{ name: 'A', valueFrom: '/a' }],
          repositoryCredentials: { credentialsParameter: 'arn:aws:secretsmanager:x' },
        },
        { name: 'db', essential: false, dependsOn: [{ containerName: 'web', condition: 'START' }] },
      ],
      volumes: [
        { name: 'data', efsVolumeConfiguration: { fileSystemId: 'fs-1', authorizationConfig: { iam: 'ENABLED' } } },
      ],
    });
    expect(service(reading)).toMatchObject({
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'], assignPublicIp: 'ENABLED' } },
      placementStrategy: [{ type: 'spread', field: 'instanceId' }],
      placementConstraints: [{ type: 'distinctInstance' }],
      serviceRegistries: [{ registryArn: 'shop-api', containerName: 'web', containerPort: 80 }],
    });
    expect(untouched(reading)).toEqual([]);
  });

  it('makes its items once, whichever of the two files comes first', () => {
    for (const texts of [
      { [PARAMS]: params, [COMPOSE]: compose },
      { [COMPOSE]: compose, [PARAMS]: params },
    ]) {
      const reading = read(composeReader, texts);
      expect(reading.input.taskDefinitions).toHaveLength(1);
      expect(reading.input.services).toHaveLength(1);
      expect(untouched(reading)).toEqual([]);
    }
  });

  it('leaves a container without a limit when the task has one', () => {
    const reading = readCompose(
      'services: {web: {image: nginx}}',
      'version: 1\ntask_definition: {task_size: {mem_limit: 1GB}}\n',
    );
    expect(container(reading)).not.toHaveProperty('memory');
  });

  it('counts bytes where it gives a bare number', () => {
    const reading = readCompose(
      'services: {web: {image: nginx}}',
      'version: 1\ntask_definition: {services: {web: {mem_limit: 512}}}\n',
    );
    expect(container(reading)).toMatchObject({ memory: 512 });
    expect(findings(reading)).toContainEqual('warning: 512 bytes are less than 1 MiB and count as not set');
    expect(entryAt(reading, 'task_definition.services.web.mem_limit')).toMatchObject({ fidelity: 'none' });
  });

  it('is refused without a compose file in its folder, with every field accounted for', () => {
    const reading = read(composeReader, { 'a/ecs-params.yml': params, 'b/docker-compose.yml': compose });
    expect(reading.input.diagnostics).toMatchObject([
      { severity: 'refused', code: 'missing-compose-file', position: { file: 'a/ecs-params.yml', line: 1, column: 1 } },
    ]);
    expect(untouched(reading)).toEqual([]);
  });

  it('warns of services that the compose file does not have and of fields in the wrong place', () => {
    const reading = readCompose(
      'services: {web: {image: nginx}}',
      'version: 1\ntask_definition: {services: {ghost: {gpu: 1}}, extraHosts: [{hostname: a}]}\n',
    );
    expect(findings(reading)).toEqual(
      expect.arrayContaining([
        'warning: ecs-params.yml configures service ghost, which the compose file does not have',
        'warning: unknown field: ecs-params.yml has no such field',
      ]),
    );
    expect(untouched(reading)).toEqual([]);
  });
});

describe('sizes', () => {
  it.each([
    ['1024', 1024],
    ['512m', 512 * 1024 ** 2],
    ['0.5GB', 512 * 1024 ** 2],
    ['1 kb', 1024],
    ['x', undefined],
    ['-1m', undefined],
  ])('%s are %s bytes', (text, bytes) => {
    expect(bytesOf(text)).toBe(bytes);
  });
});

const scalars = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('8080:80', '1m30s', '512m', '${A:-${B}}', 'a=b', 'data:/data:ro', './x:/y', 'service:web', 'size=1'),
);

function hostile(vocabulary: ReadonlySet<string>): fc.Arbitrary<unknown> {
  const key = fc.oneof(fc.constantFrom(...vocabulary), fc.constantFrom('__proto__', 'constructor', 'web', 'x-a'));
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6, depthSize: 'small' },
      scalars,
      fc.array(tie('value'), { maxLength: 4 }),
      fc
        .array(fc.tuple(key, tie('value')), { maxLength: 8 })
        .map(
          (entries) =>
            JSON.parse(
              `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
            ) as unknown,
        ),
    ),
  })).value;
}

describe('any JSON value', () => {
  it('makes a project whose every leaf is accounted for, whatever its shape', () => {
    const anyFields = fc.dictionary(fc.constantFrom(...VOCABULARY), hostile(VOCABULARY), { maxKeys: 12 });
    const params = fc.dictionary(fc.constantFrom(...PARAMS_VOCABULARY), hostile(PARAMS_VOCABULARY), { maxKeys: 6 });
    fc.assert(
      fc.property(anyFields, params, params, hostile(VOCABULARY), (fields, task, run, volumes) => {
        const reading = read(composeReader, {
          'shop/compose.json': JSON.stringify({ services: { web: { image: 'nginx', ...fields } }, volumes }),
          'shop/ecs-params.json': JSON.stringify({
            task_definition: { ...task, services: { web: task } },
            run_params: run,
          }),
        });
        expect(reading.input.taskDefinitions).toHaveLength(1);
        expect(untouched(reading)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('never makes the reader fail when it is asked whether it is a compose file', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const reading = read(composeReader, { 'compose.json': text });
        expect(reading.input.taskDefinitions.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
