import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { LogRoute } from '../../../charts/port/logging/log-route.js';
import { renderLogAgent } from '../../../charts/port/logging.js';
import type { Manifest } from '../../../charts/port/manifest.js';
import { DEFAULT_PORT_OPTIONS } from '../../../charts/port/options.js';
import { readFluentBit, type ReadSection } from './fluent-bit-reader.js';

function route(partial: Partial<LogRoute> = {}): LogRoute {
  const workload = partial.workload ?? 'web';
  return {
    namespace: 'shop',
    workload,
    container: 'app',
    pods: `${workload}-[a-z0-9]{5,10}-[a-z0-9]{5}`,
    fargate: false,
    aws: true,
    account: '111122223333',
    filters: [],
    output: cloudwatch(`/ecs/${workload}`),
    variables: [],
    ...partial,
  };
}

function cloudwatch(group: string): LogRoute['output'] {
  return {
    plugin: 'cloudwatch_logs',
    properties: [
      ['region', 'eu-west-1'],
      ['log_group_name', group],
      ['log_stream_prefix', 'ecs/'],
      ['log_stream_template', ['ecs/', { pod: 'container' }, '/', { pod: 'uid' }]],
      ['log_key', 'log'],
    ],
  };
}

function render(...routes: readonly LogRoute[]): readonly Manifest[] {
  return renderLogAgent(routes, DEFAULT_PORT_OPTIONS);
}

function dataOf(manifest: Manifest): Record<string, string> {
  return manifest['data'] as Record<string, string>;
}

function read(manifests: readonly Manifest[]): readonly ReadSection[] {
  const files = new Map<string, string>();
  for (const map of manifests.filter(({ kind }) => kind === 'ConfigMap')) {
    for (const [name, text] of Object.entries(dataOf(map))) files.set(`/fluent-bit/etc/${name}`, text);
  }
  return readFluentBit(files, '/fluent-bit/etc/fluent-bit.conf');
}

function sections(manifests: readonly Manifest[], name: string): readonly Record<string, string>[] {
  return read(manifests)
    .filter((section) => section.name === name)
    .map(({ properties }) => Object.fromEntries(properties));
}

interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string }[];
  readonly securityContext: unknown;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface Pod {
  readonly automountServiceAccountToken: boolean;
  readonly priorityClassName: string;
  readonly tolerations: unknown;
  readonly containers: readonly Container[];
  readonly volumes: readonly {
    readonly name: string;
    readonly projected?: { readonly sources: readonly { readonly configMap: { readonly name: string } }[] };
  }[];
}

function podOf(manifests: readonly Manifest[]): {
  readonly pod: Pod;
  readonly container: Container;
  readonly annotations: Record<string, string>;
} {
  const spec = manifests.find(({ kind }) => kind === 'DaemonSet')?.['spec'] as {
    template: { metadata: { annotations: Record<string, string> }; spec: Pod };
  };
  const [container] = spec.template.spec.containers;
  if (container === undefined) throw new Error('no container');
  return { pod: spec.template.spec, container, annotations: spec.template.metadata.annotations };
}

