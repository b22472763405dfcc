import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { applyLogging, type LogRoute, renderLogAgent } from '../../../charts/port/logging.js';
import { DEFAULT_PORT_OPTIONS } from '../../../charts/port/options.js';
import type { PortContext } from '../../../charts/port/pod-draft.js';
import type { Entry } from '../../../charts/report/ledger.js';
import { draftOf, entryOf, serviceOf, taskOf, testContext, workloadOf } from './context.js';
import { readFluentBit, type ReadSection } from './fluent-bit-reader.js';

const OPTIONS = 'containerDefinitions[0].logConfiguration.options';

/** One container `app` with a log configuration, ported into Deployment shop/web. */
function port(logConfiguration: object, partial: Partial<PortContext> = {}, container: object = {}) {
  const { definition, ledger } = taskOf({
    family: 'web',
    containerDefinitions: [{ name: 'app', image: 'shop', ...container, logConfiguration }],
  });
  const context = testContext({ workload: workloadOf(definition), ...partial });
  const pod = draftOf(definition);
  const routes = applyLogging(definition, pod, context);
  const entries = ledger.entries().filter(({ path }) => path.includes('logConfiguration'));
  return { routes, context, pod, ledger, entries };
}

function awslogs(options: Record<string, string>, partial: Partial<PortContext> = {}, container: object = {}) {
  return port(
    { logDriver: 'awslogs', options: { 'awslogs-group': '/ecs/web', 'awslogs-region': 'eu-west-1', ...options } },
    partial,
    container,
  );
}

/** The sections that the agent's Fluent Bit reads. */
function agent(routes: readonly LogRoute[]): readonly ReadSection[] {
  const maps = renderLogAgent(routes, DEFAULT_PORT_OPTIONS).filter(({ kind }) => kind === 'ConfigMap');
  const files = new Map(
    maps.flatMap((map) =>
      Object.entries(map['data'] as Record<string, string>).map(
        ([name, text]) => [`/fluent-bit/etc/${name}`, text] as const,
      ),
    ),
  );
  return [
    ...readFluentBit(files, '/fluent-bit/etc/fluent-bit.conf'),
    ...readFluentBit(files, '/fluent-bit/etc/parsers.conf'),
  ];
}

function outputs(routes: readonly LogRoute[]): readonly Record<string, string>[] {
  return agent(routes)
    .filter(({ name }) => name === 'OUTPUT')
    .map(({ properties }) => Object.fromEntries(properties));
}

function untouched(entries: readonly Entry[]): readonly string[] {
  return entries.filter((entry) => entry.untouched).map(({ path }) => path);
}

