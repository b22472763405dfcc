import type { SourceNode } from '../../source/source-node.js';
import { asText, at, booleanOf, implied, itemsOf, list, made, membersOf, object, textOf } from '../derived/nodes.js';
import type { Manifest } from './manifest.js';
import { listenersOf, parsePort, type Ports, type Target } from './ports.js';

/** A target group that a rule or listener of the manifest forwards to. */
export interface DerivedTargetGroup {
  /** `targetGroupArn` as the service names it. */
  readonly arn: SourceNode;
  /** In `CreateTargetGroup` form, without a name: CloudFormation makes one up. */
  readonly definition: SourceNode;
  readonly attributes: ReadonlyMap<string, SourceNode>;
}

/** What `http` and `nlb` add to the service. */
export interface LoadBalancing {
  readonly loadBalancers?: SourceNode | undefined;
  readonly gracePeriod?: SourceNode | undefined;
  /** What the load balancers forward to. */
  readonly targets: readonly Target[];
  readonly targetGroups: readonly DerivedTargetGroup[];
}

/** Seconds that Copilot lets a target drain, and that it ignores failing health checks after a start. */
const DEREGISTRATION_DELAY = 60;
const GRACE_PERIOD = 60;

/** Elastic Load Balancing's names of the protocol versions. */
const VERSIONS: ReadonlyMap<string, string> = new Map([
  ['grpc', 'GRPC'],
  ['http1', 'HTTP1'],
  ['http2', 'HTTP2'],
]);

/**
 * Reads `http` and `nlb`: a target group for each rule and listener, which the service registers its tasks in. The rules
 * themselves (path, host names, redirects) belong to the load balancer and are marked as staying there.
 */
export function loadBalancingOf(manifest: Manifest, ports: Ports): LoadBalancing {
  const http = manifest.get('http');
  const nlb = manifest.get('nlb');
  const entries: SourceNode[] = [];
  const targetGroups: DerivedTargetGroup[] = [];
  const targets: Target[] = [];
  const add = (
    section: SourceNode,
    target: Target | undefined,
    suffix: string,
    group: (target: Target) => Pick<DerivedTargetGroup, 'definition' | 'attributes'>,
  ): void => {
    if (target === undefined) {
      manifest.say(
        'warning',
        'missing-port',
        section,
        'the load balancer has no port to forward to: the target container declares none',
      );
      manifest.coverage.none(
        at(section, 'target_container') ?? at(section, 'targetContainer'),
        'the container declares no port to forward to',
      );
      return;
    }
    const name = `targetGroup.${manifest.name}${suffix}`;
    const arn = manifest.parameter(name, `\${target group of ${manifest.name}${suffix}}`, section);
    entries.push(loadBalancerEntry(section, target, arn));
    targets.push(target);
    targetGroups.push({ arn, ...group(target) });
  };
  if (http?.kind === 'scalar') {
    manifest.coverage.same(
      http,
      [],
      booleanOf(http) === false ? 'no Application Load Balancer' : 'no rule is given with it',
    );
  }
  if (http !== undefined && membersOf(http).length > 0) {
    for (const [index, rule] of [http, ...itemsOf(at(http, 'additional_rules'))].entries()) {
      markRule(manifest, rule);
      add(rule, ports.targetOf(rule), index === 0 ? '' : `.${index}`, (target) =>
        albTargetGroup(manifest, rule, target),
      );
    }
  }
  for (const [index, listener] of listenersOf(manifest).entries()) {
    markListener(manifest, listener);
    add(listener, ports.targetOfListener(listener), index === 0 ? '.nlb' : `.nlb${index}`, (target) =>
      nlbTargetGroup(manifest, listener, target),
    );
  }
  const grace =
    manifest.seconds(at(http, 'healthcheck', 'grace_period')) ??
    manifest.seconds(at(nlb, 'healthcheck', 'grace_period'));
  return {
    loadBalancers: list(http ?? nlb ?? manifest.root, entries),
    gracePeriod: entries.length === 0 ? undefined : (grace ?? implied(GRACE_PERIOD, http ?? nlb ?? manifest.root)),
    targets,
    targetGroups,
  };
}

function loadBalancerEntry(section: SourceNode, target: Target, arn: SourceNode): SourceNode {
  const container = asText(at(section, 'target_container') ?? at(section, 'targetContainer'));
  return object(section, [
    ['targetGroupArn', arn],
    ['containerName', container ?? implied(target.container, section)],
    [
      'containerPort',
      target.portNode === undefined ? implied(target.port, section) : made(target.port, target.portNode),
    ],
  ]);
}