describe('the log agent', () => {
  it('is not rendered when nothing is to be sent', () => {
    expect(render()).toEqual([]);
  });

  it('reads the log files of the namespaces that have routes, and tags records by what their paths say', () => {
    const inputs = sections(render(route(), route({ namespace: 'blog' })), 'INPUT');
    expect(inputs.map(({ Path }) => Path)).toEqual(['/var/log/pods/blog_*/*/*.log', '/var/log/pods/shop_*/*/*.log']);
    const [input] = inputs;
    const path = '/var/log/pods/blog_web-5d4f8c7b9d-x2k9z_5f0c7a52-1b1e-4c1c-9a52-2f5a64d2c3aa/app/0.log';
    const captured = new RegExp(input?.['Tag_Regex'] ?? '').exec(path)?.groups ?? {};
    const tag = input?.['Tag']?.replace(/<(\w+)>/g, (_, name: string) => captured[name] ?? '');
    expect(tag).toBe('pod.blog.web-5d4f8c7b9d-x2k9z.5f0c7a52-1b1e-4c1c-9a52-2f5a64d2c3aa.app');
    const part = tag?.split('.');
    expect([part?.[3], part?.[4]]).toEqual(['5f0c7a52-1b1e-4c1c-9a52-2f5a64d2c3aa', 'app']);
  });

  it('matches exactly the containers of the routes', () => {
    const [output] = sections(render(route()), 'OUTPUT');
    const match = new RegExp(output?.['Match_Regex'] ?? '');
    expect('pod.shop.web-5d4f8c7b9d-x2k9z.uid-1.app').toMatch(match);
    for (const tag of [
      'pod.shop.web-api-5d4f8c7b9d-x2k9z.uid.app',
      'pod.shop.web-5d4f8c7b9d-x2k9z.uid.apps',
      'pod.blog.web-5d4f8c7b9d-x2k9z.uid.app',
      'xpod.shop.web-5d4f8c7b9d-x2k9z.uid.app',
    ]) {
      expect(tag).not.toMatch(match);
    }
  });

  it('has one output for a destination that several routes share', () => {
    const output = cloudwatch('/ecs/all');
    const outputs = sections(
      render(
        route({ output }),
        route({ output, workload: 'api' }),
        route({ output, container: 'envoy' }),
        route({ workload: 'cart' }),
      ),
      'OUTPUT',
    );
    expect(outputs.map(({ log_group_name }) => log_group_name)).toEqual(['/ecs/all', '/ecs/cart']);
    for (const tag of [
      'pod.shop.web-abcde-x2k9z.u.app',
      'pod.shop.web-abcde-x2k9z.u.envoy',
      'pod.shop.api-abcde-x2k9z.u.app',
    ]) {
      expect(tag).toMatch(new RegExp(outputs[0]?.['Match_Regex'] ?? ''));
    }
  });

  it('runs the filters of a route in their order, after its lines were joined', () => {
    const filters: LogRoute['filters'] = [
      { plugin: 'modify', properties: [['Rename', 'stream source']] },
      { plugin: 'grep', properties: [['Exclude', 'log ^x']] },
    ];
    const manifests = render(
      route({ filters, firstLine: '^a' }),
      route({ workload: 'api', filters: filters.slice(1) }),
    );
    expect(sections(manifests, 'FILTER').map(({ Name }) => Name)).toEqual(['multiline', 'grep', 'modify', 'grep']);
  });

  it('retries and keeps a bounded backlog, unless the route says how often to try', () => {
    const [first, second] = sections(
      render(
        route(),
        route({ workload: 'zoo', output: { plugin: 'http', properties: [['Retry_Limit', 'no_limits']] } }),
      ),
      'OUTPUT',
    );
    expect(first).toMatchObject({ Retry_Limit: '5', 'storage.total_limit_size': '64M' });
    expect(second).toMatchObject({ Retry_Limit: 'no_limits', 'storage.total_limit_size': '64M' });
  });

  it('runs with as little as reading log files of the node allows', () => {
    const { pod, container } = podOf(render(route()));
    expect(container.securityContext).toEqual({
      runAsUser: 0,
      runAsGroup: 0,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.volumeMounts.filter(({ readOnly }) => readOnly !== true).map(({ name }) => name)).toEqual([
      'state',
      'tmp',
    ]);
    expect(container.image).toMatch(/^public\.ecr\.aws\/aws-observability\/aws-for-fluent-bit:\d+\.\d+\.\d+$/);
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      priorityClassName: 'system-node-critical',
      tolerations: [{ operator: 'Exists' }],
    });
    expect(render(route()).some(({ kind }) => /Role/.test(kind))).toBe(false);
  });

  it('lives in a namespace that admits it', () => {
    const [namespace] = render(route());
    expect(namespace).toMatchObject({
      kind: 'Namespace',
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    });
  });

  it('gets its role by Pod Identity, by IRSA, or not at all', () => {
    expect(render(route()).find(({ kind }) => kind === 'PodIdentityAssociation')?.['spec']).toEqual({
      clusterName: 'CLUSTER',
      namespace: 'tranship-logging',
      serviceAccount: 'log-agent',
      roleARN: 'arn:aws:iam::111122223333:role/tranship-log-agent',
    });
    const irsa = renderLogAgent([route()], { ...DEFAULT_PORT_OPTIONS, identity: 'irsa' });
    expect(irsa.find(({ kind }) => kind === 'ServiceAccount')?.metadata.annotations).toEqual({
      'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/tranship-log-agent',
    });
    expect(irsa.map(({ kind }) => kind)).not.toContain('PodIdentityAssociation');
    expect(render(route({ aws: false })).map(({ kind }) => kind)).not.toContain('PodIdentityAssociation');
  });

  it('has the variables of all routes once each', () => {
    const variables = [{ name: 'LOG_TOKEN', source: { secretKeyRef: { name: 's', key: 'k' } } }];
    const { container } = podOf(render(route({ variables }), route({ workload: 'api', variables })));
    expect(container.env.map(({ name }) => name)).toEqual(['NODE_NAME', 'NODE_IP', 'LOG_TOKEN']);
  });

  it('restarts when its configuration changes', () => {
    expect(podOf(render(route())).annotations).not.toEqual(
      podOf(render(route({ output: cloudwatch('/other') }))).annotations,
    );
  });

  it('is the same for the same routes in any order', () => {
    const routes = ['a', 'b', 'c', 'd'].flatMap((workload) => [
      route({ workload }),
      route({ workload, container: 'envoy', firstLine: `^${workload}` }),
      route({ workload, namespace: 'blog', fargate: workload === 'c' }),
    ]);
    const expected = render(...routes);
    fc.assert(
      fc.property(fc.shuffledSubarray(routes, { minLength: routes.length }), (shuffled) => {
        expect(render(...shuffled)).toEqual(expected);
      }),
    );
  });
});

