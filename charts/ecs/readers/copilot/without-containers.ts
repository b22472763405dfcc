import type { EcsInput, InputDocument } from '../../input.js';
import { positionOf, type SourceNode } from '../../source/source-node.js';
import { Coverage } from '../derived/coverage.js';
import { at, booleanOf, membersOf, textOf } from '../derived/nodes.js';
import { VOCABULARY } from './vocabulary.js';

/** A part of a manifest that stands for resources outside the cluster. */
interface Outside {
  readonly path: readonly string[];
  readonly lost: string;
  readonly todo: string;
}

/** Manifests that describe no container, and what becomes of their parts; the empty path stands for all that is left. */
const STATIC_SITE: readonly Outside[] = [
  {
    path: [],
    lost: 'a static site is files in S3 behind CloudFront; no container runs',
    todo: 'leave it where it is, or serve the files from an image of a web server',
  },
];

const ENVIRONMENT: readonly Outside[] = [
  {
    path: ['network', 'vpc'],
    lost: 'the VPC belongs to the account; an EKS cluster is made in one and does not make it',
    todo: 'make the EKS cluster in this VPC, with these subnets and rules',
  },
  {
    path: ['http'],
    lost: 'the load balancer of the environment belongs to the account',
    todo: 'keep it, or give its certificates, logs and sources to an Ingress of the AWS Load Balancer Controller',
  },
  {
    path: ['cdn'],
    lost: 'CloudFront stands outside the cluster',
    todo: 'point the distribution at the new load balancer',
  },
];

const PIPELINE: readonly Outside[] = [
  {
    path: [],
    lost: 'a pipeline builds and deploys; it is not part of what runs',
    todo: 'let it build and push the images, run tranship port, and apply the manifests',
  },
];

/** Accounts for a Static Site: every field stays outside the cluster. */
export function readStaticSite(document: InputDocument, input: EcsInput): void {
  account(document, input, STATIC_SITE, 'a Static Site has no containers: nothing is rendered for it');
}

/** Accounts for an environment: network and load balancer stay, Container Insights needs its add-on. */
export function readEnvironment(document: InputDocument, input: EcsInput): void {
  const insights = at(document.root, 'observability', 'container_insights');
  const coverage = new Coverage(input.ledger);
  if (booleanOf(insights) === true) {
    coverage.needsAddon(
      insights,
      [],
      'Container Insights of EKS has other metric names and dimensions',
      'install the Amazon CloudWatch Observability add-on',
    );
  } else coverage.same(insights, [], 'Container Insights is off, as it is on a new EKS cluster');
  account(document, input, ENVIRONMENT, undefined, coverage);
}

/** Accounts for a pipeline manifest. */
export function readPipeline(document: InputDocument, input: EcsInput): void {
  account(document, input, PIPELINE, 'a pipeline has no containers: nothing is rendered for it');
}

function account(
  document: InputDocument,
  input: EcsInput,
  parts: readonly Outside[],
  note: string | undefined,
  coverage = new Coverage(input.ledger),
): void {
  const { root } = document;
  for (const key of ['name', 'type']) coverage.same(at(root, key), [], 'says what the manifest describes');
  for (const { path, lost, todo } of parts) {
    const sections: readonly (SourceNode | undefined)[] =
      path.length > 0
        ? [at(root, ...path)]
        : membersOf(root).flatMap(({ key, value }) => (key === 'name' || key === 'type' ? [] : [value]));
    for (const section of sections) coverage.none(section, lost, todo);
  }
  if (note !== undefined) {
    input.diagnostics.push({
      severity: 'note',
      code: 'no-containers',
      message: note,
      position: positionOf(at(root, 'type') ?? root),
    });
  }
  input.diagnostics.push(
    ...coverage.refuseRest(root, `a manifest of type ${textOf(at(root, 'type')) ?? 'pipeline'}`, VOCABULARY),
  );
}
