import { createHash } from 'node:crypto';
import { milliseconds } from '../healing/words.js';
import { outboxMarks } from '../outbox/entry.js';
import type { EventReference, RecordedEvent } from '../runtime/event-recorder.js';
import type { DeploymentState } from './deployment-state.js';

/** What happened longer ago was told by whoever led then, and its Event may have expired: it is not told again. */
const NEWS_MS = 1_800_000;

/** An Event that is written once, under a name of its own. */
export type NamedEvent = RecordedEvent & { readonly name: string };

/** Source: ECS events for EventBridge, "ECS Deployment State Change". */
type EventName = 'SERVICE_DEPLOYMENT_IN_PROGRESS' | 'SERVICE_DEPLOYMENT_COMPLETED' | 'SERVICE_DEPLOYMENT_FAILED';

/**
 * What a state tells that is news: that the deployment began or completed, and which failed. The name of each Event
 * follows from what it tells, so a process that takes over says the same once.
 */
export function eventsOf(state: DeploymentState, regarding: EventReference, now: number): readonly NamedEvent[] {
  const events: NamedEvent[] = [];
  const tell = (name: EventName, template: string, at: string, action: string, note: string): void => {
    if (now - (milliseconds(at) ?? 0) < NEWS_MS) events.push(eventOf(regarding, name, template, at, action, note));
  };
  for (const { template, at, evidence, outcome } of state.failed ?? []) {
    const retry =
      outcome === 'paused'
        ? `Paused, so that it starts no more pods: change the template, or try it once more with \`kubectl rollout resume deployment/${regarding.name}\``
        : `${outcome[0]?.toUpperCase() ?? ''}${outcome.slice(1)}`;
    tell(
      'SERVICE_DEPLOYMENT_FAILED',
      template,
      at,
      outcome === 'paused' ? 'Pause' : 'Rollback',
      `${evidence}. ${retry}`,
    );
  }
  if (state.rolloutState === 'IN_PROGRESS')
    tell('SERVICE_DEPLOYMENT_IN_PROGRESS', state.template, state.since, 'Deploy', beginningOf(state));
  if (state.rolloutState === 'COMPLETED')
    tell(
      'SERVICE_DEPLOYMENT_COMPLETED',
      state.template,
      state.since,
      'Deploy',
      `Revision ${state.template} runs: all its pods are healthy`,
    );
  return events;
}

function beginningOf({ completed, failed, template, since }: DeploymentState): string {
  const isBack = failed?.some(({ at, outcome }) => at === since && outcome !== 'paused') === true;
  return isBack
    ? `Revision ${template} again, which ran as ReplicaSet ${completed?.replicaSet ?? ''}`
    : `Revision ${template} is being deployed`;
}

function eventOf(
  regarding: EventReference,
  name: EventName,
  template: string,
  at: string,
  action: string,
  note: string,
): NamedEvent {
  const id = createHash('sha256')
    .update(JSON.stringify([regarding.uid, name, template, at]))
    .digest('hex')
    .slice(0, 16);
  const failed = name === 'SERVICE_DEPLOYMENT_FAILED';
  return {
    name: `${regarding.name.slice(0, 200)}.${id}`,
    regarding,
    type: failed ? 'Warning' : 'Normal',
    reason: name,
    action,
    note,
    ...outboxMarks({
      detailType: 'ECS Deployment State Change',
      detail: {
        eventType: failed ? 'ERROR' : 'INFO',
        eventName: name,
        deploymentId: `${regarding.namespace ?? ''}/${regarding.name}/${template}`,
        updatedAt: at,
        reason: note,
        namespace: regarding.namespace,
        deployment: regarding.name,
      },
    }),
  };
}
