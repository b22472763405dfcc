import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { copilotReader } from '../../../charts/ecs/readers/copilot.js';
import { scheduleExpression } from '../../../charts/ecs/readers/copilot/schedule.js';
import { VOCABULARY } from '../../../charts/ecs/readers/copilot/vocabulary.js';
import { entryAt, findings, plain, read, service, taskDefinition, untouched } from './derived-reading.js';

const PATH = 'copilot/web/manifest.yml';

function readManifest(text: string, options: Parameters<typeof read>[2] = {}): ReturnType<typeof read> {
  return read(copilotReader, { [PATH]: text }, options);
}

const WEB = `
name: web
type: Load Balanced Web Service
image:
  location: nginx:1.27
  port: 8080
http:
  path: /
`;

describe('a Copilot service', () => {
  it('becomes a Fargate task of 256 CPU units and 512 MiB when it says nothing of its size', () => {
    expect(taskDefinition(readManifest(WEB))).toMatchObject({
      family: 'web',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      containerDefinitions: [
        { name: 'web', image: 'nginx:1.27', portMappings: [{ containerPort: 8080, protocol: 'tcp' }] },
      ],
    });
  });

  it('has the execution role that Copilot makes for it, since ECS asks for one', () => {
    const options = { parameters: { COPILOT_APPLICATION_NAME: 'shop' }, environment: 'test' };
    expect(taskDefinition(readManifest(WEB, options))).toMatchObject({
      executionRoleArn: 'shop-test-web-ExecutionRole',
    });
  });

  it('runs one task, rolls between 100 and 200 percent, and rolls back by the circuit breaker', () => {
    expect(service(readManifest(WEB))).toMatchObject({
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 1,
      launchType: 'FARGATE',
      deploymentConfiguration: {
        deploymentCircuitBreaker: { enable: true, rollback: true },
        minimumHealthyPercent: 100,
        maximumPercent: 200,
      },
    });
  });

  it('stops all tasks before it starts new ones when it is recreated', () => {
    expect(service(readManifest(`${WEB}deployment: {rolling: recreate}\n`))).toMatchObject({
      deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
    });
  });

  it('writes its log to the group of application, environment and name', () => {
    const options = { parameters: { COPILOT_APPLICATION_NAME: 'shop' }, environment: 'test' };
    expect(taskDefinition(readManifest(WEB, options))).toMatchObject({
      containerDefinitions: [
        { logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/copilot/shop-test-web' } } },
      ],
    });
  });

  it('keeps APP and ENV in the log group while their names are not known', () => {
    const reading = readManifest(WEB);
    expect(taskDefinition(reading)).toMatchObject({
      containerDefinitions: [{ logConfiguration: { options: { 'awslogs-group': '/copilot/APP-ENV-web' } } }],
    });
    expect(reading.input.placeholders.map(({ fix }) => fix)).toEqual(
      expect.arrayContaining(['--parameter COPILOT_APPLICATION_NAME=VALUE', '--environment NAME']),
    );
  });

  it('takes an image that Copilot would build from the parameter of its name', () => {
    const text = 'name: web\ntype: Backend Service\nimage: {build: ./Dockerfile}\n';
    const without = readManifest(text);
    expect(taskDefinition(without)).toMatchObject({ containerDefinitions: [{ image: '${image of web}' }] });
    expect(without.input.placeholders).toContainEqual(
      expect.objectContaining({ name: 'image.web', fix: '--parameter image.web=URI' }),
    );
    expect(entryAt(without, 'image.build')).toMatchObject({
      fidelity: 'near',
      todo: expect.stringContaining('--parameter image.web=URI'),
    });
    const given = readManifest(text, { parameters: { 'image.web': 'registry.example/web:7' } });
    expect(taskDefinition(given)).toMatchObject({ containerDefinitions: [{ image: 'registry.example/web:7' }] });
  });

  it('is refused without an image', () => {
    expect(findings(readManifest('name: web\ntype: Backend Service\n'))).toContainEqual(
      'refused: container web has neither image.build nor image.location',
    );
  });

  it('names the workload after its folder when it has no name', () => {
    expect(readManifest('type: Backend Service\nimage: {location: x}\n').input.taskDefinitions[0]?.family).toBe('web');
  });

  it('notes the variables that Copilot sets and a pod lacks', () => {
    expect(findings(readManifest(WEB))).toContainEqual(
      expect.stringContaining('COPILOT_LB_DNS in every container; pods do not have them'),
    );
  });
});

describe('environments of a Copilot manifest', () => {
  const text = `${WEB}count: 2
variables: {LEVEL: info, KEPT: a}
environments:
  prod:
    count: {range: 2-6, cpu_percentage: 70}
    variables: {LEVEL: warn}
    image: {build: Dockerfile}
  test:
    count: 7
`;

  it('are left out when none is asked for, and say how to port them', () => {
    const reading = readManifest(text);
    expect(service(reading)).toMatchObject({ desiredCount: 2 });
    expect(entryAt(reading, 'environments.test.count')).toMatchObject({
      fidelity: 'none',
      lost: 'applies to environment test only',
      todo: 'port with --environment test',
    });
  });

  it('are merged into the base: maps deeply, everything else replaced', () => {
    const reading = readManifest(text, { environment: 'prod' });
    expect(taskDefinition(reading)).toMatchObject({
      containerDefinitions: [
        {
          environment: [
            { name: 'LEVEL', value: 'warn' },
            { name: 'KEPT', value: 'a' },
          ],
        },
      ],
    });
    expect(reading.input.scaling.map(({ kind }) => kind)).toEqual(['target', 'policy']);
    expect(entryAt(reading, 'count')).toMatchObject({ lost: 'replaced by the value for environment prod' });
    expect(entryAt(reading, 'environments.test.count')).toMatchObject({ fidelity: 'none' });
    expect(untouched(reading)).toEqual([]);
  });

  it('drop the base form of a section when they give the other', () => {
    const reading = readManifest(text, { environment: 'prod' });
    expect(taskDefinition(reading)).toMatchObject({ containerDefinitions: [{ image: '${image of web}' }] });
    expect(entryAt(reading, 'image.location')).toMatchObject({ lost: 'replaced by the value for environment prod' });
  });

  it('replace lists as a whole', () => {
    const list = `${WEB}command: [a, b]\nenvironments: {prod: {command: [c]}}\n`;
    expect(taskDefinition(readManifest(list, { environment: 'prod' }))).toMatchObject({
      containerDefinitions: [{ command: ['c'] }],
    });
  });
});

describe('variables and secrets of a Copilot manifest', () => {
  it('keep the text of a number as it is written', () => {
    const text = `${WEB}variables: {VERSION: 1.10, FLAG: True, EMPTY: }\n`;
    expect(taskDefinition(readManifest(text))).toMatchObject({
      containerDefinitions: [
        {
          environment: [
            { name: 'VERSION', value: '1.10' },
            { name: 'FLAG', value: 'True' },
            { name: 'EMPTY', value: '' },
          ],
        },
      ],
    });
  });

  it('have ${NAME} replaced from parameters, and \\${NAME} kept', () => {
    const text = `${WEB}variables: {A: "x-\${STAGE}", B: '\\\${HOME}', C: "\${UNKNOWN}"}\n`;
    const reading = readManifest(text, { parameters: { STAGE: 'blue' } });
    expect(taskDefinition(reading)).toMatchObject({
      containerDefinitions: [{ environment: [{ value: 'x-blue' }, { value: '${HOME}' }, { value: '${UNKNOWN}' }] }],
    });
    const names = reading.input.placeholders.map(({ name }) => name);
    expect(names).toContain('UNKNOWN');
    expect(names).not.toContain('HOME');
  });

  it('come from SSM, from Secrets Manager by name, and from exports of other stacks', () => {
    const text = `${WEB}secrets: {A: /a/b, B: {secretsmanager: "mysql:password::"}, C: {from_cfn: Export}}\n`;
    expect(taskDefinition(readManifest(text, { parameters: { Export: 'arn:aws:ssm:x' } }))).toMatchObject({
      containerDefinitions: [
        {
          secrets: [
            { name: 'A', valueFrom: '/a/b' },
            { name: 'B', valueFrom: 'arn:aws:secretsmanager:::secret:mysql:password::' },
            { name: 'C', valueFrom: 'arn:aws:ssm:x' },
          ],
        },
      ],
    });
  });
});

describe('load balancing of a Copilot service', () => {
  it('gives each rule a target group with Copilot’s draining time and health check', () => {
    const text = `${WEB}  additional_rules: [{path: admin, target_port: 9090, healthcheck: ok, deregistration_delay: 5s}]\n`;
    const { input } = readManifest(text);
    expect(input.targetGroups.map(({ definition }) => definition.get('HealthCheckPath').value)).toEqual(['/', '/ok']);
    expect(
      input.targetGroups.map(({ attributes }) => attributes.get('deregistration_delay.timeout_seconds')?.value),
    ).toEqual(['60', '5']);
    expect(input.targetGroups.map(({ definition }) => definition.get('Port').value)).toEqual([8080, 9090]);
  });

  it('registers the tasks under the ids of those target groups', () => {
    const { input } = readManifest(WEB);
    const arns = input.services[0]?.definition
      .get('loadBalancers')
      .items()
      .map((item) => item.get('targetGroupArn').value);
    expect(arns).toEqual(input.targetGroups.flatMap(({ ids }) => ids));
  });

  it('routes to the sidecar that is the target, at its own port', () => {
    const text = `${WEB}  target_container: envoy\nsidecars: {envoy: {image: envoy, port: 443}}\n`;
    const reading = readManifest(text);
    expect(service(reading)).toMatchObject({ loadBalancers: [{ containerName: 'envoy', containerPort: 443 }] });
    expect(reading.input.targetGroups[0]?.definition.get('Protocol').value).toBe('HTTPS');
  });

  it('says that paths, names and redirects stay on the load balancer', () => {
    const reading = readManifest(`${WEB}  alias: a.example.com\n  redirect_to_https: false\n`);
    for (const path of ['http.path', 'http.alias', 'http.redirect_to_https'])
      expect(entryAt(reading, path)).toMatchObject({ fidelity: 'none' });
  });

  it('is absent with http: false, and by port and protocol with nlb', () => {
    const text =
      'name: dns\ntype: Load Balanced Web Service\nimage: {location: x, port: 8080}\nhttp: false\nnlb: {port: 53/udp}\n';
    const reading = readManifest(text);
    expect(service(reading)).toMatchObject({ loadBalancers: [{ containerName: 'dns', containerPort: 53 }] });
    expect(taskDefinition(reading)).toMatchObject({
      containerDefinitions: [
        {
          portMappings: [
            { containerPort: 53, protocol: 'udp' },
            { containerPort: 8080, protocol: 'tcp' },
          ],
        },
      ],
    });
    expect(reading.input.targetGroups[0]?.definition.get('Protocol').value).toBe('UDP');
  });
});

describe('count of a Copilot service', () => {
  it('scales a range by each metric, with a cooldown of its own before the common one', () => {
    const text = `${WEB}count:
  range: 1-10
  cooldown: {in: 30s}
  cpu_percentage: 70
  memory_percentage: {value: 80, cooldown: {in: 10s, out: 2m}}
  response_time: 1500ms
`;
    const { input } = readManifest(text);
    expect(
      input.scaling.map(({ definition }) => (definition.node === undefined ? null : plain(definition.node))),
    ).toMatchObject([
      { MinCapacity: 1, MaxCapacity: 10 },
      { TargetTrackingScalingPolicyConfiguration: { TargetValue: 70, ScaleInCooldown: 30, ScaleOutCooldown: 60 } },
      { TargetTrackingScalingPolicyConfiguration: { TargetValue: 80, ScaleInCooldown: 10, ScaleOutCooldown: 120 } },
      {
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: 1.5,
          CustomizedMetricSpecification: { MetricName: 'TargetResponseTime' },
        },
      },
    ]);
  });

  it('starts Spot at the task that spot_from names', () => {
    const text = `${WEB}count: {range: {min: 1, max: 10, spot_from: 3}}\n`;
    expect(service(readManifest(text))).toMatchObject({
      desiredCount: 1,
      capacityProviderStrategy: [
        { capacityProvider: 'FARGATE_SPOT', weight: 1 },
        { capacityProvider: 'FARGATE', weight: 0, base: 2 },
      ],
    });
  });

  it('divides the acceptable latency of a queue by the time a message takes', () => {
    const text = `name: w
type: Worker Service
image: {location: x}
count: {range: 1-3, queue_delay: {acceptable_latency: 10m, msg_processing_time: 250ms}}
`;
    const policy = readManifest(text).input.scaling[1];
    expect(
      policy?.kind === 'policy' &&
        policy.definition.get('TargetTrackingScalingPolicyConfiguration').get('TargetValue').value,
    ).toBe(2400);
  });
});

