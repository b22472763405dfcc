import { existsSync } from 'node:fs';
import { writeChanged } from './files.js';
import { type Run, succeeds } from './host.js';
import type { ClusterLayout, NodeLayout } from './layout.js';

/**
 * The network of a cluster: one bridge on the host, and for each node a network namespace that is joined to it by a
 * veth pair. Every node, and the host, has a route to the pods of each node, so pods keep their addresses everywhere.
 * Nothing is changed outside of the namespaces but the bridge and its routes.
 */
export async function makeNetwork(layout: ClusterLayout, run: Run): Promise<void> {
  if (!(await succeeds(run, ['ip', 'link', 'show', layout.bridge]))) {
    await run(['ip', 'link', 'add', layout.bridge, 'type', 'bridge']);
  }
  await run(['ip', 'address', 'replace', `${layout.host}/${layout.prefix}`, 'dev', layout.bridge]);
  await run(['ip', 'link', 'set', layout.bridge, 'up']);
  for (const node of layout.nodes) await joinNode(layout, node, run);
  for (const node of layout.nodes) {
    await run(['ip', 'route', 'replace', node.podRange, 'via', node.address]);
    for (const other of layout.nodes) {
      if (other !== node) await run([...inside(node), 'ip', 'route', 'replace', other.podRange, 'via', other.address]);
    }
  }
}

async function joinNode(layout: ClusterLayout, node: NodeLayout, run: Run): Promise<void> {
  if (!existsSync(`/run/netns/${node.netns}`)) await run(['ip', 'netns', 'add', node.netns]);
  if (!(await succeeds(run, ['ip', 'link', 'show', node.link]))) {
    await run(['ip', 'link', 'add', node.link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', node.netns]);
  }
  await run(['ip', 'link', 'set', node.link, 'master', layout.bridge, 'up']);
  await run([...inside(node), 'ip', 'link', 'set', 'lo', 'up']);
  await run([...inside(node), 'ip', 'address', 'replace', `${node.address}/${layout.prefix}`, 'dev', 'eth0']);
  await run([...inside(node), 'ip', 'link', 'set', 'eth0', 'up']);
  await run([...inside(node), 'ip', 'route', 'replace', 'default', 'via', layout.host]);
  // Through /proc because sysctl is not on every machine. Answers from a pod on the same node pass the Service's
  // address translation only when bridged packets pass iptables.
  for (const [setting, value] of [
    ['ipv4/ip_forward', '1'],
    ['bridge/bridge-nf-call-iptables', '1'],
  ]) {
    const path = `/proc/sys/net/${setting}`;
    if (existsSync(path)) await run([...inside(node), 'sh', '-c', `echo ${value} > ${path}`]);
  }
}

/** Cuts a node off, or joins it again, as a network failure does. */
export async function setLink(node: NodeLayout, up: boolean, run: Run): Promise<void> {
  await run(['ip', 'link', 'set', node.link, up ? 'up' : 'down']);
}

/** Deletes what `makeNetwork` made. Namespaces take their iptables rules and pods' links along. */
export async function deleteNetwork(layout: ClusterLayout, run: Run): Promise<void> {
  for (const node of layout.nodes) {
    if (await succeeds(run, ['ip', 'link', 'show', node.link])) await run(['ip', 'link', 'delete', node.link]);
    if (existsSync(`/run/netns/${node.netns}`)) await run(['ip', 'netns', 'delete', node.netns]);
  }
  if (await succeeds(run, ['ip', 'link', 'show', layout.bridge])) await run(['ip', 'link', 'delete', layout.bridge]);
}

/**
 * Writes the CNI network of a node: a bridge, addresses from the node's range, ports of the host.
 *
 * @param path ends in `.conflist`
 */
export function writeCniNetwork(path: string, node: NodeLayout): void {
  const network = {
    cniVersion: '0.4.0',
    name: node.netns,
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: `${node.runtimeFolder}/addresses`,
          ranges: [[{ subnet: node.podRange }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
  writeChanged(path, `${JSON.stringify(network, undefined, 2)}\n`);
}

function inside(node: NodeLayout): readonly string[] {
  return ['nsenter', `--net=/run/netns/${node.netns}`, '--'];
}