describe('the awslogs driver', () => {
  it('becomes an output to the same group, with streams PREFIX/CONTAINER/POD_UID', () => {
    const { routes } = awslogs({ 'awslogs-stream-prefix': 'ecs', 'awslogs-create-group': 'true' });
    expect(outputs(routes)).toEqual([
      expect.objectContaining({
        Name: 'cloudwatch_logs',
        region: 'eu-west-1',
        log_group_name: '/ecs/web',
        log_stream_template: 'ecs/$TAG[4]/$TAG[3]',
        log_key: 'log',
        auto_create_group: 'true',
      }),
    ]);
  });

  it('keeps the ECS name of a renamed container in the stream', () => {
    const { routes } = awslogs({ 'awslogs-stream-prefix': 'ecs' }, {}, { name: 'My_App' });
    expect(outputs(routes)[0]).toMatchObject({ log_stream_template: 'ecs/My_App/$TAG[3]' });
  });

  it('takes no character of a prefix for a record accessor', () => {
    const { routes } = awslogs({ 'awslogs-stream-prefix': 'a$TAG[0]:*' });
    expect(outputs(routes)[0]).toMatchObject({ log_stream_template: 'a_TAG[0]__/$TAG[4]/$TAG[3]' });
  });

  it('names the stream after the container and the pod when no option does', () => {
    expect(outputs(awslogs({}).routes)[0]).toMatchObject({ log_stream_template: '$TAG[4]/$TAG[3]' });
  });

  it.each([
    ['{{.Name}}', 'app'],
    ['{{ .ImageName }}/{{.ID}}', 'shop/$TAG[3]'],
    ['plain', 'plain'],
  ])('reads the tag %s', (tag, template) => {
    expect(outputs(awslogs({ tag }).routes)[0]).toMatchObject({ log_stream_template: template });
  });

  it('says that a tag asks for what is not known', () => {
    const { ledger } = awslogs({ tag: '{{.ImageID}}' });
    expect(entryOf(ledger, `${OPTIONS}.tag`)).toMatchObject({ fidelity: 'none' });
  });

  it('takes the region of the input, then of the options, where the option is absent', () => {
    const log = { logDriver: 'awslogs', options: { 'awslogs-group': 'g' } };
    expect(outputs(port(log, { region: 'us-east-1' }).routes)[0]).toMatchObject({ region: 'us-east-1' });
    const unknown = port(log, { region: undefined });
    expect(outputs(unknown.routes)[0]).toMatchObject({ region: 'REGION' });
    expect(unknown.context.findings.assumptions).toEqual([expect.stringContaining('put it in place of REGION')]);
  });

  it('has no route without a group, and says so', () => {
    const { routes, ledger } = port({ logDriver: 'awslogs', options: { 'awslogs-region': 'eu-west-1' } });
    expect(routes).toEqual([]);
    expect(entryOf(ledger, 'containerDefinitions[0].logConfiguration.logDriver')).toMatchObject({ fidelity: 'none' });
  });

  it('has no route to a group whose name CloudWatch Logs would refuse', () => {
    const { routes, ledger } = awslogs({ 'awslogs-group': 'a b' });
    expect(routes).toEqual([]);
    expect(entryOf(ledger, `${OPTIONS}["awslogs-group"]`)).toMatchObject({ fidelity: 'none' });
  });

  it('keeps a placeholder as it stands, never as a variable of the agent', () => {
    const { routes, ledger } = awslogs({ 'awslogs-group': '/ecs/${PATH}' });
    expect(outputs(routes)[0]).toMatchObject({ log_group_name: '/ecs/${PATH}' });
    expect(entryOf(ledger, `${OPTIONS}["awslogs-group"]`).todo).toContain('give the value');
  });

  it('joins lines by awslogs-datetime-format before awslogs-multiline-pattern', () => {
    const { routes } = awslogs({ 'awslogs-datetime-format': '%Y', 'awslogs-multiline-pattern': '^x' });
    const parser = agent(routes).find(({ name }) => name === 'MULTILINE_PARSER');
    expect(parser?.properties).toEqual([
      ['Name', expect.stringMatching(/^first-line-[0-9a-f]{12}$/)],
      ['Type', 'regex'],
      ['Flush_Timeout', '1000'],
      ['Rule', '"start_state" "/(?:[0-9]{4})/" "next"'],
      ['Rule', '"next" "/\\A(?!.*(?:[0-9]{4}))/" "next"'],
    ]);
    const filter = agent(routes).find(({ properties }) =>
      properties.some(([key, value]) => key === 'Name' && value === 'multiline'),
    );
    expect(Object.fromEntries(filter?.properties ?? [])).toMatchObject({
      'multiline.parser': parser?.properties[0]?.[1],
    });
  });

  it('joins no lines by a pattern that Fluent Bit would refuse, since that would keep the agent from starting', () => {
    const { routes, ledger } = awslogs({ 'awslogs-multiline-pattern': '^(' });
    expect(agent(routes).some(({ name }) => name === 'MULTILINE_PARSER')).toBe(false);
    expect(entryOf(ledger, `${OPTIONS}["awslogs-multiline-pattern"]`)).toMatchObject({ fidelity: 'none' });
  });

  it('carries endpoint and format', () => {
    const { routes } = awslogs({ 'awslogs-endpoint': 'https://logs.example.com:8443', 'awslogs-format': 'json/emf' });
    expect(outputs(routes)[0]).toMatchObject({ endpoint: 'logs.example.com', port: '8443', log_format: 'json/emf' });
  });

  it('asks for permission on exactly its log group', () => {
    const { context } = awslogs({ 'awslogs-create-group': 'true' });
    expect(context.findings.prerequisites.map(({ id }) => id)).toContain('log-agent');
    expect(context.findings.trustChanges.map(({ statement }) => statement)).toContainEqual({
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:CreateLogGroup', 'logs:PutRetentionPolicy'],
      Resource: [
        'arn:aws:logs:eu-west-1:111122223333:log-group:/ecs/web',
        'arn:aws:logs:eu-west-1:111122223333:log-group:/ecs/web:log-stream:*',
      ],
    });
    expect(awslogs({}).context.findings.trustChanges.map(({ statement }) => statement)).toContainEqual({
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: ['arn:aws:logs:eu-west-1:111122223333:log-group:/ecs/web:log-stream:*'],
    });
  });

  it('says what the agent’s role must trust, in either way to a role', () => {
    const { options } = testContext();
    const podIdentity = awslogs({}).context.findings;
    expect(podIdentity.prerequisites.map(({ id }) => id)).toContain('pod-identity-agent');
    const irsa = awslogs({}, { options: { ...options, identity: 'irsa' } }).context.findings;
    expect(irsa.prerequisites.map(({ id }) => id)).toContain('oidc-provider');
    expect(JSON.stringify(irsa.trustChanges)).toContain('system:serviceaccount:tranship-logging:log-agent');
  });
});