describe('storage and logs of a Copilot service', () => {
  it('mounts read-only unless it says otherwise, and knows managed, foreign and empty volumes', () => {
    const text = `${WEB}storage:
  ephemeral: 20
  volumes:
    scratch: {path: /s, read_only: false}
    own: {path: /o, efs: {id: fs-1, auth: {iam: true, access_point_id: fsap-1}}}
    managed: {path: /m, efs: true}
`;
    const reading = readManifest(text);
    expect(taskDefinition(reading)).toMatchObject({
      containerDefinitions: [
        {
          mountPoints: [
            { sourceVolume: 'managed', readOnly: true },
            { sourceVolume: 'own', readOnly: true },
            { sourceVolume: 'scratch', readOnly: false },
          ],
        },
      ],
      volumes: [
        {
          name: 'managed',
          efsVolumeConfiguration: { transitEncryption: 'ENABLED', authorizationConfig: { iam: 'ENABLED' } },
        },
        {
          name: 'own',
          efsVolumeConfiguration: {
            fileSystemId: 'fs-1',
            rootDirectory: '/',
            authorizationConfig: { accessPointId: 'fsap-1' },
          },
        },
        { name: 'scratch' },
      ],
    });
    expect(entryAt(reading, 'storage.ephemeral')).toMatchObject({
      fidelity: 'same',
      lost: '20 GiB is what a Fargate task has anyway',
    });
  });

  it('goes through a Fluent Bit container as soon as logging says more than how long logs are kept', () => {
    const router = readManifest(`${WEB}logging: {destination: {Name: cloudwatch}, configFilePath: /x.conf}\n`);
    expect(taskDefinition(router)).toMatchObject({
      containerDefinitions: [
        { name: 'web', logConfiguration: { logDriver: 'awsfirelens', options: { Name: 'cloudwatch' } } },
        {
          name: 'firelens_log_router',
          firelensConfiguration: {
            type: 'fluentbit',
            options: { 'enable-ecs-log-metadata': 'true', 'config-file-value': '/x.conf' },
          },
        },
      ],
    });
    const retention = readManifest(`${WEB}logging: {retention: 7}\n`);
    expect(taskDefinition(retention)).toMatchObject({
      containerDefinitions: [{ logConfiguration: { logDriver: 'awslogs' } }],
    });
    expect(entryAt(retention, 'logging.retention')).toMatchObject({ fidelity: 'none' });
  });

  it('has a collector beside it when it is traced', () => {
    expect(taskDefinition(readManifest(`${WEB}observability: {tracing: awsxray}\n`))).toMatchObject({
      containerDefinitions: [
        { name: 'web' },
        { name: 'aws-otel-collector', command: ['--config=/etc/ecs/ecs-xray.yaml'] },
      ],
    });
  });

  it('mounts an empty volume where a sidecar names one that nothing declares', () => {
    const text = `${WEB}sidecars: {init: {image: x, essential: false, mount_points: [{source_volume: tmp, path: /tmp}]}}\n`;
    const reading = readManifest(text);
    expect(taskDefinition(reading)).toMatchObject({ volumes: [{ name: 'tmp' }] });
    expect(findings(reading)).toContainEqual(expect.stringContaining('volume tmp is not declared'));
  });
});