function albTargetGroup(
  manifest: Manifest,
  rule: SourceNode,
  target: Target,
): Pick<DerivedTargetGroup, 'definition' | 'attributes'> {
  const check = at(rule, 'healthcheck');
  const path = check?.kind === 'scalar' ? check : at(check, 'path');
  const version = at(rule, 'version');
  const codes = at(check, 'success_codes');
  const checksPort = parsePort(at(check, 'port'))?.port ?? target.port;
  return {
    definition: object(rule, [
      ['TargetType', implied('ip', rule)],
      ['Protocol', implied(target.port === 443 ? 'HTTPS' : 'HTTP', rule)],
      [
        'ProtocolVersion',
        version === undefined
          ? undefined
          : made(VERSIONS.get(textOf(version)?.toLowerCase() ?? '') ?? textOf(version) ?? '', version),
      ],
      ['Port', implied(target.port, rule)],
      ['HealthCheckProtocol', checksPort === 443 ? implied('HTTPS', rule) : undefined],
      ['HealthCheckPath', path === undefined ? implied('/', rule) : rooted(path)],
      ['HealthCheckPort', asText(at(check, 'port'))],
      ['Matcher', codes === undefined ? undefined : object(codes, [['HttpCode', asText(codes)]])],
      ...thresholds(manifest, check),
    ]),
    attributes: attributesOf(manifest, rule),
  };
}

function nlbTargetGroup(
  manifest: Manifest,
  listener: SourceNode,
  target: Target,
): Pick<DerivedTargetGroup, 'definition' | 'attributes'> {
  const check = at(listener, 'healthcheck');
  const protocol = parsePort(at(listener, 'port'))?.protocol === 'udp' ? 'UDP' : 'TCP';
  return {
    definition: object(listener, [
      ['TargetType', implied('ip', listener)],
      ['Protocol', implied(protocol, listener)],
      ['Port', implied(target.port, listener)],
      ['HealthCheckPort', asText(at(check, 'port'))],
      ...thresholds(manifest, check),
    ]),
    attributes: attributesOf(manifest, listener),
  };
}

function thresholds(
  manifest: Manifest,
  check: SourceNode | undefined,
): readonly (readonly [string, SourceNode | undefined])[] {
  return [
    ['HealthyThresholdCount', at(check, 'healthy_threshold')],
    ['UnhealthyThresholdCount', at(check, 'unhealthy_threshold')],
    ['HealthCheckIntervalSeconds', manifest.seconds(at(check, 'interval'))],
    ['HealthCheckTimeoutSeconds', manifest.seconds(at(check, 'timeout'))],
  ];
}

function attributesOf(manifest: Manifest, section: SourceNode): ReadonlyMap<string, SourceNode> {
  const delay = asText(manifest.seconds(at(section, 'deregistration_delay')));
  const attributes = new Map([
    ['deregistration_delay.timeout_seconds', delay ?? implied(String(DEREGISTRATION_DELAY), section)],
  ]);
  const stickiness = asText(at(section, 'stickiness'));
  if (stickiness !== undefined) attributes.set('stickiness.enabled', stickiness);
  return attributes;
}

/** A path with its leading slash. */
function rooted(path: SourceNode): SourceNode | undefined {
  const text = textOf(path);
  if (text === undefined) return undefined;
  return text.startsWith('/') ? path : made(`/${text}`, path);
}

function markRule(manifest: Manifest, rule: SourceNode): void {
  const { coverage } = manifest;
  const stays = 'the rule stays on the load balancer, not in the manifests';
  coverage.none(
    at(rule, 'path'),
    stays,
    'keep the listener rule that forwards to this target group, or write an Ingress with this path',
  );
  coverage.none(
    at(rule, 'alb'),
    'names a load balancer that exists outside the manifests',
    'keep its listener rules, or write an Ingress for it',
  );
  coverage.none(
    at(rule, 'alias'),
    'Copilot makes this DNS record and the host condition of the rule',
    'keep the record and the rule, or let external-dns and an Ingress make them',
  );
  coverage.none(
    at(rule, 'hosted_zone'),
    'Copilot writes its DNS record into this zone',
    'keep the record, or point external-dns at the zone',
  );
  coverage.none(
    at(rule, 'allowed_source_ips'),
    stays,
    'keep the condition of the listener rule, or restrict the source of an Ingress',
  );
  coverage.none(
    at(rule, 'redirect_to_https'),
    stays,
    'keep the redirect of the HTTP listener, or ask an Ingress for it',
  );
  coverage.none(at(rule, 'healthcheck', 'grace_period'), 'the service has one grace period, that of the main rule');
}

function markListener(manifest: Manifest, listener: SourceNode): void {
  const { coverage } = manifest;
  const keep = 'keep the listener that forwards to this target group, or write a Service of type LoadBalancer';
  coverage.none(at(listener, 'port'), 'the listener stays on the load balancer, not in the manifests', keep);
  coverage.none(at(listener, 'ssl_policy'), 'TLS ends at the listener, which stays on the load balancer', keep);
  coverage.none(at(listener, 'alias'), 'Copilot makes this DNS record', 'keep the record, or let external-dns make it');
  coverage.none(
    at(listener, 'healthcheck', 'grace_period'),
    'the service has one grace period, that of http or of the main listener',
  );
}