describe('other drivers', () => {
  it('splunk sends to its collector with the token from a secret', () => {
    const { routes, context, ledger } = port({
      logDriver: 'splunk',
      options: {
        'splunk-url': 'https://splunk.example.com:8088',
        'splunk-source': 'shop',
        'splunk-gzip': 'true',
        'splunk-insecureskipverify': 'true',
      },
      secretOptions: [
        {
          name: 'splunk-token',
          valueFrom: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:splunk-AbCdEf:token::',
        },
      ],
    });
    const [variable] = routes[0]?.variables ?? [];
    expect(variable?.source).toEqual({
      secretKeyRef: { name: 'shop.web.log.secrets-manager', key: 'app.splunk-token' },
    });
    const output = agent(routes).find(({ name }) => name === 'OUTPUT');
    expect(Object.fromEntries(output?.properties ?? [])).toMatchObject({
      Name: 'splunk',
      Host: 'splunk.example.com',
      Port: '8088',
      TLS: 'On',
      'TLS.Verify': 'Off',
      event_source: 'shop',
      compress: 'gzip',
    });
    const external = context.manifests.find(({ kind }) => kind === 'ExternalSecret');
    expect(external?.metadata.namespace).toBe('tranship-logging');
    expect(entryOf(ledger, 'containerDefinitions[0].logConfiguration.secretOptions[0].valueFrom')).toMatchObject({
      fidelity: 'needs-addon',
    });
  });

  it('splunk without a token has no route, and no secret is rendered for it', () => {
    const { routes, context } = port({
      logDriver: 'splunk',
      options: { 'splunk-url': 'https://s' },
      secretOptions: [{ name: 'other', valueFrom: '/p' }],
    });
    expect(routes).toEqual([]);
    expect(context.manifests).toEqual([]);
  });

  it.each([
    ['inline', ['Rename', 'log line']],
    ['json', ['Parser', 'json']],
  ])('splunk with the format %s shapes the event', (format, property) => {
    const { routes } = port({
      logDriver: 'splunk',
      options: { 'splunk-url': 'http://s', 'splunk-token': 't', 'splunk-format': format },
    });
    expect(
      agent(routes)
        .filter(({ name }) => name === 'FILTER')
        .flatMap(({ properties }) => properties),
    ).toContainEqual(property);
  });

  it('gelf, syslog and fluentd send to their servers', () => {
    const gelf = port({
      logDriver: 'gelf',
      options: { 'gelf-address': 'udp://10.0.0.1:12201', 'gelf-compression-type': 'none' },
    });
    expect(outputs(gelf.routes)[0]).toMatchObject({
      Name: 'gelf',
      Host: '10.0.0.1',
      Port: '12201',
      Mode: 'udp',
      Compress: 'Off',
    });
    const syslog = port({
      logDriver: 'syslog',
      options: {
        'syslog-address': 'tcp+tls://logs:6514',
        'syslog-facility': 'local3',
        'syslog-format': 'rfc5424micro',
        tag: 'shop',
      },
    });
    expect(outputs(syslog.routes)[0]).toMatchObject({
      Name: 'syslog',
      Mode: 'tls',
      Syslog_Facility_Preset: '19',
      Syslog_Format: 'rfc5424',
      Syslog_AppName_Preset: 'shop',
    });
    const fluentd = port({
      logDriver: 'fluentd',
      options: { 'fluentd-address': 'tls://fluentd:24225', tag: 'shop.{{.ID}}' },
    });
    expect(outputs(fluentd.routes)[0]).toMatchObject({
      Name: 'forward',
      Host: 'fluentd',
      Port: '24225',
      TLS: 'On',
      Tag: 'shop.$TAG[3]',
    });
  });

  it('takes localhost for the node, where people run a collector', () => {
    const { routes } = port({ logDriver: 'fluentd', options: {} });
    const manifests = JSON.stringify(renderLogAgent(routes, DEFAULT_PORT_OPTIONS));
    expect(manifests).toContain('Host ${NODE_IP}');
    expect(manifests).toContain('"status.hostIP"');
  });

  it.each(['unix:///dev/log', 'unixgram:///dev/log', 'tcp://', 'http://x', 'udp://a b:1', 'udp://x:1/\n'])(
    'syslog sends nothing to %j',
    (address) => {
      const { routes, ledger } = port({ logDriver: 'syslog', options: { 'syslog-address': address } });
      expect(routes).toEqual([]);
      expect(entryOf(ledger, `${OPTIONS}["syslog-address"]`)).toMatchObject({ fidelity: 'none' });
    },
  );

  it('sends the labels and variables that were asked for, with the values of the task definition', () => {
    const { routes, ledger } = port(
      { logDriver: 'gelf', options: { 'gelf-address': 'udp://g:1', labels: 'team', env: 'STAGE,MISSING' } },
      {},
      { dockerLabels: { team: 'a "b" ${HOME}' }, environment: [{ name: 'STAGE', value: 'live' }] },
    );
    const records = agent(routes).flatMap(({ properties }) => properties.filter(([key]) => key === 'Record'));
    expect(records).toContainEqual(['Record', 'team "a \\"b\\" ${HOME}"']);
    expect(records).toContainEqual(['Record', 'STAGE live']);
    expect(entryOf(ledger, `${OPTIONS}.env`).lost).toContain('MISSING');
  });

  it('json-file and journald have no route: kubectl logs reads what the runtime writes', () => {
    const file = port({ logDriver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } });
    expect(file.routes).toEqual([]);
    expect(entryOf(file.ledger, `${OPTIONS}["max-size"]`)).toMatchObject({
      fidelity: 'near',
      kubernetes: ['KubeletConfiguration.containerLogMaxSize'],
    });
    expect(port({ logDriver: 'journald', options: { tag: 'x' } }).routes).toEqual([]);
  });

  it('a container without a log configuration has no route', () => {
    const { definition } = taskOf({ family: 'web', containerDefinitions: [{ name: 'app', image: 'shop' }] });
    expect(applyLogging(definition, draftOf(definition), testContext())).toEqual([]);
  });
});

