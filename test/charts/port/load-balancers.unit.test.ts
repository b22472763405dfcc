import { describe, expect, it } from '@jest/globals';
import { ARN, BALANCED, connect, listening } from './connect.js';
import { entryOf } from './context.js';

const GREEN = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-green/fedcba9876543210';

describe('a load balancer', () => {
  it('keeps its target group, which a TargetGroupBinding fills from one Service', () => {
    const { kinds, context } = connect(listening({ containerPort: 8080, name: 'http', appProtocol: 'http2' }), {
      service: BALANCED,
    });
    expect(kinds('Service')).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web', namespace: 'shop' },
        spec: {
          type: 'ClusterIP',
          selector: { 'app.kubernetes.io/name': 'web' },
          ports: [{ name: 'http', port: 8080, protocol: 'TCP', targetPort: 'http', appProtocol: 'kubernetes.io/h2c' }],
        },
      },
    ]);
    expect(kinds('TargetGroupBinding')).toEqual([
      {
        apiVersion: 'elbv2.k8s.aws/v1beta1',
        kind: 'TargetGroupBinding',
        metadata: { name: 'web', namespace: 'shop' },
        spec: {
          serviceRef: { name: 'web', port: 8080 },
          targetGroupARN: ARN,
          targetType: 'ip',
          multiClusterTargetGroup: true,
        },
      },
    ]);
    expect(context.findings.prerequisites.map(({ id }) => id)).toEqual([
      'aws-load-balancer-controller',
      'readiness-gate-namespace-label',
    ]);
  });

  it('shares its target group, so that tasks that still run on ECS stay registered', () => {
    const { kinds } = connect(listening({ containerPort: 8080 }), { service: BALANCED });
    expect(kinds('TargetGroupBinding')[0]).toMatchObject({ spec: { multiClusterTargetGroup: true } });
  });

  it('of a bridge task reaches pods by a port of each node', () => {
    const { kinds, context } = connect(
      { ...listening({ containerPort: 8080, hostPort: 0 }), networkMode: 'bridge' },
      { service: BALANCED },
    );
    expect(kinds('Service')[0]).toMatchObject({ spec: { type: 'NodePort' } });
    expect(kinds('TargetGroupBinding')[0]).toMatchObject({ spec: { targetType: 'instance' } });
    expect(context.findings.prerequisites.map(({ id }) => id)).toEqual(['aws-load-balancer-controller']);
  });

  it('goes by the type of its target group rather than by the network mode, where the input holds it', () => {
    const { kinds } = connect(
      { ...listening({ containerPort: 8080 }), networkMode: 'bridge' },
      { service: BALANCED, groups: [{ group: { TargetType: 'ip' } }] },
    );
    expect(kinds('TargetGroupBinding')[0]).toMatchObject({ spec: { targetType: 'ip' } });
  });

  it('drains pods for the deregistration delay and 5 s before they stop', () => {
    const groups = [{ group: { Name: 'web' }, attributes: { 'deregistration_delay.timeout_seconds': '30' } }];
    const { network, ledger } = connect(listening({ containerPort: 8080 }), { service: BALANCED, groups });
    expect(network).toEqual({ drainSeconds: 35, hasLoadBalancer: true });
    expect(entryOf(ledger, '["deregistration_delay.timeout_seconds"]').kubernetes).toEqual([
      'Container.lifecycle.preStop.sleep.seconds',
    ]);
  });

  it('drains pods for the default of 300 s when the input does not hold the target group, and says so', () => {
    const { network, context } = connect(listening({ containerPort: 8080 }), { service: BALANCED });
    expect(network.drainSeconds).toBe(305);
    expect(context.findings.assumptions).toEqual([
      'Deployment shop/web: pods drain 300 s, the default, since the input does not hold the target group',
    ]);
  });

  it('is asked about by its name where the template makes it', () => {
    const service = { loadBalancers: [{ targetGroupArn: 'TargetGroup', containerName: 'app', containerPort: 8080 }] };
    const { kinds } = connect(listening({ containerPort: 8080 }), {
      service,
      groups: [{ group: { Name: 'shop-web' }, ids: ['TargetGroup'] }],
    });
    expect(kinds('TargetGroupBinding')[0]).toMatchObject({ spec: { targetGroupName: 'shop-web' } });
  });

  it('with an alternate target group gets a second binding by a preview Service, and both hold the same pods', () => {
    const advancedConfiguration = {
      alternateTargetGroupArn: GREEN,
      productionListenerRule: 'rule-1',
      testListenerRule: 'rule-2',
      roleArn: 'role',
    };
    const service = { loadBalancers: [{ ...BALANCED.loadBalancers[0], advancedConfiguration }] };
    const { kinds, ledger } = connect(listening({ containerPort: 8080 }), { service });
    const [own, preview] = kinds('Service');
    expect(own?.metadata.name).toBe('web');
    expect(preview?.metadata.name).toMatch(/^web-preview-[0-9a-f]{6}$/);
    expect(preview?.['spec']).toEqual(own?.['spec']);
    expect(kinds('TargetGroupBinding')[1]).toMatchObject({
      metadata: { name: expect.stringMatching(/^web-shop-green-[0-9a-f]{6}$/) },
      spec: { serviceRef: { name: preview?.metadata.name, port: 8080 }, targetGroupARN: GREEN },
    });
    expect(entryOf(ledger, 'loadBalancers[0].advancedConfiguration.productionListenerRule').fidelity).toBe(
      'needs-addon',
    );
  });

  it('binds several target groups under names of their own', () => {
    const service = {
      loadBalancers: [BALANCED.loadBalancers[0], { targetGroupArn: GREEN, containerName: 'app', containerPort: 9090 }],
    };
    const { kinds } = connect(listening({ containerPort: 8080 }, { containerPort: 9090 }), { service });
    expect(kinds('Service')).toHaveLength(1);
    expect(new Set(kinds('TargetGroupBinding').map(({ metadata }) => metadata.name)).size).toBe(2);
  });

  it('of the classic kind is not carried, but its port stays reachable', () => {
    const service = { loadBalancers: [{ loadBalancerName: 'old', containerName: 'app', containerPort: 8080 }] };
    const { kinds, ledger, network } = connect(listening({ containerPort: 8080 }), { service });
    expect(entryOf(ledger, 'loadBalancers[0].loadBalancerName').fidelity).toBe('none');
    expect(kinds('Service')).toHaveLength(1);
    expect(kinds('TargetGroupBinding')).toEqual([]);
    expect(network).toEqual({ drainSeconds: 0, hasLoadBalancer: true });
  });

  it('of TCP and UDP at once gets a Service with both', () => {
    const service = { loadBalancers: [{ targetGroupArn: ARN, containerName: 'app', containerPort: 53 }] };
    const { kinds } = connect(listening({ containerPort: 53 }, { containerPort: 53, protocol: 'udp' }), { service });
    expect(kinds('Service')[0]).toMatchObject({
      spec: {
        ports: [
          { port: 53, protocol: 'TCP' },
          { port: 53, protocol: 'UDP' },
        ],
      },
    });
  });

  it('gets a Service whose name begins with a letter', () => {
    const { kinds } = connect(listening({ containerPort: 8080 }), { service: BALANCED, context: { name: '9lives' } });
    expect(kinds('Service')[0]?.metadata.name).toMatch(/^s-9lives-[0-9a-f]{6}$/);
  });
});

