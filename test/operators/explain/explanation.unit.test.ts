import { describe, expect, it } from '@jest/globals';
import { explain, type ExplainFacts } from '../../../operators/explain/explanation.js';
import { explanationText, spanOf } from '../../../operators/explain/explanation-text.js';
import { podNameOf } from '../../../operators/explain/run-explain.js';
import { whyNotSelected } from '../../../operators/explain/why-not-selected.js';
import type { HealingPolicy, ReplacementRecord } from '../../../operators/healing/healing-policy.js';
import { Interning } from '../../../operators/healing/interning.js';
import { projectPod } from '../../../operators/healing/project-pod.js';

const PLAIN = { bold: (text: string) => text, dim: (text: string) => text };
const NOW = Date.UTC(2026, 0, 1, 0, 1);

const record: ReplacementRecord = {
  pod: 'web-1',
  uid: 'uid-1',
  workload: 'Deployment/web',
  revision: 'r1',
  node: 'node-a',
  cause: 'OutOfMemory',
  evidence: 'container app exited with 137 (OOMKilled) after 42 s',
  action: 'Evict',
  signalAt: '2026-01-01T00:00:00Z',
  decidedAt: '2026-01-01T00:00:00.400Z',
  actedAt: '2026-01-01T00:00:00.400Z',
  replacement: 'web-5',
  replacementNode: 'node-b',
  readyAt: '2026-01-01T00:00:12Z',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
};

const policy = (status: HealingPolicy['status'] = {}, name = 'heal', app = 'web'): HealingPolicy => ({
  metadata: { namespace: 'shop', name },
  spec: { selector: { matchLabels: { app } } },
  status,
});

const facts = (over: Partial<ExplainFacts> = {}): ExplainFacts => ({
  namespace: 'shop',
  name: 'web-1',
  now: NOW,
  policies: [policy()],
  events: [],
  gaps: [],
  ...over,
});

const aPod = (ready = true) =>
  projectPod(
    {
      metadata: { namespace: 'shop', name: 'web-1', uid: 'uid-1', labels: { app: 'web' } },
      spec: { nodeName: 'node-a', containers: [{ name: 'app' }] },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    },
    new Interning(),
  );

const text = (over: Partial<ExplainFacts>): string => [...explanationText(explain(facts(over)), PLAIN)].join('\n');