/** What ECS and Docker document for each driver. */
const DOCUMENTED = {
  awslogs: [
    'awslogs-create-group',
    'awslogs-region',
    'awslogs-group',
    'awslogs-stream-prefix',
    'awslogs-datetime-format',
    'awslogs-multiline-pattern',
    'awslogs-stream',
    'awslogs-create-stream',
    'awslogs-endpoint',
    'awslogs-credentials-endpoint',
    'awslogs-force-flush-interval-seconds',
    'awslogs-max-buffered-events',
    'awslogs-format',
    'tag',
  ],
  splunk: [
    'splunk-token',
    'splunk-url',
    'splunk-source',
    'splunk-sourcetype',
    'splunk-index',
    'splunk-capath',
    'splunk-caname',
    'splunk-insecureskipverify',
    'splunk-format',
    'splunk-verify-connection',
    'splunk-gzip',
    'splunk-gzip-level',
    'splunk-index-acknowledgment',
    'tag',
    'labels',
    'labels-regex',
    'env',
    'env-regex',
  ],
  gelf: [
    'gelf-address',
    'gelf-compression-type',
    'gelf-compression-level',
    'gelf-tcp-max-reconnect',
    'gelf-tcp-reconnect-delay',
    'tag',
    'labels',
    'labels-regex',
    'env',
    'env-regex',
  ],
  syslog: [
    'syslog-address',
    'syslog-facility',
    'syslog-tls-ca-cert',
    'syslog-tls-cert',
    'syslog-tls-key',
    'syslog-tls-skip-verify',
    'syslog-format',
    'tag',
    'labels',
    'labels-regex',
    'env',
    'env-regex',
  ],
  fluentd: [
    'fluentd-address',
    'fluentd-async',
    'fluentd-async-reconnect-interval',
    'fluentd-buffer-limit',
    'fluentd-retry-wait',
    'fluentd-max-retries',
    'fluentd-sub-second-precision',
    'fluentd-request-ack',
    'fluentd-write-timeout',
    'fluentd-read-timeout',
    'tag',
    'labels',
    'labels-regex',
    'env',
    'env-regex',
  ],
  journald: ['tag', 'labels', 'labels-regex', 'env', 'env-regex'],
  'json-file': ['max-size', 'max-file', 'compress', 'tag', 'labels', 'labels-regex', 'env', 'env-regex'],
} as const;

