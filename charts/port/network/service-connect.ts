import type { Field } from '../../ecs/field.js';
import type { Service } from '../../ecs/model/ahead-of-sdk.js';
import { serviceLabel } from '../names.js';
import { defaulted, unread } from '../not-known.js';
import type { PortContext } from '../pod-draft.js';
import type { PodPort } from './ports.js';
import type { ServiceDrafts } from './services.js';

type Configuration = NonNullable<Service['serviceConnectConfiguration']>;
type ConnectService = NonNullable<Configuration['services']>[number];
type ClientAlias = NonNullable<ConnectService['clientAliases']>[number];

const MESH_TODO = 'install a service mesh (Istio, Linkerd) or Gateway API routes and set it there';
const PROXY_LOST = 'there is no proxy in the pod that could do it';

/**
 * Turns Service Connect into Services: every client alias of one label becomes a Service of exactly that name, so that
 * clients in the namespace keep calling what they call. What the proxy does beside naming (retries, timeouts, TLS, access
 * logs, test traffic) needs a mesh.
 *
 * Source: ECS API `ServiceConnectConfiguration`.
 */
export function applyServiceConnect(
  configuration: Field<Configuration>,
  ports: readonly PodPort[],
  services: ServiceDrafts,
  context: PortContext,
): void {
  if (unread(configuration) || !configuration.exists) return;
  const enabled = configuration.get('enabled');
  if (enabled.value === false) {
    configuration.same([], 'Service Connect is off');
    return;
  }
  if (!defaulted(enabled, 'Service Connect is taken to be on')) {
    enabled.near(
      'Service',
      'a Service gives the name and balances connections; retries and outlier detection of the proxy are lost',
      'install a service mesh if the service relies on them',
    );
  }
  const namespace = configuration.get('namespace');
  if (namespace.value === context.namespace) namespace.same('metadata.namespace');
  else {
    namespace.near(
      'metadata.namespace',
      `the names hold in Kubernetes namespace ${context.namespace}`,
      `clients of other namespaces must call NAME.${context.namespace}`,
    );
  }
  const list = configuration.get('services');
  unread(list);
  const domain = lastPart(namespace.value);
  for (const service of list.items())
    if (!unread(service)) new ConnectTranslation(service, domain, ports, services, context).apply();
  markProxy(configuration, context);
}

class ConnectTranslation {
  constructor(
    private readonly service: Field<ConnectService>,
    /** The Cloud Map namespace's name, where the input says. */
    private readonly domain: string | undefined,
    private readonly ports: readonly PodPort[],
    private readonly services: ServiceDrafts,
    private readonly context: PortContext,
  ) {}

  apply(): void {
    const portName = this.service.get('portName');
    const port = this.ports.find((other) => other.ecsName !== undefined && other.ecsName === portName.value);
    if (port === undefined)
      portName.none(
        `no container has a port mapping of the name ${JSON.stringify(portName.value)}, so there is no Service`,
      );
    else portName.same('ServicePort.targetPort');
    this.markDiscoveryName(port);
    const aliases = this.service.get('clientAliases');
    unread(aliases);
    for (const alias of aliases.items()) if (!unread(alias)) this.alias(alias, port);
    this.service
      .get('ingressPortOverride')
      .none('there is no proxy to listen on it', 'mind it in security group rules only');
    this.markTraffic();
  }

  /** Name by which Cloud Map knows the service; without a client alias it is how clients call it too. */
  private get discoveryName(): string {
    return this.service.get('discoveryName').value ?? this.service.get('portName').value ?? '';
  }

  private markDiscoveryName(port: PodPort | undefined): void {
    const field = this.service.get('discoveryName');
    if (port === undefined) {
      field.none('the port it stands for is not known');
      return;
    }
    if (this.service.get('clientAliases').items().length > 0) {
      field.near('Service.metadata.name', 'clients use the alias; nothing is entered in AWS Cloud Map');
      return;
    }
    const name = serviceLabel(this.discoveryName);
    if (!this.services.open(name, port.containerPort, port)) field.none(this.taken(name, port.containerPort));
    else if (this.domain === this.context.namespace && name === this.discoveryName) field.same('Service.metadata.name');
    else
      field.near(
        'Service.metadata.name',
        `clients call it ${name}:${port.containerPort} instead of ${this.discoveryName}.${this.domain ?? 'NAMESPACE'}`,
      );
  }

