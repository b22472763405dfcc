import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { applyLogging, renderLogAgent } from '../../../charts/port/logging.js';
import { DEFAULT_PORT_OPTIONS } from '../../../charts/port/options.js';
import type { PortContext } from '../../../charts/port/pod-draft.js';
import { draftOf, entryOf, taskOf, testContext, workloadOf } from './context.js';
import { readFluentBit } from './fluent-bit-reader.js';

const ROUTER = { name: 'log_router', image: 'fluent-bit', firelensConfiguration: { type: 'fluentbit' } };
const CLOUDWATCH = {
  Name: 'cloudwatch_logs',
  region: 'eu-west-1',
  log_group_name: 'shop',
  log_stream_prefix: 'from-',
  auto_create_group: 'true',
};

function client(options: object, more: object = {}): object {
  return { name: 'app', image: 'shop', logConfiguration: { logDriver: 'awsfirelens', options, ...more } };
}

function port(
  containers: readonly object[],
  partial: Partial<PortContext> = {},
  task: object = { networkMode: 'awsvpc' },
) {
  const { definition, ledger } = taskOf({ family: 'shop', ...task, containerDefinitions: containers });
  const workload = workloadOf(definition, {
    cluster: 'prod',
    taskDefinition: { document: 'task.json', ids: [], family: 'shop', revision: 7, definition, diagnostics: [] },
  });
  const context = testContext({ workload, ...partial });
  const pod = draftOf(definition);
  const routes = applyLogging(definition, pod, context);
  const map = context.manifests.find(({ kind }) => kind === 'ConfigMap');
  const data = map?.['data'] as Record<string, string> | undefined;
  const entries = ledger.entries().filter(({ path }) => /logConfiguration|firelensConfiguration/.test(path));
  return { routes, context, pod, ledger, entries, text: data?.['fluent-bit.conf'] ?? data?.['fluent.conf'] ?? '' };
}

/** The router's sections by kind, as Fluent Bit reads them. */
function router(text: string, environment: Record<string, string> = {}) {
  const files = new Map([
    ['main', text],
    ['/fluent-bit/etc/external.conf', ''],
    ['/extra.conf', ''],
  ]);
  const sections = readFluentBit(files, 'main', new Map(Object.entries(environment)));
  return (kind: string) =>
    sections.filter(({ name }) => name === kind).map(({ properties }) => Object.fromEntries(properties));
}