describe('the log agent for 2,000 routes', () => {
  const routes = Array.from({ length: 2000 }, (_, index) =>
    route({
      workload: `service-with-a-rather-long-name-${index}`,
      namespace: `team-${index % 40}`,
      filters: [{ plugin: 'record_modifier', properties: [['Record', `a ${index}`]] }],
    }),
  );
  const manifests = render(...routes);
  const maps = manifests.filter(({ kind }) => kind === 'ConfigMap');

  it('has ConfigMaps that kubectl can apply, all of which it mounts', () => {
    for (const map of maps) expect(Buffer.byteLength(JSON.stringify(map))).toBeLessThan(250_000);
    const sources = podOf(manifests).pod.volumes.flatMap(({ projected }) => projected?.sources ?? []);
    expect(sources.map(({ configMap }) => configMap.name)).toEqual(maps.map(({ metadata }) => metadata.name));
    expect(maps.length).toBeGreaterThan(3);
  });

  it('has every route once', () => {
    const groups = sections(manifests, 'OUTPUT').map(({ log_group_name }) => log_group_name);
    expect(new Set(groups).size).toBe(2000);
    expect(groups).toHaveLength(2000);
  });

  it('gives outputs no threads of their own, which a process could not have so many of', () => {
    expect(new Set(sections(manifests, 'OUTPUT').map(({ Workers }) => Workers))).toEqual(new Set(['0']));
    expect(sections(render(route()), 'OUTPUT')[0]).not.toHaveProperty('Workers');
  });
});

describe('the log router of EKS Fargate', () => {
  it('is configured by the ConfigMap that EKS reads, with nothing that it refuses', () => {
    const manifests = render(route({ fargate: true }));
    expect(manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Namespace aws-observability',
      'ConfigMap aws-logging',
    ]);
    const [namespace, map] = manifests;
    expect(namespace?.metadata.labels).toEqual({ 'aws-observability': 'enabled' });
    const data = map === undefined ? {} : dataOf(map);
    const all = readFluentBit(new Map(Object.entries(data)), 'output.conf');
    expect(all.map(({ name }) => name)).toEqual(['OUTPUT']);
    const output = Object.fromEntries(all[0]?.properties ?? []);
    expect(output).toMatchObject({ log_stream_template: "ecs/app/$kubernetes['pod_id']", log_group_name: '/ecs/web' });
    expect('kube.var.log.containers.web-5d4f8c7b9d-x2k9z_shop_app-0a1b2c.log').toMatch(
      new RegExp(output['Match_Regex'] ?? ''),
    );
    expect(JSON.stringify(data)).not.toMatch(/@INCLUDE|@SET|\[INPUT\]|\[SERVICE\]/);
    for (const filter of readFluentBit(new Map(Object.entries(data)), 'filters.conf')) {
      expect([
        'grep',
        'parser',
        'record_modifier',
        'rewrite_tag',
        'throttle',
        'nest',
        'modify',
        'kubernetes',
      ]).toContain(Object.fromEntries(filter.properties)['Name']);
    }
  });

  it('keeps within 5300 characters, and names the routes that have no room', () => {
    const routes = Array.from({ length: 40 }, (_, index) =>
      route({ workload: `web-${String(index).padStart(2, '0')}`, fargate: true }),
    );
    const map = render(...routes).find(({ kind }) => kind === 'ConfigMap');
    const data = map === undefined ? {} : dataOf(map);
    expect(Object.values(data).join('').length).toBeLessThanOrEqual(5300);
    const kept = data['output.conf']?.match(/^\[OUTPUT\]$/gm)?.length ?? 0;
    const left = map?.metadata.annotations?.['tranship.dev/routes-without-room']?.split(', ') ?? [];
    expect(kept).toBeGreaterThan(5);
    expect(kept + left.length).toBe(40);
    expect(left.at(-1)).toBe('shop/web-39/app');
  });

  it('stands beside the agent of the nodes', () => {
    const manifests = render(route(), route({ workload: 'cart', fargate: true }));
    const maps = new Map(
      manifests.filter(({ kind }) => kind === 'ConfigMap').map((map) => [map.metadata.name, JSON.stringify(map)]),
    );
    expect(maps.get('log-agent')).toContain('/ecs/web');
    expect(maps.get('log-agent')).not.toContain('/ecs/cart');
    expect(maps.get('aws-logging')).toContain('/ecs/cart');
    expect(maps.get('aws-logging')).not.toContain('/ecs/web');
  });
});