describe.each(Object.entries(DOCUMENTED))('every option of %s', (logDriver, keys) => {
  const options = Object.fromEntries([...keys, 'mode', 'max-buffer-size'].map((key) => [key, 'x']));

  it('is known and accounted for', () => {
    const { entries } = port({ logDriver, options });
    expect(untouched(entries)).toEqual([]);
    expect(entries.filter(({ lost }) => lost?.includes('has no such option'))).toEqual([]);
    expect(entries).toHaveLength(keys.length + 3);
  });

  it('may be a secret, and is accounted for then too', () => {
    const secretOptions = keys.map((name) => ({ name, valueFrom: `/secret/${name}` }));
    const { entries, routes } = port({ logDriver, secretOptions });
    expect(untouched(entries)).toEqual([]);
    expect(() => renderLogAgent(routes, DEFAULT_PORT_OPTIONS)).not.toThrow();
  });

  it('that the driver does not know is named as lost', () => {
    const { ledger } = port({ logDriver, options: { ...options, 'no-such': 'x', __proto__x: 'y' } });
    expect(entryOf(ledger, `${OPTIONS}["no-such"]`)).toMatchObject({
      fidelity: 'none',
      lost: `the ${logDriver} log driver has no such option`,
    });
  });
});

describe('hostile options', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc
      .array(
        fc.constantFrom(
          '${',
          '}',
          '${LOG_X}',
          '$TAG',
          '\n[OUTPUT]\n    Name exec\n',
          '\r',
          ' ',
          '"',
          '\\',
          '#',
          '{{.ID}}',
          '{{',
          'https://',
          'udp://',
          'a',
          '/',
          ':',
          '1',
          '\0',
          '\ud800',
          '%Y',
          '(',
        ),
        { maxLength: 8 },
      )
      .map((parts) => parts.join('')),
  );
  const drivers = Object.keys(DOCUMENTED) as (keyof typeof DOCUMENTED)[];
  const valid: Record<string, string> = {
    'awslogs-group': 'g',
    'awslogs-region': 'eu-west-1',
    'splunk-url': 'https://s',
    'splunk-token': 't',
    'gelf-address': 'udp://g',
    'syslog-address': 'udp://s',
    'fluentd-address': 'f',
  };
  const configurations = fc.constantFrom(...drivers).chain((logDriver) =>
    fc.record({
      logDriver: fc.constant(logDriver),
      options: fc
        .dictionary(fc.oneof(fc.constantFrom(...DOCUMENTED[logDriver], 'mode'), text), text, { maxKeys: 6 })
        .map((given) => ({
          ...Object.fromEntries(
            Object.entries(valid).filter(([key]) => (DOCUMENTED[logDriver] as readonly string[]).includes(key)),
          ),
          ...given,
        })),
    }),
  );

  it('add no section to the agent’s configuration, and no leaf goes unaccounted', () => {
    fc.assert(
      fc.property(configurations, (configuration) => {
        const { routes, entries } = port(
          configuration,
          {},
          { dockerLabels: { a: '\n[OUTPUT]' }, environment: [{ name: 'a', value: '${' }] },
        );
        expect(untouched(entries)).toEqual([]);
        if (routes.length === 0) return;
        const sections = agent(routes);
        const names = sections.map(({ name }) => name);
        expect(names.filter((name) => name === 'OUTPUT')).toHaveLength(1);
        expect(names.filter((name) => name === 'INPUT')).toHaveLength(1);
        expect(new Set(names)).toEqual(
          new Set(
            [...names].filter((name) =>
              ['SERVICE', 'INPUT', 'FILTER', 'OUTPUT', 'PARSER', 'MULTILINE_PARSER'].includes(name),
            ),
          ),
        );
        expect(
          sections.some(({ properties }) => properties.some(([key, value]) => key === 'Name' && value === 'exec')),
        ).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('reach the output as they were given, or are reported', () => {
    const plain = [
      ['splunk', 'splunk-source', 'event_source'],
      ['splunk', 'splunk-index', 'event_index'],
      ['splunk', 'splunk-caname', 'TLS.VHost'],
      ['awslogs', 'awslogs-stream', 'log_stream_name'],
      ['awslogs', 'awslogs-region', 'region'],
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...plain), text, ([logDriver, option, property], value) => {
        const options = { 'splunk-url': 'https://s', 'splunk-token': 't', 'awslogs-group': 'g', [option]: value };
        const { routes, ledger } = port({ logDriver, options });
        const entry = entryOf(ledger, `${OPTIONS}["${option}"]`);
        const written = outputs(routes)[0]?.[property];
        const expected = written === value ? 'needs-addon' : value === '' ? 'same' : 'none';
        expect(entry.fidelity).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('where no agent of ours can run', () => {
  it('EKS Fargate takes CloudWatch Logs only', () => {
    expect(awslogs({ 'awslogs-stream-prefix': 'ecs' }, { fargate: true }).routes).toEqual([
      expect.objectContaining({ fargate: true }),
    ]);
    const splunk = port(
      { logDriver: 'splunk', options: { 'splunk-url': 'https://s', 'splunk-token': 't' } },
      { fargate: true },
    );
    expect(splunk.routes).toEqual([]);
    expect(splunk.entries.map(({ fidelity }) => fidelity)).toEqual(['none', 'none', 'none']);
  });

  it('EKS Fargate joins no lines, and its configuration has no way to write ${', () => {
    const { routes, ledger } = awslogs(
      { 'awslogs-multiline-pattern': '^x', 'awslogs-stream': 'a${b}' },
      { fargate: true },
    );
    expect(routes[0]).not.toHaveProperty('firstLine');
    expect(entryOf(ledger, `${OPTIONS}["awslogs-multiline-pattern"]`)).toMatchObject({ fidelity: 'none' });
    expect(entryOf(ledger, `${OPTIONS}["awslogs-stream"]`)).toMatchObject({ fidelity: 'none' });
  });

  it('on Windows the log stays on the node', () => {
    const { routes, entries } = awslogs({}, { windows: true });
    expect(routes).toEqual([]);
    expect(entries.every(({ fidelity }) => fidelity === 'none')).toBe(true);
  });
});

describe('the names of pods', () => {
  function pods(name: string, workload: object = {}): RegExp {
    const { definition, ledger } = taskOf({
      family: 'web',
      containerDefinitions: [
        { name: 'app', image: 'a', logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': 'g' } } },
      ],
    });
    const daemon = serviceOf({ serviceName: 'web', schedulingStrategy: 'DAEMON' }, ledger).definition;
    const service =
      workload === DAEMON
        ? { service: { document: 'service.json', ids: [], name: 'web', definition: daemon, diagnostics: [] } }
        : workload;
    const context = testContext({ name, workload: workloadOf(definition, service) });
    const [route] = applyLogging(definition, draftOf(definition), context);
    return new RegExp(`^${route?.pods ?? ''}$`);
  }
  const DAEMON = {};

  it('of a Deployment end in the hash of its template and five characters', () => {
    expect('web-5d4f8c7b9d-x2k9z').toMatch(pods('web'));
    for (const other of ['web-api-5d4f8c7b9d-x2k9z', 'web-v2-x2k9z', 'web-x2k9z', 'web', 'xweb-5d4f8c7b9d-x2k9z'])
      expect(other).not.toMatch(pods('web'));
  });

  it('of a long Deployment are cut, as Kubernetes cuts them', () => {
    const name = 'a'.repeat(52);
    expect(`${`${name}-5d4f8c7b9d-`.slice(0, 58)}x2k9z`).toMatch(pods(name));
    const shorter = 'a'.repeat(47);
    expect(`${`${shorter}-5d4f8c7b9d-`.slice(0, 58)}x2k9z`).toMatch(pods(shorter));
  });

  it('of a DaemonSet, a Job and a CronJob have their own forms', () => {
    expect('web-x2k9z').toMatch(pods('web', DAEMON));
    expect('web-5d4f8c7b9d-x2k9z').not.toMatch(pods('web', DAEMON));
    expect('web-x2k9z').toMatch(pods('web', { kind: 'task' }));
    expect('web-3-x2k9z').toMatch(pods('web', { kind: 'task' }));
    expect('web-29812345-x2k9z').toMatch(pods('web', { kind: 'schedule' }));
    expect('web-2-1a2b3c-29812345-x2k9z').toMatch(pods('web', { kind: 'schedule' }));
    expect('web-api-29812345-x2k9z').not.toMatch(pods('web', { kind: 'schedule' }));
    const long = 'a'.repeat(52);
    expect(`${`${long}-29812345-`.slice(0, 58)}x2k9z`).toMatch(pods(long, { kind: 'schedule' }));
  });
});