describe('the explanation of a pod', () => {
  it('tells the whole way of a replacement, of a pod that is gone', () => {
    const shown = text({ policies: [policy({ replacements: [record] })] });
    expect(shown).toBe(`pod shop/web-1  Gone
it was replaced by web-5 (OutOfMemory), under policy heal

replaced on node-a: OutOfMemory  policy heal, workload Deployment/web
  2026-01-01 00:00:00Z            signal    container app exited with 137 (OOMKilled) after 42 s
  2026-01-01 00:00:00Z    +0.4 s  decision  OutOfMemory: evict it
  2026-01-01 00:00:00Z    +0.0 s  action    the API server took the eviction
  2026-01-01 00:00:12Z     +12 s  ready     web-5 is Ready on node-b
  12 s from the signal to the new pod being Ready
  trace 4bf92f3577b34da6a3ce929d0e0e4736

policy heal  selects it
  has no status: the operator has not looked at it, or does not run`);
  });

  it('tells how far a replacement is', () => {
    const { actedAt: _, readyAt: __, replacement: ___, ...decided } = record;
    const state = (pod: ExplainFacts['pod'], over: Partial<ReplacementRecord> = {}): unknown =>
      explain(
        facts({
          ...(pod === undefined ? {} : { pod }),
          policies: [policy({ replacements: [{ ...decided, ...over }] })],
        }),
      ).replacements[0]?.state;
    expect(state(aPod())).toBe('decided');
    expect(state({ ...aPod(), deletingSince: NOW })).toBe('asked');
    expect(state(undefined)).toBe('asked');
    expect(state(undefined, { actedAt: record.decidedAt })).toBe('asked');
    expect(state(undefined, { actedAt: record.decidedAt, replacement: 'web-5' })).toBe('starting');
    expect(state(undefined, { ...record })).toBe('done');
  });

  it('tells of a new pod whom it replaces', () => {
    const { replacements, summary } = explain(
      facts({ name: 'web-5', pod: aPod(), policies: [policy({ replacements: [record] })] }),
    );
    expect(replacements).toMatchObject([{ role: 'replacement', totalMs: 12_000 }]);
    expect(summary).toBe('nothing that the policy acts upon is wrong with it');
  });

  it('tells of a held pod why nothing is done, and when it is looked at again', () => {
    const held = [
      {
        pod: 'web-1',
        cause: 'CrashLoop' as const,
        reason: 'Throttled' as const,
        message: 'new pods fail as well',
        retryAt: '2026-01-01T00:03:05Z',
      },
    ];
    const shown = text({ pod: aPod(false), policies: [policy({ held })] });
    expect(shown).toContain('something is wrong with it (CrashLoop), and nothing is done: Throttled');
    expect(shown).toContain('looked at again at 2026-01-01 00:03:05Z, in 2 min 5 s');
  });

  it('tells of a pod that no policy selects which policies there are, and why none selects it', () => {
    const shown = text({ pod: aPod(), policies: [policy({}, 'api', 'api'), policy({}, 'job', 'job')] });
    expect(shown).toContain('no HealingPolicy selects it, so nothing is ever done about it');
    expect(shown).toContain('policy api  does not select it: app must be "api", and is "web"');
    expect(shown).toContain('policy job  does not select it: app must be "job", and is "web"');
    expect(text({ pod: aPod(), policies: [] })).toContain('no HealingPolicy is in its namespace');
  });

  it('tells of a pod that two policies select that neither touches it', () => {
    const { summary } = explain(facts({ pod: aPod(), policies: [policy(), policy({}, 'other')] }));
    expect(summary).toBe('2 policies select it, so none of them touches it');
  });

  it('falls back to Events when the records have gone on', () => {
    const events = [
      {
        metadata: { namespace: 'shop', name: 'web-1.a' },
        eventTime: '2026-01-01T00:00:00.400000Z',
        reason: 'OutOfMemory',
        action: 'Evict',
        note: 'container app exited with 137',
        type: 'Warning' as const,
        reportingController: 'tranship.dev/healing',
        reportingInstance: 'operator-1',
        regarding: { kind: 'Pod', apiVersion: 'v1', namespace: 'shop', name: 'web-1', uid: 'uid-1' },
      },
    ];
    expect(text({ events })).toContain('2026-01-01 00:00:00Z  OutOfMemory · Evict · container app exited with 137');
  });

  it('says that nothing is known of a pod that never was', () => {
    expect(explain(facts({ policies: [] })).summary).toBe(
      'it is gone, and neither a record nor an Event of the operator tells of it',
    );
  });

  it('prints no control characters of others', () => {
    const shown = text({ policies: [policy({ replacements: [{ ...record, evidence: 'a\u001b[2Jb' }] })] });
    expect(shown).not.toContain('\u001b');
  });

  it('is the same as JSON', () => {
    const explanation = explain(facts({ policies: [policy({ replacements: [record] })] }));
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
    expect(explanation.replacements[0]?.steps.map(({ step, afterMs }) => [step, afterMs])).toEqual([
      ['signal', undefined],
      ['decision', 400],
      ['action', 0],
      ['ready', 11_600],
    ]);
  });
});

describe('what is printed', () => {
  it.each([
    [0, '0.0 s'],
    [9949, '9.9 s'],
    [119_000, '119 s'],
    [185_000, '3 min 5 s'],
    [7_260_000, '2 h 1 min'],
  ])('%i ms is %s', (span, shown) => {
    expect(spanOf(span)).toBe(shown);
  });

  it.each([
    [
      { matchExpressions: [{ key: 'app', operator: 'In' as const, values: ['a', 'b'] }] },
      'app must be one of a, b, and is "web"',
    ],
    [{ matchExpressions: [{ key: 'tier', operator: 'Exists' as const }] }, 'tier must be set, and is not set'],
    [{ matchExpressions: [{ key: 'app', operator: 'DoesNotExist' as const }] }, 'app must be absent, and is "web"'],
    [{}, 'spec.selector selects nothing: name at least one label in matchLabels or matchExpressions'],
  ])('says why %j does not select', (selector, why) => {
    expect(whyNotSelected(selector, { app: 'web' })).toBe(why);
  });

  it('takes a pod by its name in every way in which kubectl does, and nothing else', () => {
    expect(['pod/web-1', 'pods/web-1', 'po/web-1', 'web-1'].map(podNameOf)).toEqual(Array(4).fill('web-1'));
    for (const target of ['deployment/web', 'pod/', 'pod/../x', 'Pod/web']) {
      expect(() => podNameOf(target)).toThrow('names no pod');
    }
  });
});