describe('containers of a Copilot service', () => {
  it('have health checks in seconds, with what is not given filled in', () => {
    const text = WEB.replace('port: 8080', 'port: 8080\n  healthcheck: {interval: 1m, start_period: 5s}');
    expect(taskDefinition(readManifest(text))).toMatchObject({
      containerDefinitions: [
        {
          healthCheck: {
            command: ['CMD-SHELL', 'curl -f http://localhost/ || exit 1'],
            interval: 60,
            timeout: 5,
            retries: 2,
            startPeriod: 5,
          },
        },
      ],
    });
  });

  it('split a command line by the quotes of a shell', () => {
    expect(taskDefinition(readManifest(`${WEB}command: run "two words" 'and three'\n`))).toMatchObject({
      containerDefinitions: [{ command: ['run', 'two words', 'and three'] }],
    });
  });

  it('wait for others by ECS’s conditions, in the order of the sidecars’ names', () => {
    const text = `${WEB.replace('port: 8080', 'port: 8080\n  depends_on: {init: success, envoy: start}')}sidecars:
  init: {image: i, essential: false}
  envoy: {image: e}
`;
    expect(taskDefinition(readManifest(text))).toMatchObject({
      containerDefinitions: [
        {
          dependsOn: [
            { containerName: 'init', condition: 'SUCCESS' },
            { containerName: 'envoy', condition: 'START' },
          ],
        },
        { name: 'envoy' },
        { name: 'init', essential: false },
      ],
    });
  });
});

