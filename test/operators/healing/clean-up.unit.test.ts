import { describe, expect, it } from '@jest/globals';
import type { Decision } from '../../../operators/healing/decision.js';
import type { ObservedPod } from '../../../operators/healing/observation.js';
import { aCrashedPod, ago, anEndedContainer, aPod, aRecord, at, aWorkload, given, healthyPods, NOW } from './given.js';

const ended = (name: string, secondsAgo: number, over: Partial<ObservedPod> = {}): ObservedPod =>
  aPod(name, {
    phase: 'Failed',
    ready: false,
    containers: [anEndedContainer({ finishedAt: ago(secondsAgo) }, { state: 'terminated' })],
    ...over,
  });
const names = (decisions: readonly Decision[]): readonly string[] =>
  decisions.map(({ type, pod }) => `${type} ${pod.name}`);
const workloads = [aWorkload()];

describe('pods that have ended', () => {
  it('are removed but for the newest one', () => {
    const pods = [ended('web-1', 30), ended('web-2', 20), ended('web-3', 10), ...healthyPods(4)];
    const { verdict } = given({ pods, workloads });
    expect(names(verdict.decisions)).toEqual(['Clean web-1', 'Clean web-2']);
    expect(verdict.nextLookAt).toBe(NOW + 3590_000);
  });

  it('are all removed after an hour', () => {
    const { of } = given({ pods: [ended('web-1', 3600, { reason: 'Evicted' })], workloads });
    expect(of('web-1')).toMatchObject({
      type: 'Clean',
      why: 'FailedPod',
      evidence: 'the pod ended 60 min ago (Evicted), and 0 newer ones are kept',
    });
  });

  it('of other owners than a ReplicaSet are left to them', () => {
    const pods = [ended('web-1', 9999, { owner: { kind: 'StatefulSet', name: 'web', uid: 'rs-web-r1' } })];
    expect(given({ pods, workloads }).verdict.decisions).toEqual([]);
  });

  it('that another policy selects too are left alone', () => {
    expect(given({ pods: [ended('web-1', 9999)], workloads, contested: ['shop/web-1'] }).verdict.decisions).toEqual([]);
  });

  it('are removed fifty at a time', () => {
    const pods = Array.from({ length: 80 }, (_, index) => ended(`web-${index}`, 10 + index));
    const { verdict } = given({ pods, workloads });
    expect(verdict.decisions).toHaveLength(50);
    expect(verdict.nextLookAt).toBe(NOW + 1000);
  });
});

describe('quarantine', () => {
  const spec = { quarantine: { causes: ['EssentialContainerExited' as const] } };
  const aside = (name: string, secondsAgo: number): ObservedPod => {
    const { owner: _, ...pod } = aCrashedPod(name, { quarantinedAt: ago(secondsAgo) });
    return pod;
  };
  const record = (pod: string) => aRecord(pod, { action: 'Quarantine', actedAt: at(30), readyAt: at(10) });

  it('takes a failed pod aside for inspection where the policy asks for it', () => {
    expect(given({ pods: [aCrashedPod('web-1'), ...healthyPods(3)], spec }).of('web-1')).toMatchObject({
      type: 'Replace',
      action: 'Quarantine',
    });
  });

  it('takes no more pods aside than the policy keeps', () => {
    const pods = [aside('web-0', 10), aCrashedPod('web-1'), ...healthyPods(3)];
    expect(given({ pods, spec, workloads }).of('web-1')).toMatchObject({ action: 'Evict' });
  });

  it('keeps a pod for inspection for an hour, though its replacement is Ready', () => {
    const status = { replacements: [record('web-0')] };
    const young = given({ pods: [aside('web-0', 3599), ...healthyPods(4)], spec, workloads, status });
    expect(young.verdict).toMatchObject({ decisions: [], nextLookAt: NOW + 1000 });
    const old = given({ pods: [aside('web-0', 3600), ...healthyPods(4)], spec, workloads, status });
    expect(old.of('web-0')).toMatchObject({ type: 'Clean', why: 'QuarantineOver' });
  });

  it('of a pod that only waited for its replacement is over when that is Ready', () => {
    const waiting = { ...record('web-0'), cause: 'Unhealthy' as const };
    const { readyAt: _, ...open } = waiting;
    const pods = [aside('web-0', 30), ...healthyPods(3)];
    expect(given({ pods, spec, workloads, status: { replacements: [open] } }).of('web-0')).toBeUndefined();
    expect(given({ pods, spec, workloads, status: { replacements: [waiting] } }).of('web-0')).toMatchObject({
      type: 'Clean',
      why: 'QuarantineOver',
    });
  });

  it('is over only while the policy acts', () => {
    const pods = [aside('web-0', 9999), ...healthyPods(4)];
    expect(given({ pods, spec: { paused: true }, workloads }).verdict.decisions).toEqual([]);
  });
});
