import { describe, expect, test } from '@jest/globals';
import { KUBERNETES_VERSIONS } from '../../../charts/port/kubernetes-version.js';
import { portOf, taskDefinition } from './port-of.js';

const service = (rest: object = {}): object => ({
  serviceName: 'web',
  cluster: 'shop',
  taskDefinition: 'web',
  desiredCount: 4,
  ...rest,
});
const task = (container: object = {}, rest: object = {}): object =>
  taskDefinition([{ name: 'app', ...container }], rest);

describe('what other converters get wrong', () => {
  test('1a: entryPoint becomes command, and command becomes args', () => {
    const { container } = portOf({ 'task.json': task({ entryPoint: ['/entry'], command: ['serve', '--port=80'] }) });
    expect(container('app')).toMatchObject({ command: ['/entry'], args: ['serve', '--port=80'] });
  });

  test('1b: $( in commands and variables is escaped, since only Kubernetes expands it', () => {
    const { container } = portOf({
      'task.json': task({ command: ['echo', '$(HOSTNAME)'], environment: [{ name: 'A', value: '$(B)' }] }),
    });
    expect(container('app')).toMatchObject({ args: ['echo', '$$(HOSTNAME)'], env: [{ name: 'A', value: '$$(B)' }] });
  });

  test('2: 256 CPU units are 250m, since 1,024 units are one vCPU', () => {
    const { container } = portOf({ 'task.json': task({ cpu: 256 }) });
    expect(container('app').resources).toMatchObject({ requests: { cpu: '250m' } });
    expect(container('app').resources?.limits).not.toHaveProperty('cpu');
  });

  test('3: startPeriod is a startup probe, never an initial delay, and no command is both liveness and readiness', () => {
    const healthCheck = { command: ['CMD-SHELL', 'curl -f localhost'], interval: 10, startPeriod: 25, retries: 2 };
    const app = portOf({ 'task.json': task({ healthCheck }) }).container('app');
    expect(app.startupProbe).toMatchObject({
      periodSeconds: 10,
      failureThreshold: 5,
      exec: { command: ['/bin/sh', '-c', 'curl -f localhost'] },
    });
    expect(app.startupProbe).not.toHaveProperty('initialDelaySeconds');
    expect(app.livenessProbe).toMatchObject({ periodSeconds: 10, failureThreshold: 2 });
    expect(app.readinessProbe).toBeUndefined();
  });

  test('4: neither revision nor image is in the selector, which can never change', () => {
    const described = {
      taskDefinition: {
        ...task(),
        taskDefinitionArn: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7',
        revision: 7,
      },
    };
    const { kind, pod } = portOf({ 'task.json': described, 'service.json': service({ taskDefinition: 'web:7' }) });
    expect(kind('Deployment')['spec']).toMatchObject({
      selector: { matchLabels: { 'app.kubernetes.io/name': 'web' } },
    });
    expect(pod().annotations['tranship.dev/task-definition']).toBe('web:7');
  });

  test('5a: maximumPercent rounds down and minimumHealthyPercent up, as absolute numbers', () => {
    const deploymentConfiguration = { maximumPercent: 130, minimumHealthyPercent: 70 };
    const { kind } = portOf({
      'task.json': task(),
      'service.json': service({ desiredCount: 5, deploymentConfiguration }),
    });
    expect(kind('Deployment')['spec']).toMatchObject({
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
    });
  });

  test('5b: min = max = 100 cannot roll on ECS and is no valid object, so one pod may be missing, and the report says so', () => {
    const deploymentConfiguration = { maximumPercent: 100, minimumHealthyPercent: 100 };
    const { kind, entry } = portOf({ 'task.json': task(), 'service.json': service({ deploymentConfiguration }) });
    expect(kind('Deployment')['spec']).toMatchObject({
      strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    });
    expect(entry('deploymentConfiguration.minimumHealthyPercent').fidelity).toBe('near');
  });

  test('6a: distinctInstance is required anti-affinity over all revisions', () => {
    const placementConstraints = [{ type: 'distinctInstance' }];
    const { pod } = portOf({ 'task.json': task(), 'service.json': service({ placementConstraints }) });
    expect(pod().affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual([
      { labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'web' } }, topologyKey: 'kubernetes.io/hostname' },
    ]);
  });

  test('6b: spread is best effort', () => {
    const placementStrategy = [{ type: 'spread', field: 'attribute:ecs.availability-zone' }];
    const { pod } = portOf({ 'task.json': task(), 'service.json': service({ placementStrategy }) });
    expect(pod().topologySpreadConstraints).toMatchObject([
      { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 1 },
    ]);
  });

  test('7: a DAEMON is a DaemonSet, and may lose all of its pods in an update as the API defaults have it', () => {
    const { kind } = portOf({
      'task.json': task(),
      'service.json': service({ schedulingStrategy: 'DAEMON', desiredCount: undefined }),
    });
    expect(kind('DaemonSet')['spec']).toMatchObject({ updateStrategy: { rollingUpdate: { maxUnavailable: '100%' } } });
  });

  test('8: secrets are references with their JSON key, stage and version, with or without the leading slash', () => {
    const secrets = [
      {
        name: 'PASSWORD',
        valueFrom: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3:password:AWSPREVIOUS:',
      },
      { name: 'TOKEN', valueFrom: 'shop/token' },
      { name: 'KEY', valueFrom: '/shop/key' },
    ];
    const { manifests, container } = portOf({ 'task.json': task({ secrets }) }, { region: 'eu-west-1' });
    const references = manifests
      .filter((m) => m.kind === 'ExternalSecret')
      .flatMap((m) => (m['spec'] as { data: { remoteRef: object }[] }).data.map((d) => d.remoteRef));
    expect(references).toEqual(
      expect.arrayContaining([expect.objectContaining({ property: 'password', version: 'AWSPREVIOUS' })]),
    );
    expect(JSON.stringify(references)).toContain('shop/token');
    expect(JSON.stringify(references)).toContain('/shop/key');
    expect(
      container('app').env?.every(
        (variable) => variable.value === undefined && variable.valueFrom?.secretKeyRef !== undefined,
      ),
    ).toBe(true);
    expect(manifests.some((manifest) => manifest.kind === 'Secret')).toBe(false);
  });

  test('9: names in upper case, with underscores, too long or colliding become distinct DNS labels', () => {
    const long = 'a'.repeat(80);
    const containers = ['My_App', 'my-app', long].map((name) => ({
      name,
      portMappings: [{ containerPort: name.length, name: `${name.slice(0, 40)}_port`.toLowerCase() }],
    }));
    const { pod } = portOf({ 'task.json': taskDefinition(containers) });
    const names = [...(pod().initContainers ?? []), ...pod().containers].map((container) => container.name);
    expect(new Set(names).size).toBe(3);
    expect(names.every((name) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))).toBe(true);
    expect(
      pod()
        .containers.flatMap((c) => c.ports ?? [])
        .every((port) => (port.name ?? '').length <= 15),
    ).toBe(true);
  });

  test('10: the size of a task caps all containers together and is not copied to each', () => {
    const containers = [
      { name: 'app', memory: undefined },
      { name: 'agent', memory: undefined },
    ];
    const { pod } = portOf({ 'task.json': taskDefinition(containers, { cpu: '512', memory: '1024' }) });
    expect(pod()).toMatchObject({
      resources: { limits: { cpu: '500m', memory: '1024Mi' }, requests: { cpu: '500m', memory: '1024Mi' } },
    });
    expect(pod().containers.map((container) => container.resources?.limits)).toEqual([undefined, undefined]);
  });

  test('11: memory alone is request and limit, memoryReservation alone is a request', () => {
    const { container } = portOf({
      'task.json': taskDefinition([
        { name: 'hard', memory: 512 },
        { name: 'soft', memory: undefined, memoryReservation: 256 },
      ]),
    });
    expect(container('hard').resources).toEqual({ limits: { memory: '512Mi' }, requests: { memory: '512Mi' } });
    expect(container('soft').resources).toEqual({ requests: { memory: '256Mi' } });
  });

  test('12a: EFS keeps the encryption default of ECS, which is off', () => {
    const volumes = [{ name: 'data', efsVolumeConfiguration: { fileSystemId: 'fs-0123456789abcdef0' } }];
    const { kind } = portOf({
      'task.json': task({ mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }] }, { volumes }),
    });
    expect(kind('PersistentVolume')['spec']).toMatchObject({
      csi: { driver: 'efs.csi.aws.com', volumeAttributes: { encryptInTransit: 'false' } },
    });
  });

  test('12b: EBS keeps the file system default of ECS, which is xfs', () => {
    const volumes = [{ name: 'data', configuredAtLaunch: true }];
    const volumeConfigurations = [
      { name: 'data', managedEBSVolume: { sizeInGiB: 20, roleArn: 'arn:aws:iam::111122223333:role/ebs' } },
    ];
    const documents = {
      'task.json': task({ mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }] }, { volumes }),
      'service.json': service({ volumeConfigurations }),
    };
    expect(portOf(documents).kind('StorageClass')).toMatchObject({
      parameters: { 'csi.storage.k8s.io/fstype': 'xfs' },
    });
  });

  test('13: what describe-services tells only under deployments[] is found there', () => {
    const described = {
      services: [
        {
          serviceArn: 'arn:aws:ecs:eu-west-1:111122223333:service/shop/web',
          serviceName: 'web',
          clusterArn: 'arn:aws:ecs:eu-west-1:111122223333:cluster/shop',
          taskDefinition: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/web:1',
          desiredCount: 1,
          deployments: [
            {
              status: 'PRIMARY',
              serviceConnectConfiguration: {
                enabled: true,
                namespace: 'shop',
                services: [{ portName: 'http', clientAliases: [{ port: 80, dnsName: 'front' }] }],
              },
            },
          ],
        },
      ],
    };
    const portMappings = [{ name: 'http', containerPort: 8080 }];
    const { manifests, entry } = portOf({ 'task.json': task({ portMappings }), 'services.json': described });
    expect(manifests).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'Service', metadata: expect.objectContaining({ name: 'front' }) as unknown }),
      ]),
    );
    expect(
      entry('services[0].deployments[0].serviceConnectConfiguration.services[0].clientAliases[0].dnsName').untouched,
    ).toBeUndefined();
  });

  test('14: links, volumesFrom and FireLens are dependencies although nobody wrote them down', () => {
    const containers = [
      {
        name: 'app',
        links: ['db:database'],
        volumesFrom: [{ sourceContainer: 'data' }],
        logConfiguration: { logDriver: 'awsfirelens', options: { Name: 'stdout' } },
      },
      { name: 'db' },
      { name: 'data', essential: false },
      { name: 'router', firelensConfiguration: { type: 'fluentbit' } },
    ];
    const { pod } = portOf({ 'task.json': taskDefinition(containers, { networkMode: 'bridge' }) });
    expect(pod().initContainers?.map((container) => container.name)).toEqual(['router', 'data']);
    expect(pod().containers.map((container) => container.name)).toEqual(['db', 'app']);
  });

  test('15: duplicate variables, host port 0, numbers as strings, comments and either letter case are read', () => {
    const text = `{
      // the team's file
      "Family": "web", "ExecutionRoleArn": "arn:aws:iam::111122223333:role/execution",
      "ContainerDefinitions": [{ "Name": "app", "Image": "<IMAGE1_NAME>", "Memory": "128",
        "PortMappings": [{ "ContainerPort": "8080", "HostPort": 0 }],
        "Environment": [{ "Name": "A", "Value": "1" }, { "Name": "A", "Value": "2" }], }],
    }`;
    const { container } = portOf({ 'task.json': text });
    expect(container('app').env).toEqual([{ name: 'A', value: '2' }]);
    expect(container('app').ports).toMatchObject([{ containerPort: 8080 }]);
    expect(container('app').ports?.[0]).not.toHaveProperty('hostPort');
    expect(container('app').image).toBe('<IMAGE1_NAME>');
  });

  test('16: pods on EKS Fargate get their role by IRSA, since Pod Identity does not work there', () => {
    const rest = {
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      taskRoleArn: 'arn:aws:iam::111122223333:role/web',
    };
    const { kind, manifests } = portOf({ 'task.json': task({}, rest) }, { fargate: 'fargate-profile' });
    expect(kind('ServiceAccount').metadata.annotations).toMatchObject({
      'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/web',
    });
    expect(manifests.some((manifest) => manifest.kind === 'PodIdentityAssociation')).toBe(false);
  });

  test('17: one port in two containers of a bridge task is legal on ECS, and said to conflict in a pod', () => {
    const containers = ['one', 'two'].map((name) => ({ name, portMappings: [{ containerPort: 80 }] }));
    const { entry, refusals } = portOf({ 'task.json': taskDefinition(containers, { networkMode: 'bridge' }) });
    expect(refusals).toEqual([]);
    expect(entry('containerDefinitions[1].portMappings[0].containerPort')).toMatchObject({ fidelity: 'none' });
  });

  test('18a: a user by name cannot be carried without the image, and the report says how to find its number', () => {
    const { container, entry } = portOf({ 'task.json': task({ user: 'nginx' }) });
    expect(container('app').securityContext).toBeUndefined();
    expect(entry('containerDefinitions[0].user')).toMatchObject({
      fidelity: 'none',
      todo: expect.stringContaining('runAsUser') as unknown,
    });
  });

  test('18b: initProcessEnabled gets a process that reaps', () => {
    expect(
      portOf({ 'task.json': task({ linuxParameters: { initProcessEnabled: true } }) }).pod().shareProcessNamespace,
    ).toBe(true);
  });

  test('19: no essential container of a service has restart policy Never, which would replace its pod in a hot loop', () => {
    const policies = KUBERNETES_VERSIONS.flatMap((kubernetes) =>
      portOf(
        { 'task.json': taskDefinition([{ name: 'app' }, { name: 'other' }, { name: 'extra', essential: false }]) },
        { kubernetes },
      )
        .pod()
        .containers.filter((container) => container.name !== 'extra')
        .map((container) => container.restartPolicy),
    );
    expect(policies).toHaveLength(8);
    expect(policies).not.toContain('Never');
  });

  test('20: hooks and alarms that live outside of the two API calls are reported', () => {
    const deploymentConfiguration = {
      strategy: 'CANARY',
      canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 5 },
      alarms: { alarmNames: ['web-5xx'], enable: true, rollback: true },
      lifecycleHooks: [
        {
          hookTargetArn: 'arn:aws:lambda:eu-west-1:111122223333:function:check',
          roleArn: 'arn:aws:iam::111122223333:role/hook',
          lifecycleStages: ['POST_SCALE_UP'],
        },
      ],
    };
    const { entry, kind } = portOf({ 'task.json': task(), 'service.json': service({ deploymentConfiguration }) });
    expect(entry('deploymentConfiguration.alarms.alarmNames[0]').fidelity).toBe('needs-addon');
    expect(entry('deploymentConfiguration.lifecycleHooks[0].hookTargetArn').fidelity).toBe('needs-addon');
    expect(kind('Deployment').metadata.annotations?.['tranship.dev/deployment-configuration']).toContain('web-5xx');
  });
});