describe('network of a Copilot service', () => {
  it('is reached by name through Service Connect at the port that it serves', () => {
    expect(service(readManifest(`${WEB}network: {connect: {alias: shop}}\n`))).toMatchObject({
      serviceConnectConfiguration: {
        enabled: true,
        services: [{ portName: 'target', clientAliases: [{ port: 8080, dnsName: 'shop' }] }],
      },
    });
  });

  it('is registered under its name when neither a load balancer nor Service Connect has its port', () => {
    const alone = 'name: api\ntype: Backend Service\nimage: {location: x, port: 8080}\n';
    const registry = { registryArn: 'api', containerName: 'api', containerPort: 8080 };
    expect(service(readManifest(alone))).toMatchObject({ serviceRegistries: [registry] });
    expect(service(readManifest(`${alone}network: {connect: true}\n`))).not.toHaveProperty('serviceRegistries');
    expect(service(readManifest(`${alone}http: {path: /}\n`))).not.toHaveProperty('serviceRegistries');
  });

  it('takes the subnets of the environment that is ported from its manifest', () => {
    const environment = `name: test
type: Environment
network: {vpc: {id: vpc-1, subnets: {private: [{id: subnet-a}, {id: subnet-b}]}}}
`;
    const texts = {
      [PATH]: `${WEB}network: {vpc: {placement: private}}\n`,
      'copilot/environments/test/manifest.yml': environment,
    };
    const reading = read(copilotReader, texts, { environment: 'test' });
    expect(service(reading)).toMatchObject({
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a', 'subnet-b'], assignPublicIp: 'DISABLED' } },
    });
    expect(untouched(reading)).toEqual([]);
  });
});

