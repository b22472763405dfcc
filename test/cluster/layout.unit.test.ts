import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { layoutOf } from './layout.js';

describe('the layout of a cluster', () => {
  it('has three nodes in three zones, each with its own range of pods', () => {
    const { nodes } = layoutOf('tranship', 0, '/cache/run', '/run/tranship');
    expect(nodes.map(({ name, zone, address, podRange }) => ({ name, zone, address, podRange }))).toEqual([
      { name: 'node-a', zone: 'eu-central-1a', address: '10.100.0.11', podRange: '10.100.129.0/24' },
      { name: 'node-b', zone: 'eu-central-1b', address: '10.100.0.12', podRange: '10.100.130.0/24' },
      { name: 'node-c', zone: 'eu-central-1c', address: '10.100.0.13', podRange: '10.100.131.0/24' },
    ]);
  });

  it('shares no address, link, namespace, cgroup or folder with a cluster of another name and slot', () => {
    const slot = fc.integer({ min: 0, max: 99 });
    fc.assert(
      fc.property(slot, slot, (one, other) => {
        fc.pre(one !== other);
        const things = (name: string, of: number) => {
          const layout = layoutOf(name, of, '/cache/run', '/run/tranship');
          const ofNodes = layout.nodes.flatMap((node) => [
            node.address,
            node.podRange,
            node.netns,
            node.link,
            node.cgroup,
            node.folder,
          ]);
          return [
            layout.bridge,
            layout.host,
            layout.serviceRange,
            String(layout.etcdPort),
            String(layout.etcdPort + 1),
            ...ofNodes,
          ];
        };
        const both = [...things('one', one), ...things('other', other)];
        expect(new Set(both).size).toBe(both.length);
      }),
    );
  });

  it('keeps names of links within the 15 characters that the kernel allows', () => {
    const { nodes, bridge } = layoutOf('a-name-of-20-letters', 99, '/cache/run', '/run/tranship');
    expect([bridge, ...nodes.map((node) => node.link)].every((name) => name.length <= 15)).toBe(true);
  });
});