  private alias(alias: Field<ClientAlias>, port: PodPort | undefined): void {
    const number = alias.get('port');
    const dnsName = alias.get('dnsName');
    this.markTestTraffic(alias);
    if (port === undefined || number.value === undefined || number.value < 1 || number.value > 65535) {
      const lost =
        port === undefined
          ? 'the port it leads to is not known'
          : 'without a port number from 1 to 65535 there is no Service';
      number.none(lost);
      dnsName.none(lost);
      return;
    }
    const written = dnsName.value ?? `${this.discoveryName}.${this.domain ?? 'NAMESPACE'}`;
    const { name, exact } = this.nameOf(written);
    if (!this.services.open(name, number.value, port)) {
      number.none(this.taken(name, number.value));
      dnsName.none(this.taken(name, number.value));
      return;
    }
    if (exact || dnsName.exists) number.same('ServicePort.port');
    else number.near('ServicePort.port', `without a dnsName, clients call ${written} on ECS; here they call ${name}`);
    if (exact) dnsName.same('Service.metadata.name', `for clients in namespace ${this.context.namespace}`);
    else {
      const full = `${name}.${this.context.namespace}.svc.cluster.local`;
      dnsName.needsAddon(
        'Service.metadata.name',
        `a Service cannot be called ${JSON.stringify(written)}; it is called ${name}`,
        `let clients call ${name}, or add to the CoreDNS configuration: rewrite name exact ${written} ${full}`,
      );
    }
  }

  /** `web` can be a Service's name; `web.NAMESPACE` is how a Service is called in full; other names need a rewrite. */
  private nameOf(written: string): { readonly name: string; readonly exact: boolean } {
    const [first = '', ...rest] = written.toLowerCase().split('.');
    const label = serviceLabel(first);
    if (rest.length === 0) return { name: label, exact: label === first };
    if (rest.join('.') === this.context.namespace && label === first) return { name: label, exact: true };
    return { name: serviceLabel(this.discoveryName), exact: false };
  }

  private taken(name: string, port: number): string {
    return `Service ${name} already leads elsewhere with its port ${port}`;
  }

  private markTestTraffic(alias: Field<ClientAlias>): void {
    const rules = alias.get('testTrafficRules');
    if (unread(rules) || !rules.exists) return;
    rules.needsAddon([], `${PROXY_LOST}: requests with the test header go where all others go`, MESH_TODO);
    this.context.findings.require('service-mesh', `${this.context.title}: test traffic by header`);
  }

  private markTraffic(): void {
    const timeout = this.service.get('timeout');
    if (!unread(timeout) && timeout.exists) {
      timeout.needsAddon([], `${PROXY_LOST}: the timeouts of Service Connect end with it`, MESH_TODO);
      this.context.findings.require('service-mesh', `${this.context.title}: request and idle timeouts`);
    }
    const tls = this.service.get('tls');
    if (unread(tls) || !tls.exists) return;
    tls.needsAddon(
      [],
      `${PROXY_LOST}: traffic between pods is not encrypted`,
      'install a service mesh with mTLS, or cert-manager with the AWS Private CA issuer',
    );
    tls.get('kmsKey').none('a mesh keeps its keys in its own way');
    tls
      .get('roleArn')
      .none(
        'a mesh asks for certificates with its own role',
        'allow the role of the certificate issuer acm-pca:IssueCertificate',
      );
    this.context.findings.require('service-mesh', `${this.context.title}: TLS between services`);
  }
}

function markProxy(configuration: Field<Configuration>, context: PortContext): void {
  configuration.get('logConfiguration').none('the proxy and its logs are gone');
  const access = configuration.get('accessLogConfiguration');
  access.needsAddon(
    [],
    `${PROXY_LOST}: requests are not logged`,
    'install a service mesh and switch on its access logs',
  );
  if (access.exists) context.findings.require('service-mesh', `${context.title}: access logs`);
  // Newer than the SDK's types.
  const newer = configuration as unknown as Field<{ containerConfigurations?: unknown }>;
  newer.get('containerConfigurations').none('the proxy and its log level are gone');
}

/** `arn:…:namespace/ns-abc` and `internal` both name a Cloud Map namespace; an ARN ends in its id, which is no domain. */
function lastPart(namespace: string | undefined): string | undefined {
  return namespace === undefined || namespace.startsWith('arn:') ? undefined : namespace;
}
