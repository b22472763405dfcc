import type { Telemetry } from '../runtime/telemetry.js';
import type { Decision } from './decision.js';
import type { HealingPolicyStatus, ReplacementRecord } from './healing-policy.js';
import { milliseconds } from './words.js';

/** Counts what the healer decides and does; a hold counts once, however often it is decided again. */
export class HealingMetrics {
  constructor(private readonly telemetry: Pick<Telemetry, 'decided' | 'replacementRequested' | 'replacementReady'>) {}

  /** @param before what was held before this reconcile */
  decided(decisions: readonly Decision[], before: HealingPolicyStatus | undefined): void {
    const known = new Set(before?.held?.map(({ pod, cause, reason }) => `${pod} ${cause} ${reason}`));
    for (const decision of decisions) {
      if (decision.type === 'Clean') this.telemetry.decided(decision.why, 'Clean');
      else if (decision.type === 'Replace') this.telemetry.decided(decision.cause, decision.action);
      else if (!known.has(`${decision.pod.name} ${decision.cause} ${decision.reason}`)) {
        this.telemetry.decided(decision.cause, 'Hold', decision.reason);
      }
    }
  }

  requested({ cause, action, signalAt }: ReplacementRecord, now: number): void {
    this.telemetry.replacementRequested(cause, action, seconds(milliseconds(signalAt) ?? now, now));
  }

  /** Measures the replacements that became Ready since `before`. */
  ready(before: readonly ReplacementRecord[] | undefined, after: readonly ReplacementRecord[] | undefined): void {
    const waiting = new Set(before?.filter(({ readyAt }) => readyAt === undefined).map(({ uid }) => uid));
    for (const { uid, cause, signalAt, readyAt } of after ?? []) {
      const end = milliseconds(readyAt);
      const start = milliseconds(signalAt);
      if (end === undefined || start === undefined || !waiting.has(uid)) continue;
      this.telemetry.replacementReady(cause, seconds(start, end));
    }
  }
}

function seconds(from: number, to: number): number {
  return Math.max(0, to - from) / 1000;
}