describe('taskdef_overrides', () => {
  it('set, replace and append fields of the task definition by path', () => {
    const text = `${WEB}cpu: 256
taskdef_overrides:
  - {path: Cpu, value: 1024}
  - {path: "ContainerDefinitions[0].Ulimits[-].Name", value: nofile}
  - {path: "ContainerDefinitions[0].LinuxParameters.Capabilities.Add[-]", value: SYS_PTRACE}
`;
    const reading = readManifest(text);
    expect(taskDefinition(reading)).toMatchObject({
      cpu: '1024',
      containerDefinitions: [
        { ulimits: [{ name: 'nofile' }], linuxParameters: { capabilities: { add: ['SYS_PTRACE'] } } },
      ],
    });
    expect(entryAt(reading, 'cpu')).toMatchObject({ lost: 'replaced by a taskdef_overrides rule' });
  });

  it.each([
    ['a position beyond the list', 'ContainerDefinitions[9].Cpu', 'the list has 1'],
    [
      'a position among variables that Copilot adds',
      'ContainerDefinitions[0].Environment[0].Value',
      'count the variables that Copilot adds',
    ],
    ['a path that is none', 'a b', 'not of the form'],
  ])('leave out %s with a warning', (_what, path, reason) => {
    const reading = readManifest(`${WEB}taskdef_overrides: [{path: "${path}", value: 1}]\n`);
    expect(findings(reading)).toContainEqual(expect.stringContaining(reason));
    expect(entryAt(reading, 'taskdef_overrides[0].value')).toMatchObject({ fidelity: 'none' });
  });
});

describe('a Scheduled Job', () => {
  it.each([
    ['0 9 * * 1-5', 'cron(0 9 ? * 2-6 *)'],
    ['*/5 * * * *', 'cron(*/5 * * * ? *)'],
    ['0 0 1 * *', 'cron(0 0 1 * ? *)'],
    ['@daily', 'cron(0 0 * * ? *)'],
    ['@weekly', 'cron(0 0 ? * 1 *)'],
    ['@every 1h30m', 'rate(90 minutes)'],
    ['@every 1m', 'rate(1 minute)'],
    ['rate(5 minutes)', 'rate(5 minutes)'],
    ['cron(0 10 * * ? *)', 'cron(0 10 * * ? *)'],
  ])('writes the schedule %s as %s', (schedule, expression) => {
    expect(scheduleExpression(schedule)).toBe(expression);
  });

  it.each(['0 0 1 * 1', '@every 30s', '@every 90s', '@sometimes', '* * *', '0 0 * * 9'])('refuses %s', (schedule) => {
    const text = `name: j\ntype: Scheduled Job\nimage: {location: x}\non: {schedule: "${schedule}"}\n`;
    const reading = readManifest(text);
    expect(reading.input.schedules).toEqual([]);
    expect(findings(reading)).toContainEqual(expect.stringMatching(/^refused: .*is no schedule$/));
    expect(untouched(reading)).toEqual([]);
  });

  it('is a rule that starts the task, and names the Job’s fields for retries and timeout', () => {
    const text =
      'name: j\ntype: Scheduled Job\nimage: {location: x}\non: {schedule: "@hourly"}\nretries: 3\ntimeout: 1h30m\n';
    const reading = readManifest(text);
    const [schedule] = reading.input.schedules;
    expect(schedule?.kind === 'rule' && schedule.rule.get('ScheduleExpression').value).toBe('cron(0 * * * ? *)');
    expect(entryAt(reading, 'retries')?.todo).toContain('backoffLimit of the CronJob to 3');
    expect(entryAt(reading, 'timeout')?.todo).toContain('activeDeadlineSeconds of the CronJob to 5400');
    expect(reading.input.services).toEqual([]);
  });

  it('is off with the schedule none', () => {
    const [schedule] = readManifest('name: j\ntype: Scheduled Job\nimage: {location: x}\non: {schedule: none}\n').input
      .schedules;
    expect(schedule?.kind === 'rule' && schedule.rule.get('State').value).toBe('DISABLED');
  });
});

