import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { ApiError } from '../../../operators/runtime/api-error.js';
import {
  ApiEventRecorder,
  type ApiEventRecorderOptions,
  type KubernetesEvent,
  type RecordedEvent,
} from '../../../operators/runtime/event-recorder.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';

const POD = { kind: 'Pod', apiVersion: 'v1', namespace: 'shop', name: 'web-1', uid: 'uid-1' };
const EVENT: RecordedEvent = {
  regarding: POD,
  type: 'Warning',
  reason: 'EssentialContainerExited',
  action: 'Hold',
  note: 'container app exited with 137',
};

function recorder(options: Partial<ApiEventRecorderOptions> = {}) {
  const clock = new ManualClock();
  const server = new SimulatedApiServer({ clock });
  const events = new ApiEventRecorder({ api: server.api(), clock, instance: 'operator-1', ...options });
  const written = () => server.objects<KubernetesEvent>(RESOURCE.event);
  return { clock, server, events, written };
}

describe('the event recorder', () => {
  test('an Event has what events.k8s.io/v1 asks for, in the namespace of its object', async () => {
    const { events, written } = recorder();
    const related = { kind: 'Node', apiVersion: 'v1', name: 'node-1', uid: 'uid-2' };
    expect(await events.record({ ...EVENT, related, annotations: { 'tranship.dev/cause': 'x' } })).toBe('created');
    expect(written()).toEqual([
      expect.objectContaining({
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: expect.objectContaining({
          namespace: 'shop',
          name: expect.stringMatching(/^web-1\.[0-9a-f]{16}$/),
          annotations: { 'tranship.dev/cause': 'x' },
        }),
        eventTime: '2026-01-01T00:00:00.000000Z',
        reportingController: 'tranship.dev/tranship-operator',
        reportingInstance: 'operator-1',
        action: 'Hold',
        reason: 'EssentialContainerExited',
        regarding: POD,
        related,
        note: 'container app exited with 137',
        type: 'Warning',
      }),
    ]);
  });

  test('an object of the whole cluster has its Events in default', async () => {
    const { events, written } = recorder();
    const { namespace: _, ...node } = { ...POD, kind: 'Node', name: 'node-1' };
    await events.record({ ...EVENT, regarding: node });
    expect(written()[0]?.metadata.namespace).toBe('default');
  });

  test('the same words about the same object are said once in ten minutes, other words and other objects at once', async () => {
    const { clock, events, written } = recorder();
    expect(await events.record(EVENT)).toBe('created');
    await clock.advance(599_999);
    expect(await events.record(EVENT)).toBe('deduplicated');
    expect(await events.record({ ...EVENT, note: 'other' })).toBe('created');
    expect(await events.record({ ...EVENT, regarding: { ...POD, uid: 'uid-3' } })).toBe('created');
    await clock.advance(1);
    expect(await events.record(EVENT)).toBe('created');
    expect(written()).toHaveLength(4);
  });

  test('a deterministic name is written once, and not limited', async () => {
    const { events, written } = recorder({ burst: 1 });
    for (const name of ['a', 'b', 'c']) {
      expect(await events.record({ ...EVENT, name })).toBe('created');
      expect(await events.record({ ...EVENT, name })).toBe('exists');
    }
    expect(written().map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c']);
  });

  test('an object gets its burst and then one Event a minute, however much there is to say', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 100 }), async (pauses) => {
        const { clock, events, written } = recorder({ burst: 3 });
        const start = clock.now();
        for (const [index, pause] of pauses.entries()) {
          await clock.advance(pause);
          await events.record({ ...EVENT, note: `note ${index}` });
        }
        expect(written().length).toBeLessThanOrEqual(3 + Math.ceil((clock.now() - start) / 60_000));
      }),
      { numRuns: 20 },
    );
  });

  test('an Event that could not be written is thrown and may be recorded again', async () => {
    const { server, events, written } = recorder();
    server.onCall = () => new ApiError('Unavailable', 'down');
    await expect(events.record(EVENT)).rejects.toMatchObject({ code: 'Unavailable' });
    server.onCall = undefined;
    expect(await events.record(EVENT)).toBe('created');
    expect(written()).toHaveLength(1);
  });

  test('two who say the same at once write one Event', async () => {
    const { events, written } = recorder();
    const results = await Promise.all([events.record(EVENT), events.record(EVENT)]);
    expect(results.toSorted()).toEqual(['created', 'deduplicated']);
    expect(written()).toHaveLength(1);
  });

  test('a note is cut at 1 kB between characters, and a name at what the API server takes', async () => {
    const { events, written } = recorder();
    await events.record({ ...EVENT, note: '🚢'.repeat(400), regarding: { ...POD, name: 'x'.repeat(253) } });
    const [event] = written();
    expect(Buffer.byteLength(event?.note ?? '')).toBeLessThanOrEqual(1024);
    expect(event?.note).toMatch(/^(🚢)+…$/u);
    expect(event?.metadata.name).toHaveLength(253);
  });

  test('what is remembered is bounded: the oldest is forgotten and may be said again', async () => {
    const { clock, events } = recorder({ remembered: 2 });
    for (const note of ['one', 'two', 'three']) await events.record({ ...EVENT, note });
    expect(await events.record({ ...EVENT, note: 'three' })).toBe('deduplicated');
    await clock.advance(1);
    expect(await events.record({ ...EVENT, note: 'one' })).toBe('created');
  });
});