describe('the log router', () => {
  it('receives on 127.0.0.1:24224, and applications are told so', () => {
    const { text, pod } = port([client(CLOUDWATCH), { name: 'other', image: 'x' }, ROUTER]);
    expect(router(text)('INPUT')).toContainEqual({ Name: 'forward', Listen: '127.0.0.1', Port: '24224' });
    const [app, other] = pod.containers;
    expect(app?.spec.env).toEqual([
      { name: 'FLUENT_HOST', value: '127.0.0.1' },
      { name: 'FLUENT_PORT', value: '24224' },
    ]);
    expect(other?.spec.env).toBeUndefined();
  });

  it('answers health checks on port 8877 as ECS made it', () => {
    const { text } = port([client(CLOUDWATCH), ROUTER]);
    expect(router(text)('INPUT')).toContainEqual({
      Name: 'tcp',
      Tag: 'firelens-healthcheck',
      Listen: '127.0.0.1',
      Port: '8877',
    });
    expect(router(text)('OUTPUT')).toContainEqual({ Name: 'null', Match: 'firelens-healthcheck' });
  });

  it.each(['host', 'none'])('opens no port in network mode %s, where ECS opened none', (networkMode) => {
    const { text, pod } = port([client({ Name: 'http' }), ROUTER], {}, { networkMode });
    expect(router(text)('INPUT').some(({ Port }) => Port !== undefined)).toBe(false);
    expect(pod.containers[0]?.spec.env).toBeUndefined();
  });

  it('has the output and patterns of each client, under ECS’s tags', () => {
    const { text } = port([client({ ...CLOUDWATCH, 'include-pattern': '^a', 'exclude-pattern': 'b$' }), ROUTER]);
    expect(router(text)('OUTPUT')).toContainEqual({ ...CLOUDWATCH, Match: 'app-firelens*' });
    expect(router(text)('FILTER')).toEqual(
      expect.arrayContaining([
        { Name: 'grep', Match: 'app-firelens*', Regex: 'log ^a' },
        { Name: 'grep', Match: 'app-firelens*', Exclude: 'log b$' },
      ]),
    );
  });

  it('adds cluster and task definition to each record unless that is off', () => {
    const { text } = port([client(CLOUDWATCH), ROUTER]);
    expect(text).toContain('Record ecs_cluster prod\n    Record ecs_task_definition shop:7\n');
    const off = port([
      client(CLOUDWATCH),
      { ...ROUTER, firelensConfiguration: { type: 'fluentbit', options: { 'enable-ecs-log-metadata': 'false' } } },
    ]);
    expect(off.text).not.toContain('ecs_cluster');
  });

  it('gets its configuration where ECS mounted it, and a new one makes the pods roll', () => {
    const { pod } = port([client(CLOUDWATCH), ROUTER]);
    const other = port([client({ ...CLOUDWATCH, log_group_name: 'b' }), ROUTER]);
    expect(pod.containers[1]?.spec.volumeMounts).toContainEqual(
      expect.objectContaining({
        mountPath: '/fluent-bit/etc/fluent-bit.conf',
        subPath: 'fluent-bit.conf',
        readOnly: true,
      }),
    );
    expect(pod.annotations.get('tranship.dev/firelens-config')).not.toEqual(
      other.pod.annotations.get('tranship.dev/firelens-config'),
    );
  });

  it('includes a file of the image', () => {
    const { text, ledger } = port([
      client({}),
      {
        ...ROUTER,
        firelensConfiguration: {
          type: 'fluentbit',
          options: { 'config-file-type': 'file', 'config-file-value': '/extra.conf' },
        },
      },
    ]);
    expect(text).toContain('\n@INCLUDE /extra.conf\n');
    expect(entryOf(ledger, 'containerDefinitions[1].firelensConfiguration.options["config-file-value"]')).toMatchObject(
      { fidelity: 'same' },
    );
  });

  it('includes an S3 object by a ConfigMap that the report tells how to make', () => {
    const options = { 'config-file-type': 's3', 'config-file-value': "arn:aws:s3:::my-bucket/conf/it's extra.conf" };
    const { text, ledger, pod } = port([
      client({}),
      { ...ROUTER, firelensConfiguration: { type: 'fluentbit', options } },
    ]);
    expect(text).toContain('\n@INCLUDE /fluent-bit/etc/external.conf\n');
    const { todo } = entryOf(ledger, 'containerDefinitions[1].firelensConfiguration.options["config-file-value"]');
    const volume = pod.volumes.find(({ configMap }) => configMap?.name?.startsWith('firelens-it-s-extra-'));
    expect(todo).toContain(
      `aws s3 cp 's3://my-bucket/conf/it'\\''s extra.conf' - | kubectl create configmap ${volume?.configMap?.name} --namespace shop --from-file=external.conf=/dev/stdin`,
    );
  });

  it.each([
    [{ 'config-file-type': 'http', 'config-file-value': 'x' }],
    [{ 'config-file-type': 'file' }],
    [{ 'config-file-type': 'file', 'config-file-value': '/x\n[OUTPUT]' }],
  ])('includes nothing for the options %j', (options) => {
    const { text, entries } = port([client({}), { ...ROUTER, firelensConfiguration: { type: 'fluentbit', options } }]);
    expect(text).not.toContain('@INCLUDE');
    expect(
      entries.filter(({ path }) => path.includes('config-file')).every(({ fidelity }) => fidelity === 'none'),
    ).toBe(true);
  });

  it('gets secret options as variables, under the names that ECS gives them', () => {
    const { text, pod, context, ledger } = port([
      client(
        { Name: 'http', Host: 'h' },
        { secretOptions: [{ name: 'http_passwd', valueFrom: 'arn:aws:ssm:eu-west-1:111122223333:parameter/p' }] },
      ),
      ROUTER,
    ]);
    expect(router(text, { http_passwd_0: 'secret' })('OUTPUT')).toContainEqual({
      Name: 'http',
      Match: 'app-firelens*',
      Host: 'h',
      http_passwd: 'secret',
    });
    expect(pod.containers[1]?.spec.env).toContainEqual({
      name: 'http_passwd_0',
      valueFrom: { secretKeyRef: { name: 'web.firelens.parameter-store', key: 'app.http_passwd' } },
    });
    expect(context.manifests.find(({ kind }) => kind === 'ExternalSecret')?.metadata.namespace).toBe('shop');
    expect(entryOf(ledger, 'containerDefinitions[0].logConfiguration.secretOptions[0].valueFrom')).toMatchObject({
      fidelity: 'needs-addon',
    });
  });

  it('gets the variables of AWS for Fluent Bit that its options name', () => {
    const { pod } = port([
      client({ Name: 'http', Host: '${ECS_TASK_ID}', uri: '/${ECS_CLUSTER}/${ECS_TASK_DEFINITION}' }),
      ROUTER,
    ]);
    expect(pod.containers[1]?.spec.env).toEqual(
      expect.arrayContaining([
        { name: 'ECS_CLUSTER', value: 'prod' },
        { name: 'ECS_TASK_DEFINITION', value: 'shop:7' },
        { name: 'ECS_TASK_ID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
      ]),
    );
  });
});

describe('standard output', () => {
  it('goes through the node’s agent for CloudWatch Logs, into streams named as before', () => {
    const { routes, text, context } = port([client(CLOUDWATCH), ROUTER]);
    expect(routes).toHaveLength(1);
    const config = JSON.stringify(renderLogAgent(routes, DEFAULT_PORT_OPTIONS));
    expect(config).toContain('log_stream_template from-app-firelens-$TAG[3]\\n');
    expect(config).toContain('Record ecs_cluster prod\\n');
    expect(router(text)('INPUT').map(({ Name }) => Name)).not.toContain('tail');
    expect(context.findings.trustChanges.map(({ statement }) => statement?.['Resource'])).toContainEqual([
      'arn:aws:logs:eu-west-1:111122223333:log-group:shop',
      'arn:aws:logs:eu-west-1:111122223333:log-group:shop:log-stream:*',
    ]);
  });

  it.each([
    [
      { Name: 'firehose', region: 'eu-west-1', delivery_stream: 's' },
      'kinesis_firehose',
      'firehose:PutRecordBatch',
      'arn:aws:firehose:eu-west-1:111122223333:deliverystream/s',
    ],
    [
      { Name: 'kinesis_streams', stream: 's' },
      'kinesis_streams',
      'kinesis:PutRecords',
      'arn:aws:kinesis:eu-west-1:111122223333:stream/s',
    ],
    [
      {
        Name: 'cloudwatch',
        log_group_name: 'g',
        log_stream_name: 's',
        role_arn: 'arn:aws:iam::999999999999:role/logs',
      },
      'cloudwatch_logs',
      'sts:AssumeRole',
      'arn:aws:iam::999999999999:role/logs',
    ],
  ])('goes through the node’s agent for %j', (options, plugin, action, resource) => {
    const { routes, context } = port([client(options), ROUTER]);
    expect(routes[0]?.output.plugin).toBe(plugin);
    expect(context.findings.trustChanges.map(({ statement }) => statement)).toContainEqual({
      Effect: 'Allow',
      Action: [action],
      Resource: [resource],
    });
  });

  it.each([
    ['another plugin', { Name: 'http', Host: 'h' }],
    ['an option that the plugin does not know', { ...CLOUDWATCH, no_such: 'x' }],
    ['a value that would keep the agent from starting', { ...CLOUDWATCH, log_retention_days: '6' }],
    ['no group', { Name: 'cloudwatch_logs', region: 'eu-west-1', log_stream_prefix: 'x' }],
    ['a variable of the router', { ...CLOUDWATCH, log_group_name: '${GROUP}' }],
    ['a template of record fields', { ...CLOUDWATCH, log_stream_template: '$x' }],
    ['a pattern that only Fluent Bit reads', { ...CLOUDWATCH, 'include-pattern': '(?<=a)b' }],
    ['an output for other tags', { ...CLOUDWATCH, Match: 'x*' }],
  ])('is read by the router itself for %s', (_, options) => {
    const { routes, text, pod, context } = port([client(options), ROUTER]);
    expect(routes).toEqual([]);
    expect(router(text, { TRANSHIP_POD_UID: 'uid' })('INPUT')).toContainEqual(
      expect.objectContaining({
        Name: 'tail',
        Tag: 'app-firelens-uid',
        Path: '/var/log/tranship/pod/app/*.log',
        'multiline.parser': 'cri',
      }),
    );
    expect(pod.containers[1]?.spec.volumeMounts).toContainEqual(
      expect.objectContaining({
        subPathExpr: '$(TRANSHIP_POD_NAMESPACE)_$(TRANSHIP_POD_NAME)_$(TRANSHIP_POD_UID)',
        readOnly: true,
      }),
    );
    expect(pod.volumes).toContainEqual(
      expect.objectContaining({ hostPath: { path: '/var/log/pods', type: 'Directory' } }),
    );
    expect(context.findings.prerequisites.map(({ id }) => id)).toContain('pod-security-privileged');
  });

  it('is read by the router when it includes a configuration that the agent does not have', () => {
    const { routes } = port([
      client(CLOUDWATCH),
      {
        ...ROUTER,
        firelensConfiguration: {
          type: 'fluentbit',
          options: { 'config-file-type': 'file', 'config-file-value': '/extra.conf' },
        },
      },
    ]);
    expect(routes).toEqual([]);
  });

  it('on EKS Fargate goes through AWS’s router, or is lost and said to be', () => {
    expect(port([client(CLOUDWATCH), ROUTER], { fargate: true }).routes).toHaveLength(1);
    const { routes, ledger, pod } = port([client({ Name: 'http' }), ROUTER], { fargate: true });
    expect(routes).toEqual([]);
    expect(entryOf(ledger, 'containerDefinitions[0].logConfiguration.logDriver')).toMatchObject({ fidelity: 'none' });
    expect(pod.volumes.some(({ hostPath }) => hostPath !== undefined)).toBe(false);
  });
});

describe('a Fluentd router', () => {
  const FLUENTD = { name: 'log_router', image: 'fluentd', firelensConfiguration: { type: 'fluentd' } };

  it('has the configuration that ECS would write, and reads the pod’s logs', () => {
    const { text, pod, routes } = port([
      client(
        { '@type': 'kinesis_firehose', delivery_stream_name: 's', 'exclude-pattern': '^x' },
        { secretOptions: [{ name: 'key', valueFrom: '/p' }] },
      ),
      FLUENTD,
    ]);
    expect(routes).toEqual([]);
    expect(text).toContain('<source>\n  @type forward\n  bind 127.0.0.1\n  port 24224\n</source>\n');
    expect(text).toContain('  path /var/log/tranship/pod/app/*.log\n');
    expect(text).toContain(
      '<filter app-firelens**>\n  @type grep\n  <exclude>\n    key log\n    pattern ^x\n  </exclude>\n</filter>\n',
    );
    expect(text).toContain(
      '<match app-firelens**>\n  @type kinesis_firehose\n  delivery_stream_name s\n  key "#{ENV[\'key_0\']}"\n</match>\n',
    );
    expect(pod.containers[1]?.spec.env).toContainEqual({ name: 'FLUENT_UID', value: '0' });
  });

  it('refuses a quotation mark that would go on over the next lines', () => {
    const { text, ledger } = port([client({ '@type': 'x', a: '"open', b: '"closed"' }), FLUENTD]);
    expect(text).not.toContain('open');
    expect(text).toContain('  b "closed"\n');
    expect(entryOf(ledger, 'containerDefinitions[0].logConfiguration.options.a')).toMatchObject({ fidelity: 'none' });
  });
});

describe('accounting', () => {
  it('names a missing router', () => {
    const { ledger, routes } = port([client(CLOUDWATCH)]);
    expect(routes).toEqual([]);
    expect(entryOf(ledger, 'containerDefinitions[0].logConfiguration.logDriver')).toMatchObject({ fidelity: 'none' });
  });

  it('leaves no leaf out and lets no option break out of its line, whatever it holds', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc
        .array(
          fc.constantFrom(
            '\n',
            '[OUTPUT]',
            '    Name exec',
            '${A}',
            '}',
            '"',
            '<match **>',
            '@include x',
            '#',
            ' ',
            'cloudwatch_logs',
            'http',
            '\0',
            '\ud800',
          ),
          { maxLength: 6 },
        )
        .map((parts) => parts.join('')),
    );
    const options = fc.dictionary(
      fc.oneof(
        fc.constantFrom(
          'Name',
          '@type',
          'region',
          'log_group_name',
          'Match',
          'include-pattern',
          'exclude-pattern',
          'log-driver-buffer-limit',
        ),
        text,
      ),
      text,
      { maxKeys: 5 },
    );
    const settings = fc.dictionary(
      fc.constantFrom('enable-ecs-log-metadata', 'config-file-type', 'config-file-value', 'x'),
      fc.oneof(fc.constantFrom('file', 's3', 'true'), text),
    );
    const secrets = fc.array(
      fc.record({ name: fc.oneof(fc.constant('apikey'), text), valueFrom: fc.oneof(fc.constant('/p'), text) }),
      { maxLength: 2 },
    );
    fc.assert(
      fc.property(
        fc.constantFrom('fluentbit', 'fluentd'),
        options,
        settings,
        secrets,
        fc.boolean(),
        (type, own, routerOptions, secretOptions, fargate) => {
          const {
            entries,
            text: written,
            routes,
          } = port(
            [client(own, { secretOptions }), { ...ROUTER, firelensConfiguration: { type, options: routerOptions } }],
            { fargate },
          );
          expect(entries.filter((entry) => entry.untouched).map(({ path }) => path)).toEqual([]);
          expect(() => renderLogAgent(routes, DEFAULT_PORT_OPTIONS)).not.toThrow();
          // The client's own output, and the one that swallows health checks.
          const outputs = written.match(type === 'fluentbit' ? /^\[OUTPUT\]$/gm : /^<match /gm) ?? [];
          expect(outputs.length).toBeLessThanOrEqual(type === 'fluentbit' ? 2 : 1);
          expect(written.match(/^@include/gim)?.length ?? 0).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 500 },
    );
  });
});
