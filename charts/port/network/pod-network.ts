import type { Field } from '../../ecs/field.js';
import type { TaskDefinition } from '../../ecs/model/ahead-of-sdk.js';
import { defaulted, unread } from '../not-known.js';
import type { PodDraft, PortContext } from '../pod-draft.js';

/**
 * The network that the containers share: network mode, host name, and the App Mesh proxy.
 *
 * Source: ECS API `networkMode`, `ContainerDefinition.hostname`, `disableNetworking`, `ProxyConfiguration`.
 */
export function applyPodNetwork(definition: Field<TaskDefinition>, pod: PodDraft, context: PortContext): void {
  applyNetworkMode(definition.get('networkMode'), pod, context);
  applyHostname(pod);
  for (const { definition: container } of pod.containers) {
    const disabled = container.get('disableNetworking');
    if (defaulted(disabled, 'the container has the network of its pod')) continue;
    if (disabled.value === true)
      disabled.none(
        'the containers of a pod share one network',
        'run the container in a pod of its own, behind a NetworkPolicy that denies all',
      );
    else disabled.same([], 'off, as in Kubernetes');
  }
  const proxy = definition.get('proxyConfiguration');
  if (unread(proxy)) return;
  proxy.none(
    'AWS App Mesh ends on 2026-09-30, and nothing redirects traffic to its proxy in a pod',
    'move to a service mesh such as Istio or Linkerd, or to VPC Lattice, and remove the proxy container',
  );
}

function applyNetworkMode(mode: Field<string>, pod: PodDraft, context: PortContext): void {
  if (defaulted(mode, 'pods have the pod network')) return;
  switch (mode.value) {
    case 'awsvpc':
      mode.same('PodSpec', 'the VPC CNI gives every pod an address of the VPC');
      return;
    case 'host':
      pod.spec.hostNetwork = true;
      pod.spec.dnsPolicy = 'ClusterFirstWithHostNet';
      mode.same(['PodSpec.hostNetwork', 'PodSpec.dnsPolicy']);
      context.findings.require('pod-security-privileged', `${context.title}: host network`);
      return;
    case 'none':
      denyAll(context);
      mode.near(
        'NetworkPolicy',
        'pods have a network, but a policy forbids its use',
        'enable network policies in the VPC CNI: without that, nothing enforces them',
      );
      return;
    default:
      mode.near(
        'PodSpec',
        'the containers share one network: they see each other on localhost, and two of them cannot listen on the same port',
      );
  }
}

function denyAll(context: PortContext): void {
  context.add({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: context.name, namespace: context.namespace },
    spec: { podSelector: { matchLabels: { ...context.selector } }, policyTypes: ['Ingress', 'Egress'] },
  });
}

/** A pod has one host name; the first container that wants one gives it. */
function applyHostname(pod: PodDraft): void {
  for (const { definition } of pod.containers) {
    const field = definition.get('hostname');
    if (field.value === undefined) continue;
    const [first = ''] = field.value.toLowerCase().split('.');
    if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(first)) {
      field.none('not a host name that Kubernetes takes: letters, digits and hyphens, at most 63');
    } else if (pod.spec.hostname !== undefined && pod.spec.hostname !== first) {
      field.none(`the pod has one host name for all containers, and it is ${pod.spec.hostname}`);
    } else {
      pod.spec.hostname = first;
      const cut = first === field.value ? '' : `; without its domain or capitals it is ${first}`;
      field.near('PodSpec.hostname', `for all containers of the pod${cut}`);
    }
  }
}
