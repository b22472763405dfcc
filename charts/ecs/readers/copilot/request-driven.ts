import { at, list, membersOf, implied, keyNode, object, asText } from '../derived/nodes.js';
import type { SourceNode } from '../../source/source-node.js';
import type { Manifest } from './manifest.js';

/** Notes what App Runner does beside running the container, and marks its fields that ECS does not have. */
export function markAppRunner(manifest: Manifest): void {
  const { coverage } = manifest;
  manifest.say(
    'note',
    'app-runner',
    manifest.get('type') ?? manifest.root,
    'App Runner scales this service by concurrent requests and serves it by HTTPS under a name of its own; a Deployment of one replica is rendered',
    undefined,
    'bind it to a target group or an Ingress, and add a HorizontalPodAutoscaler',
  );
  coverage.none(
    manifest.get('count'),
    'names an autoscaling configuration of App Runner',
    'write a HorizontalPodAutoscaler with its bounds',
  );
  const http = manifest.get('http');
  coverage.none(at(http, 'alias'), 'App Runner serves this domain name', 'let an Ingress and a DNS record serve it');
  coverage.none(
    at(http, 'private'),
    'App Runner reaches the service through a VPC endpoint',
    'use an internal load balancer',
  );
}

/** Tags of an App Runner service as tags of an ECS service. */
export function tagsOf(manifest: Manifest): SourceNode | undefined {
  const tags = manifest.get('tags');
  if (tags === undefined) return undefined;
  return list(
    tags,
    membersOf(tags).map((member) =>
      object(member.value, [
        ['key', keyNode(member)],
        ['value', asText(member.value) ?? implied('', member.value)],
      ]),
    ),
  );
}
