import { describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../../charts/port/manifest.js';
import { applyNetwork } from '../../../charts/port/network.js';
import type { PortContext } from '../../../charts/port/pod-draft.js';
import { Ledger } from '../../../charts/report/ledger.js';
import { draftOf, entryOf, serviceOf, taskOf, testContext, workloadOf } from './context.js';

interface Connected {
  readonly services: readonly Manifest[];
  readonly context: PortContext;
  readonly ledger: Ledger;
}

const MAPPINGS = [
  { name: 'http', containerPort: 8080, appProtocol: 'http' },
  { name: 'admin', containerPort: 9090 },
];

function connect(serviceConnectConfiguration: object, more: object = {}): Connected {
  const ledger = new Ledger();
  const { definition } = taskOf(
    { networkMode: 'awsvpc', containerDefinitions: [{ name: 'app', portMappings: MAPPINGS }] },
    ledger,
  );
  const service = serviceOf(
    { serviceConnectConfiguration: { enabled: true, ...serviceConnectConfiguration }, ...more },
    ledger,
  ).definition;
  const context = testContext({
    workload: workloadOf(definition, {
      service: { document: 'service.json', ids: [], name: 'web', definition: service, diagnostics: [] },
    }),
  });
  applyNetwork(definition, draftOf(definition), context);
  return { services: context.manifests.filter(({ kind }) => kind === 'Service'), context, ledger };
}

/** One Service Connect service for port `http` with these aliases. */
const aliased = (...clientAliases: object[]): object => ({ services: [{ portName: 'http', clientAliases }] });

const fieldOf = (ledger: Ledger, path: string) => entryOf(ledger, `serviceConnectConfiguration.${path}`);

describe('a client alias', () => {
  it('becomes a Service of exactly that name, under the port that clients call', () => {
    const { services, ledger } = connect(aliased({ dnsName: 'storefront', port: 80 }));
    expect(services).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'storefront', namespace: 'shop' },
        spec: {
          type: 'ClusterIP',
          selector: { 'app.kubernetes.io/name': 'web' },
          ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'http', appProtocol: 'http' }],
        },
      },
    ]);
    expect(fieldOf(ledger, 'services[0].clientAliases[0].dnsName').fidelity).toBe('same');
  });

  it('may name the Kubernetes namespace too, as callers of a Service may', () => {
    const { services, ledger } = connect(aliased({ dnsName: 'storefront.shop', port: 80 }));
    expect(services[0]?.metadata.name).toBe('storefront');
    expect(fieldOf(ledger, 'services[0].clientAliases[0].dnsName').fidelity).toBe('same');
  });

  it('may be written in capitals, which DNS does not tell apart', () => {
    expect(
      fieldOf(connect(aliased({ dnsName: 'Storefront', port: 80 })).ledger, 'services[0].clientAliases[0].dnsName')
        .fidelity,
    ).toBe('same');
  });

  it.each(['db.prod.local', 'under_score', '9lives'])(
    'of %s cannot be a Service’s name, and the report says how to keep it',
    (dnsName) => {
      const { services, ledger } = connect({
        services: [{ portName: 'http', discoveryName: 'shop-db', clientAliases: [{ dnsName, port: 5432 }] }],
      });
      expect(services).toHaveLength(1);
      const name = services[0]?.metadata.name ?? '';
      expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(fieldOf(ledger, 'services[0].clientAliases[0].dnsName')).toMatchObject({
        fidelity: 'needs-addon',
        todo: expect.stringContaining(`rewrite name exact ${dnsName} ${name}.shop.svc.cluster.local`),
      });
    },
  );

  it('shares a Service with another alias of the same name and another port', () => {
    const { services } = connect({
      services: [
        { portName: 'http', clientAliases: [{ dnsName: 'web', port: 80 }] },
        { portName: 'admin', clientAliases: [{ dnsName: 'web', port: 81 }] },
      ],
    });
    expect(services).toHaveLength(1);
    expect(services[0]).toMatchObject({
      spec: {
        ports: [
          { port: 80, targetPort: 'http' },
          { port: 81, targetPort: 'admin' },
        ],
      },
    });
  });

  it('that leads elsewhere than an earlier one of the same name and port is left out and said', () => {
    const { services, ledger } = connect({
      services: [
        { portName: 'http', clientAliases: [{ dnsName: 'web', port: 80 }] },
        { portName: 'admin', clientAliases: [{ dnsName: 'web', port: 80 }] },
      ],
    });
    expect(services[0]).toMatchObject({ spec: { ports: [{ port: 80, targetPort: 'http' }] } });
    expect(fieldOf(ledger, 'services[1].clientAliases[0].dnsName')).toMatchObject({
      fidelity: 'none',
      lost: 'Service web already leads elsewhere with its port 80',
    });
  });

  it('shares the Service of the load balancer when it has the workload’s name', () => {
    const loadBalancers = [
      { targetGroupArn: 'arn:aws:elasticloadbalancing:x', containerName: 'app', containerPort: 8080 },
    ];
    const { services, context } = connect(aliased({ dnsName: 'web', port: 80 }), { loadBalancers });
    expect(services).toHaveLength(1);
    expect(services[0]).toMatchObject({
      spec: {
        ports: [
          { name: 'http', port: 80 },
          { name: 'tcp-8080', port: 8080 },
        ],
      },
    });
    expect(context.findings.prerequisites.map(({ id }) => id)).toContain('aws-load-balancer-controller');
  });

  it('keeps its port from a load balancer that would use it for another container port', () => {
    const loadBalancers = [
      { targetGroupArn: 'arn:aws:elasticloadbalancing:x', containerName: 'app', containerPort: 9090 },
    ];
    const { services } = connect(aliased({ dnsName: 'web', port: 9090 }), { loadBalancers });
    expect(services[0]).toMatchObject({
      metadata: { name: 'web' },
      spec: { ports: [{ port: 9090, targetPort: 'http' }] },
    });
    expect(services[1]).toMatchObject({
      metadata: { name: expect.stringMatching(/^web-lb-/) },
      spec: { ports: [{ port: 9090, targetPort: 'admin' }] },
    });
  });
});