describe('the health check of a target group', () => {
  const http = {
    Protocol: 'HTTP',
    HealthCheckPath: '/healthz',
    HealthCheckIntervalSeconds: 15,
    HealthCheckTimeoutSeconds: 4,
    UnhealthyThresholdCount: 3,
  };
  const probe = (group: object, task: object = listening({ containerPort: 8080 })): unknown =>
    connect(task, { service: BALANCED, groups: [{ group }] }).pod.containers[0]?.spec.readinessProbe;

  it('becomes the readiness probe of the container behind it', () => {
    expect(probe(http)).toEqual({
      httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' },
      periodSeconds: 15,
      timeoutSeconds: 4,
      failureThreshold: 3,
    });
  });

  it('may use a port of its own and HTTPS', () => {
    expect(probe({ ...http, HealthCheckPort: '9000', HealthCheckProtocol: 'HTTPS' })).toMatchObject({
      httpGet: { port: 9000, scheme: 'HTTPS' },
    });
  });

  it.each([
    ['a network load balancer', { Protocol: 'TCP' }],
    ['a check that wants a status outside 200 to 399', { ...http, Matcher: { HttpCode: '200-499' } }],
    ['gRPC', { ...http, ProtocolVersion: 'GRPC' }],
  ])('becomes a TCP probe for %s', (_, group) => {
    expect(probe(group)).toMatchObject({ tcpSocket: { port: 8080 } });
  });

  it('is not copied when the container has a health check of its own, or when it is off', () => {
    const task = listening({ containerPort: 8080 });
    const own = {
      ...task,
      containerDefinitions: [{ ...task.containerDefinitions[0], healthCheck: { command: ['CMD', 'true'] } }],
    };
    expect(probe(http, own)).toBeUndefined();
    expect(probe({ ...http, HealthCheckEnabled: false })).toBeUndefined();
  });
});
