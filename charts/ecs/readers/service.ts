import { parseArn, shortName } from '../arn.js';
import type { EcsInput, InputDocument, Reader } from '../input.js';
import type { Service } from '../model/ahead-of-sdk.js';
import { memberOfAnyCase, type SourceMember, type SourceNode, stringOf } from '../source/source-node.js';
import { treeOf } from '../tree.js';
import { nameOfFile } from './task-definition.js';

/** Keys of which a document has at least one when it is a service and not another ECS input. */
const TELLING = [
  'serviceName',
  'desiredCount',
  'schedulingStrategy',
  'deploymentConfiguration',
  'serviceArn',
  'deploymentController',
  'loadBalancers',
];

/**
 * Services: the input of `create-service` and `update-service`, and the output of `describe-services`, `create-service`
 * and `update-service`. A described service keeps some of its settings only in its primary deployment: they are lifted
 * from there.
 */
export const serviceReader: Reader = {
  form: 'service',
  recognizes: ({ root }) => servicesIn(root).length > 0,
  read(document, input) {
    markWrapper(document, input);
    for (const node of servicesIn(document.root)) readOne(document, node, input);
  },
};

function servicesIn(root: SourceNode): readonly SourceNode[] {
  const wrapped = memberOfAnyCase(root, 'services') ?? memberOfAnyCase(root, 'service');
  if (wrapped?.kind === 'array') return wrapped.items.filter(isService);
  if (wrapped !== undefined && isService(wrapped)) return [wrapped];
  if (root.kind === 'array') return root.items.filter(isService);
  return isService(root) ? [root] : [];
}

function isService(node: SourceNode): boolean {
  if (node.kind !== 'object' || memberOfAnyCase(node, 'containerDefinitions') !== undefined) return false;
  if (memberOfAnyCase(node, 'Resources') !== undefined || memberOfAnyCase(node, 'serviceRevisionArn') !== undefined)
    return false;
  return TELLING.some((key) => memberOfAnyCase(node, key) !== undefined);
}

/** `failures` and the like stand beside `services`; they say what could not be described. */
function markWrapper({ root }: InputDocument, input: EcsInput): void {
  if (root.kind !== 'object') return;
  for (const member of root.members) {
    if (/^(failures|responsemetadata|nexttoken)$/i.test(member.key)) {
      input.ledger.mark(member.value, {
        fidelity: 'same',
        kubernetes: [],
        lost: 'read-only: says what the call could not answer',
      });
    }
  }
}

function readOne(document: InputDocument, node: SourceNode, input: EcsInput): void {
  const lifted = liftFromDeployment(node, input);
  const { field, diagnostics } = treeOf<Service>(input.ledger, lifted, 'ecs.CreateServiceRequest', {
    describedBy: 'ecs.Service',
  });
  const arn = stringOf(memberOfAnyCase(node, 'serviceArn'));
  const clusterArn = stringOf(memberOfAnyCase(node, 'clusterArn'));
  const cluster = field.get('cluster').value ?? clusterArn ?? clusterOfArn(arn);
  const given = field.get('serviceName').value ?? stringOf(memberOfAnyCase(node, 'service'));
  const name = given ?? (arn === undefined ? nameOfFile(document.path) : shortName(arn));
  const taskDefinition = field.get('taskDefinition').value;
  input.services.push({
    document: document.path,
    ids: [...(arn === undefined ? [] : [arn]), name],
    name: shortName(name),
    ...(cluster === undefined ? {} : { cluster: shortName(cluster) }),
    ...(taskDefinition === undefined ? {} : { taskDefinition }),
    definition: field,
    diagnostics,
  });
}

function clusterOfArn(arn: string | undefined): string | undefined {
  const parts = arn === undefined ? undefined : parseArn(arn)?.resource.split('/');
  return parts?.length === 3 ? parts[1] : undefined;
}

/** What `describe-services` answers only under `deployments[]`. Source: ECS API `Deployment`. */
const LIFTED = [
  'serviceConnectConfiguration',
  'volumeConfigurations',
  'vpcLatticeConfigurations',
  'launchType',
  'capacityProviderStrategy',
  'platformVersion',
  'networkConfiguration',
  'loadBalancers',
  'taskDefinition',
];

function liftFromDeployment(service: SourceNode, input: EcsInput): SourceNode {
  // A service of an external deployment controller has task sets, and an empty list of deployments beside them.
  const deployments = ['deployments', 'taskSets']
    .map((key) => memberOfAnyCase(service, key))
    .find((list) => list?.kind === 'array' && list.items.length > 0);
  if (service.kind !== 'object' || deployments?.kind !== 'array') return service;
  const primary =
    deployments.items.find((item) => stringOf(memberOfAnyCase(item, 'status')) === 'PRIMARY') ?? deployments.items[0];
  if (primary?.kind !== 'object') return service;
  const lifted: SourceMember[] = [];
  for (const key of LIFTED) {
    const value = memberOfAnyCase(primary, key);
    const own = memberOfAnyCase(service, key);
    const hasOwn = own !== undefined && !(own.kind === 'array' && own.items.length === 0);
    if (value !== undefined && !hasOwn) lifted.push({ key, keyOffset: value.offset, value });
  }
  if (lifted.length === 0) return service;
  // The deployment's own facts are read-only; the lifted parts are marked by the translations and so keep their own marks.
  input.ledger.mark(deployments, {
    fidelity: 'same',
    kubernetes: [],
    lost: 'read-only: says what ECS did, not what to run',
  });
  const taken = new Set(lifted.map((member) => member.key.toLowerCase()));
  const members = service.members.filter((member) => !taken.has(member.key.toLowerCase()));
  return { ...service, members: [...members, ...lifted] };
}
