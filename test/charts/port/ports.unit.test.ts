import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { portName } from '../../../charts/port/network/port-names.js';
import { connect, listening, type Networked } from './connect.js';
import { entryOf } from './context.js';

function portsOf({ pod }: Networked, container = 0): unknown {
  return pod.containers[container]?.spec.ports;
}

describe('the ports of a container', () => {
  it('are listed with their protocol, TCP where the mapping names none', () => {
    const result = connect(listening({ containerPort: 8080 }, { containerPort: 53, protocol: 'udp' }));
    expect(portsOf(result)).toEqual([
      { containerPort: 8080, protocol: 'TCP' },
      { containerPort: 53, protocol: 'UDP' },
    ]);
  });

  it('may be the same number once for TCP and once for UDP, but not twice for one', () => {
    const result = connect(
      listening({ containerPort: 53 }, { containerPort: 53, protocol: 'udp' }, { containerPort: 53, protocol: 'tcp' }),
    );
    expect(portsOf(result)).toEqual([
      { containerPort: 53, protocol: 'TCP' },
      { containerPort: 53, protocol: 'UDP' },
    ]);
  });

  it('keep names that Kubernetes takes and get short ones that are unique in the pod otherwise', () => {
    const result = connect({
      containerDefinitions: [
        {
          name: 'a',
          portMappings: [
            { containerPort: 1, name: 'http' },
            { containerPort: 2, name: 'payments_metrics_endpoint' },
          ],
        },
        {
          name: 'b',
          portMappings: [
            { containerPort: 3, name: 'http' },
            { containerPort: 4, name: '9090' },
          ],
        },
      ],
    });
    const names = result.pod.containers.flatMap(({ spec }) => (spec.ports ?? []).map(({ name }) => name));
    expect(names[0]).toBe('http');
    expect(names[1]).toMatch(/^payments-[0-9a-f]{6}$/);
    expect(names[2]).toMatch(/^http-[0-9a-f]{6}$/);
    expect(names[3]).toBe('p-9090');
    expect(entryOf(result.ledger, 'containerDefinitions[0].portMappings[0].name').fidelity).toBe('same');
    expect(entryOf(result.ledger, 'containerDefinitions[0].portMappings[1].name').fidelity).toBe('near');
  });

  it('of a range are written out, up to 100 of a pod', () => {
    const result = connect(listening({ containerPortRange: '8000-8002' }, { containerPortRange: '20000-29999' }));
    const ports = result.pod.containers[0]?.spec.ports ?? [];
    expect(ports.slice(0, 4).map(({ containerPort }) => containerPort)).toEqual([8000, 8001, 8002, 20000]);
    expect(ports).toHaveLength(100);
    expect(entryOf(result.ledger, 'containerDefinitions[0].portMappings[1].containerPortRange').lost).toContain(
      'the 9903 above are open',
    );
  });

  it('that two containers of a bridge task both want are a conflict, since a pod has one network', () => {
    const task = {
      networkMode: 'bridge',
      containerDefinitions: [
        { name: 'a', portMappings: [{ containerPort: 80, hostPort: 8001 }] },
        { name: 'b', portMappings: [{ containerPort: 80, hostPort: 8002 }] },
      ],
    };
    const { ledger } = connect(task);
    expect(entryOf(ledger, 'containerDefinitions[0].portMappings[0].containerPort').fidelity).toBe('same');
    expect(entryOf(ledger, 'containerDefinitions[1].portMappings[0].containerPort')).toMatchObject({
      fidelity: 'none',
      lost: expect.stringContaining('container a listens on 80/TCP too'),
    });
  });

  it.each([
    ['bridge', 8001, 8001, 'same'],
    ['bridge', 0, undefined, 'near'],
    ['awsvpc', 80, undefined, 'same'],
    ['host', 80, undefined, 'same'],
    ['awsvpc', 8001, undefined, 'none'],
  ])('in %s mode with host port %d bind host port %s', (networkMode, hostPort, bound, fidelity) => {
    const result = connect({
      networkMode,
      containerDefinitions: [{ name: 'app', portMappings: [{ containerPort: 80, hostPort }] }],
    });
    expect(portsOf(result)).toEqual([
      { containerPort: 80, ...(bound === undefined ? {} : { hostPort: bound }), protocol: 'TCP' },
    ]);
    expect(entryOf(result.ledger, 'containerDefinitions[0].portMappings[0].hostPort').fidelity).toBe(fidelity);
  });

  it('have names of at most 15 characters that begin and end well, whatever ECS calls them', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const name = portName(text);
        expect(name).toMatch(/^[a-z0-9](?:-?[a-z0-9]){0,14}$/);
        expect(name).toMatch(/[a-z]/);
        expect(name.length).toBeLessThanOrEqual(15);
      }),
      { numRuns: 1000 },
    );
  });
});
