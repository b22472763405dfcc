import { parseArn } from '../arn.js';
import type { EcsInput, InputDocument, Reader } from '../input.js';
import type { Service } from '../model/ahead-of-sdk.js';
import { memberOfAnyCase, type SourceMember, type SourceNode, stringOf } from '../source/source-node.js';
import { treeOf } from '../tree.js';

/** What a revision holds in `CreateService`'s words; the rest of it is facts about the past. */
const SERVICE_FIELDS = new Set([
  'taskdefinition',
  'launchtype',
  'capacityproviderstrategy',
  'platformversion',
  'loadbalancers',
  'serviceregistries',
  'networkconfiguration',
  'serviceconnectconfiguration',
  'volumeconfigurations',
  'vpclatticeconfigurations',
  'gatewayconnectors',
  'monitoring',
]);

/**
 * `describe-service-revisions`: what a deployment of a service runs, with the image digests it resolved, and with the
 * gateway connectors and monitoring that `describe-services` leaves out. It completes the service of the same ARN.
 */
export const serviceRevisionReader: Reader = {
  form: 'service revision',
  recognizes: ({ root }) => revisionsIn(root).length > 0,
  read(document, input) {
    for (const node of revisionsIn(document.root)) readOne(document, node, input);
  },
};

function revisionsIn(root: SourceNode): readonly SourceNode[] {
  const list = memberOfAnyCase(root, 'serviceRevisions') ?? root;
  const isRevision = (node: SourceNode): boolean => memberOfAnyCase(node, 'serviceRevisionArn') !== undefined;
  if (list.kind === 'array') return list.items.filter(isRevision);
  return isRevision(list) ? [list] : [];
}

function readOne(document: InputDocument, node: SourceNode, input: EcsInput): void {
  if (node.kind !== 'object') return;
  const own: SourceMember[] = [];
  for (const member of node.members) {
    if (SERVICE_FIELDS.has(member.key.toLowerCase())) own.push(member);
    else
      input.ledger.mark(member.value, {
        fidelity: 'same',
        kubernetes: [],
        lost: 'read-only: says what ECS did, not what to run',
      });
  }
  const images = memberOfAnyCase(node, 'containerImages');
  const digests = new Map<string, string>();
  for (const image of images?.kind === 'array' ? images.items : []) {
    const digest = memberOfAnyCase(image, 'imageDigest');
    const container = stringOf(memberOfAnyCase(image, 'containerName'));
    if (digest === undefined || container === undefined) continue;
    digests.set(container, stringOf(digest) ?? '');
    input.ledger.mark(digest, {
      fidelity: 'same',
      kubernetes: ['Container.image'],
      lost: 'the image is pinned to this digest',
    });
  }
  const { field, diagnostics } = treeOf<Service>(input.ledger, { ...node, members: own }, 'ecs.CreateServiceRequest');
  const arn = stringOf(memberOfAnyCase(node, 'serviceArn')) ?? document.path;
  const parts = parseArn(arn)?.resource.split('/') ?? [];
  const cluster = parts.length === 3 ? parts[1] : undefined;
  const taskDefinition = field.get('taskDefinition').value;
  input.services.push({
    document: document.path,
    ids: [arn],
    name: parts.at(-1) ?? arn,
    ...(cluster === undefined ? {} : { cluster }),
    ...(taskDefinition === undefined ? {} : { taskDefinition }),
    definition: field,
    imageDigests: digests,
    revision: true,
    diagnostics,
  });
}