describe('a Service Connect service', () => {
  it('without aliases is called by its discovery name', () => {
    const { services, ledger } = connect({
      namespace: 'shop',
      services: [{ portName: 'http', discoveryName: 'storefront' }],
    });
    expect(services[0]).toMatchObject({ metadata: { name: 'storefront' }, spec: { ports: [{ port: 8080 }] } });
    expect(fieldOf(ledger, 'services[0].discoveryName').fidelity).toBe('same');
  });

  it('of a port that no container names has no Service', () => {
    const { services, ledger } = connect({
      services: [{ portName: 'other', clientAliases: [{ dnsName: 'web', port: 80 }] }],
    });
    expect(services).toEqual([]);
    expect(fieldOf(ledger, 'services[0].portName').fidelity).toBe('none');
    expect(fieldOf(ledger, 'services[0].clientAliases[0].port').fidelity).toBe('none');
  });

  it('needs a mesh for what its proxy did', () => {
    const rules = { header: { name: 'x-test', value: { exact: '1' } } };
    const { context, ledger } = connect({
      services: [
        {
          portName: 'http',
          clientAliases: [{ dnsName: 'web', port: 80, testTrafficRules: rules }],
          timeout: { perRequestTimeoutSeconds: 30 },
          tls: { issuerCertificateAuthority: { awsPcaAuthorityArn: 'arn' }, roleArn: 'role' },
          ingressPortOverride: 9000,
        },
      ],
      accessLogConfiguration: { format: 'JSON' },
    });
    expect(context.findings.prerequisites.filter(({ id }) => id === 'service-mesh')).toHaveLength(4);
    expect(fieldOf(ledger, 'services[0].timeout.perRequestTimeoutSeconds').fidelity).toBe('needs-addon');
    expect(fieldOf(ledger, 'services[0].tls.roleArn').fidelity).toBe('none');
    expect(fieldOf(ledger, 'services[0].ingressPortOverride').fidelity).toBe('none');
  });

  it('never shows the options of the proxy’s logs, which may be secret', () => {
    const { ledger } = connect({ logConfiguration: { logDriver: 'splunk', options: { 'splunk-token': 'hush' } } });
    expect(JSON.stringify(ledger.entries().map(({ lost, todo }) => [lost, todo]))).not.toContain('hush');
  });

  it('that is switched off leaves nothing behind', () => {
    const { services, ledger } = connect({ enabled: false, ...aliased({ dnsName: 'web', port: 80 }) });
    expect(services).toEqual([]);
    expect(fieldOf(ledger, 'services[0].clientAliases[0].port').fidelity).toBe('same');
  });
});
