import { describe, expect, it } from '@jest/globals';
import { BALANCED, connect, listening } from './connect.js';
import { entryOf } from './context.js';

describe('service registries', () => {
  it('become a headless Service, which external-dns must announce to the VPC', () => {
    const registryArn = 'arn:aws:servicediscovery:eu-west-1:111122223333:service/srv-1';
    const service = { serviceRegistries: [{ registryArn, containerName: 'app', containerPort: 8080 }] };
    const { kinds, context } = connect(listening({ containerPort: 8080 }), { service });
    expect(kinds('Service')[0]).toMatchObject({
      metadata: { name: 'web', annotations: { 'tranship.dev/ecs-arn': registryArn } },
      spec: { clusterIP: 'None', ports: [{ port: 8080, targetPort: 8080 }] },
    });
    expect(context.findings.prerequisites.map(({ id }) => id)).toEqual(['external-dns']);
  });

  it('stand aside for the Service of a load balancer', () => {
    const { kinds } = connect(listening({ containerPort: 8080 }), {
      service: { ...BALANCED, serviceRegistries: [{ registryArn: 'r' }] },
    });
    expect(kinds('Service').map(({ metadata }) => metadata.name)).toEqual([
      'web',
      expect.stringMatching(/^web-headless-/),
    ]);
  });
});

describe('the network of a pod', () => {
  it('is the host’s in host mode, with the DNS of the cluster', () => {
    const { pod } = connect({ networkMode: 'host', containerDefinitions: [{ name: 'app' }] });
    expect(pod.spec).toMatchObject({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' });
  });

  it('is closed by a policy in mode none', () => {
    const { kinds } = connect({ networkMode: 'none', containerDefinitions: [{ name: 'app' }] });
    expect(kinds('NetworkPolicy')[0]).toMatchObject({ spec: { policyTypes: ['Ingress', 'Egress'] } });
  });

  it('has the security groups of the task', () => {
    const awsvpcConfiguration = {
      subnets: ['subnet-1'],
      securityGroups: ['sg-1', 'sg-2', 'sg-1'],
      assignPublicIp: 'ENABLED',
    };
    const { kinds, ledger } = connect(listening(), { service: { networkConfiguration: { awsvpcConfiguration } } });
    expect(kinds('SecurityGroupPolicy')).toEqual([
      {
        apiVersion: 'vpcresources.k8s.aws/v1beta1',
        kind: 'SecurityGroupPolicy',
        metadata: { name: 'web', namespace: 'shop' },
        spec: {
          podSelector: { matchLabels: { 'app.kubernetes.io/name': 'web' } },
          securityGroups: { groupIds: ['sg-1', 'sg-2'] },
        },
      },
    ]);
    expect(entryOf(ledger, 'networkConfiguration.awsvpcConfiguration.assignPublicIp').fidelity).toBe('none');
  });

  it('has no security groups of its own on Windows', () => {
    const service = { networkConfiguration: { awsvpcConfiguration: { subnets: [], securityGroups: ['sg-1'] } } };
    expect(connect(listening(), { service, context: { windows: true } }).kinds('SecurityGroupPolicy')).toEqual([]);
  });
});

describe('the names that containers resolve', () => {
  it('lead from links to the pod itself and from extra hosts to their address, one entry an address', () => {
    const { pod } = connect({
      containerDefinitions: [
        { name: 'app', links: ['db:database', 'cache'], extraHosts: [{ hostname: 'legacy', ipAddress: '10.0.0.7' }] },
        { name: 'db', extraHosts: [{ hostname: 'Old.Example', ipAddress: '10.0.0.7' }] },
        { name: 'cache' },
      ],
    });
    expect(pod.spec.hostAliases).toEqual([
      { ip: '127.0.0.1', hostnames: ['db', 'database', 'cache'] },
      { ip: '10.0.0.7', hostnames: ['legacy', 'old.example'] },
    ]);
  });

  it('that contradict an earlier container, or that Kubernetes does not take, are left out and said', () => {
    const { pod, ledger } = connect({
      containerDefinitions: [
        { name: 'a', extraHosts: [{ hostname: 'db', ipAddress: '10.0.0.1' }] },
        {
          name: 'b',
          extraHosts: [
            { hostname: 'db', ipAddress: '10.0.0.2' },
            { hostname: 'gw', ipAddress: 'host-gateway' },
          ],
          links: ['under_score'],
        },
      ],
    });
    expect(pod.spec.hostAliases).toEqual([{ ip: '10.0.0.1', hostnames: ['db'] }]);
    for (const path of ['extraHosts[0].hostname', 'extraHosts[1].ipAddress', 'links[0]']) {
      expect(entryOf(ledger, `containerDefinitions[1].${path}`).fidelity).toBe('none');
    }
  });

  it('come from the task’s own servers, asked at once for names with a dot as Docker does', () => {
    const { pod } = connect({
      containerDefinitions: [{ name: 'a', dnsServers: ['10.0.0.2'], dnsSearchDomains: ['corp.example'] }],
    });
    expect(pod.spec).toMatchObject({
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['10.0.0.2'], searches: ['corp.example'], options: [{ name: 'ndots', value: '1' }] },
    });
  });

  it('of the cluster are still found when only search domains are added', () => {
    const { pod } = connect({ containerDefinitions: [{ name: 'a', dnsSearchDomains: ['corp.example'] }] });
    expect(pod.spec).toEqual({ dnsConfig: { searches: ['corp.example'], options: [{ name: 'ndots', value: '2' }] } });
  });

  it('are at most three servers a pod', () => {
    const { pod, ledger } = connect({
      containerDefinitions: [{ name: 'a', dnsServers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'] }],
    });
    expect(pod.spec.dnsConfig?.nameservers).toHaveLength(3);
    expect(entryOf(ledger, 'containerDefinitions[0].dnsServers[3]').fidelity).toBe('none');
  });

  it('include one host name for the pod, the first that a container wants', () => {
    const { pod, ledger } = connect({
      containerDefinitions: [
        { name: 'a', hostname: 'Web.Example' },
        { name: 'b', hostname: 'other' },
      ],
    });
    expect(pod.spec.hostname).toBe('web');
    expect(entryOf(ledger, 'containerDefinitions[1].hostname').fidelity).toBe('none');
  });
});

describe('a task without a service', () => {
  it('has ports but no Services, and nothing to drain', () => {
    const { network, context } = connect(listening({ containerPort: 80 }));
    expect(network).toEqual({ drainSeconds: 0, hasLoadBalancer: false });
    expect(context.manifests).toEqual([]);
  });
});