describe('Copilot manifests without containers', () => {
  it.each([
    ['a static site', 'name: s\ntype: Static Site\nhttp: {alias: a.example}\nfiles: [{source: ., recursive: true}]\n'],
    [
      'an environment',
      'name: e\ntype: Environment\nnetwork: {vpc: {id: vpc-1}}\nobservability: {container_insights: true}\n',
    ],
    [
      'a pipeline',
      'name: p\nversion: 1\nsource: {provider: GitHub, properties: {branch: main}}\nstages: [{name: test}]\n',
    ],
  ])('render nothing for %s and account for every field', (_what, text) => {
    const reading = readManifest(text);
    expect(reading.input.taskDefinitions).toEqual([]);
    expect(reading.entries.length).toBeGreaterThan(3);
    expect(untouched(reading)).toEqual([]);
  });

  it('are refused when their type is misspelt', () => {
    const reading = readManifest('name: x\ntype: Load Balanced Web Servce\n');
    expect(reading.input.diagnostics).toMatchObject([
      { severity: 'refused', fix: 'did you mean Load Balanced Web Service?', position: { line: 2, column: 7 } },
    ]);
  });
});

describe('fields that a Copilot manifest does not have', () => {
  it('are reported where they stand, with the name that was meant', () => {
    const reading = readManifest(`${WEB}varables: {A: b}\n`);
    expect(reading.input.taskDefinitions[0]?.diagnostics).toContainEqual(
      expect.objectContaining({
        code: 'unknown-field',
        path: 'varables',
        fix: 'did you mean variables?',
        position: { file: PATH, line: 9, column: 1 },
      }),
    );
    expect(entryAt(reading, 'varables.A')).toMatchObject({ fidelity: 'none' });
  });
});

const TYPES = [
  'Load Balanced Web Service',
  'Backend Service',
  'Worker Service',
  'Scheduled Job',
  'Request-Driven Web Service',
  'Static Site',
  'Environment',
];

/** JSON whose keys are often those of a manifest, so that every section meets values of every shape. */
const hostile = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthSize: 'small' },
    fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('10s', '1-10', '80/tcp', '${X}', '\\${X}', 'true', '["a"]', '@every 1h'),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(
        fc.tuple(
          fc.oneof(
            fc.constantFrom(...VOCABULARY),
            fc.constantFrom('__proto__', 'constructor', 'prod', 'ContainerDefinitions'),
          ),
          tie('value'),
        ),
        { maxLength: 8 },
      )
      .map(
        (entries) =>
          JSON.parse(
            `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`,
          ) as unknown,
      ),
  ),
})).value;

describe('any JSON value', () => {
  it('makes a manifest whose every leaf is accounted for, whatever its shape', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...TYPES),
        fc.dictionary(fc.constantFrom(...VOCABULARY), hostile, { maxKeys: 12 }),
        fc.boolean(),
        (type, fields, prod) => {
          const text = JSON.stringify({ ...fields, type });
          const reading = read(copilotReader, { 'manifest.json': text }, prod ? { environment: 'prod' } : {});
          expect(untouched(reading)).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never makes the reader fail when it is asked whether it is a manifest', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const reading = read(copilotReader, { 'any.json': text });
        expect(reading.input.taskDefinitions.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
