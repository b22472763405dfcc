import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { CreateTargetGroupCommandInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Service, TaskDefinition } from '../../../charts/ecs/model/ahead-of-sdk.js';
import { parseJson } from '../../../charts/ecs/source/parse-json.js';
import { SourceFile } from '../../../charts/ecs/source/position.js';
import { treeOf } from '../../../charts/ecs/tree.js';
import { applyDeployment } from '../../../charts/port/deployment.js';
import type { Manifest } from '../../../charts/port/manifest.js';
import { applyNetwork } from '../../../charts/port/network.js';
import { createManifestValidator } from '../../../charts/validation/validate.js';
import { type Entry, Ledger } from '../../../charts/report/ledger.js';
import { anyStructure, everyField, jsonOf } from './any-structure.js';
import { draftOf, testContext, workloadOf } from './context.js';

/** What other concerns translate. */
const OTHERS = /^(launchType|capacityProviderStrategy|placementConstraints|placementStrategy|volumeConfigurations)\b/;
const TASK =
  /^(networkMode|proxyConfiguration|containerDefinitions\[\d+\]\.(portMappings|links|hostname|disableNetworking|extraHosts|dnsServers|dnsSearchDomains))\b/;

interface Ported {
  readonly entries: readonly Entry[];
  readonly manifests: readonly Manifest[];
}

function port(service: string, task: string, autoscaled: boolean, group?: string): Ported {
  const ledger = new Ledger();
  const read = <T>(name: string, text: string, structure: string) => {
    const document = parseJson(new SourceFile(name, text));
    ledger.addDocument(name, document);
    return treeOf<T>(ledger, document, structure).field;
  };
  const definition = read<TaskDefinition>('task.json', task, 'ecs.RegisterTaskDefinitionRequest');
  const targetGroups =
    group === undefined
      ? []
      : [
          {
            document: 'group.json',
            ids: ['TargetGroup'],
            definition: read<CreateTargetGroupCommandInput>(
              'group.json',
              group,
              'elastic-load-balancing-v2.CreateTargetGroupInput',
            ),
            attributes: new Map(),
            diagnostics: [],
          },
        ];
  const workload = workloadOf(definition, {
    targetGroups,
    service: {
      document: 'service.json',
      ids: [],
      name: 'web',
      definition: read<Service>('service.json', service, 'ecs.CreateServiceRequest'),
      diagnostics: [],
    },
  });
  const context = testContext({ workload });
  const pod = draftOf(definition);
  const network = applyNetwork(definition, pod, context);
  const { kind, spec, annotations } = applyDeployment(pod, context, network, { autoscaled });
  const metadata = { name: context.name, namespace: context.namespace, annotations };
  const template = {
    metadata: { labels: { ...context.selector }, annotations: Object.fromEntries(pod.annotations) },
    spec: {
      ...pod.spec,
      containers:
        pod.containers.length === 0
          ? [{ name: 'app', image: 'app' }]
          : pod.containers.map((each) => ({ ...each.spec, image: 'app' })),
    },
  };
  const selector = { matchLabels: { ...context.selector } };
  return {
    entries: ledger.entries(),
    manifests: [...context.manifests, { apiVersion: 'apps/v1', kind, metadata, spec: { ...spec, selector, template } }],
  };
}

function untouched(entries: readonly Entry[]): readonly string[] {
  const own = ({ document, path }: Entry): boolean =>
    document === 'service.json' ? !OTHERS.test(path) : TASK.test(path);
  return entries
    .filter((entry) => entry.untouched === true && own(entry))
    .map(({ document, path }) => `${document} ${path}`);
}

const validator = createManifestValidator('1.35');

const name = fc.constantFrom('http', 'grpc', 'My_Port', 'a-very-long-port-name-indeed', '8080');
const number = fc.oneof({ arbitrary: fc.constantFrom(80, 8080, 53), weight: 4 }, fc.integer({ min: -1, max: 70000 }));
const SERVICE = anyStructure(
  'ecs.CreateServiceRequest',
  new Map<string, fc.Arbitrary<unknown>>([
    ['portName', name],
    ['containerName', fc.constantFrom('app', 'side')],
    ['containerPort', number],
    ['port', number],
    [
      'targetGroupArn',
      fc.constantFrom('arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1', 'TargetGroup'),
    ],
    ['dnsName', fc.constantFrom('web', 'api', 'api.shop', 'db.prod.local', '9lives', 'under_score')],
  ]),
);
const MAPPINGS = new Map<string, fc.Arbitrary<unknown>>([
  ['name', name],
  ['containerPort', number],
  ['hostPort', number],
  ['containerPortRange', fc.constantFrom('8000-8010', '1-65535', '9-1', 'x')],
  ['ipAddress', fc.constantFrom('10.0.0.1', '10.0.0.2', 'fe80::1', 'host-gateway', 'x')],
]);
const CONTAINER = anyStructure('ecs.ContainerDefinition', MAPPINGS, [
  'portMappings',
  'links',
  'hostname',
  'disableNetworking',
  'extraHosts',
  'dnsServers',
  'dnsSearchDomains',
  'healthCheck',
  'essential',
]);
const TASK_DEFINITION = fc
  .tuple(
    anyStructure('ecs.RegisterTaskDefinitionRequest', undefined, ['networkMode', 'proxyConfiguration']),
    CONTAINER,
    CONTAINER,
  )
  .map(([task, app, side]) => ({
    ...task,
    containerDefinitions: [
      { ...app, name: 'app' },
      { ...side, name: 'side' },
    ],
  }));

describe('the fields of network and deployment', () => {
  it('are accounted for, every one of the service that the API has', () => {
    const { entries } = port(
      jsonOf(everyField('ecs.CreateServiceRequest')),
      jsonOf(everyField('ecs.RegisterTaskDefinitionRequest')),
      false,
    );
    expect(untouched(entries)).toEqual([]);
    expect(entries.filter((entry) => entry.document === 'service.json').length).toBeGreaterThan(120);
  });

  it('are accounted for whatever the input holds, and the manifests are what the API server takes', () => {
    fc.assert(
      fc.property(SERVICE, TASK_DEFINITION, fc.boolean(), (service, task, autoscaled) => {
        const { entries, manifests } = port(jsonOf(service), jsonOf(task), autoscaled);
        expect(untouched(entries)).toEqual([]);
        expect(manifests.flatMap((manifest) => validator.validate(manifest))).toEqual([]);
        const keys = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 100 },
    );
  });

  it('are accounted for in any target group that a load balancer of the service names', () => {
    const group = anyStructure('elastic-load-balancing-v2.CreateTargetGroupInput');
    const service = JSON.stringify({
      loadBalancers: [{ targetGroupArn: 'TargetGroup', containerName: 'app', containerPort: 80 }],
    });
    fc.assert(
      fc.property(group, TASK_DEFINITION, (content, task) => {
        const { entries, manifests } = port(service, jsonOf(task), false, jsonOf(content));
        expect(untouched(entries)).toEqual([]);
        expect(manifests.flatMap((manifest) => validator.validate(manifest))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
