import type { ReconcileResult, Reconciler } from '../runtime/reconciler.js';
import { nameOf } from '../runtime/resource.js';
import { HealingMetrics } from './metrics.js';
import { forgetSeen, type PolicyMemory, recall, resolveUncertain } from './policy-memory.js';
import { LAG_MS, Step, type StepOptions } from './step.js';

/**
 * Heals the pods of one policy a step further: it observes, lets `decide` decide, and then, in this order, writes the
 * Events, the status with the records and what new pods are to avoid, and asks for the replacements. After a crash
 * between any two of them the next one finds in the status what may have been done, and looks it up.
 *
 * One instance serves one term of leadership.
 */
export class HealingReconciler implements Reconciler {
  readonly name = 'healing';
  readonly #options: StepOptions;
  readonly #metrics: HealingMetrics;
  readonly #memories = new Map<string, PolicyMemory>();

  constructor(options: StepOptions) {
    this.#options = options;
    this.#metrics = new HealingMetrics(options.telemetry);
  }

  /** @throws ApiError a call failed whose repetition the queue is to delay */
  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { api, caches, clock } = this.#options;
    const cached = caches.policies.get(key);
    if (cached === undefined || cached.policy.metadata.deletionTimestamp !== undefined) {
      this.#memories.delete(key);
      return {};
    }
    let memory = this.#memories.get(key);
    if (memory === undefined || memory.uid !== cached.uid) {
      memory = await recall(api, nameOf(key), signal);
      if (memory === undefined) return {};
      this.#memories.set(key, memory);
    }
    if (!caches.policies.hasSeen(key, memory.seen)) return { requeueAfterMs: LAG_MS };
    await resolveUncertain(api, memory, clock.now(), signal);
    forgetSeen(memory, cached.namespace, caches.pods);
    const step = new Step(this.#options, this.#metrics, memory, cached.policy, signal);
    return await step.run();
  }

  /** How many policies it remembers. */
  get size(): number {
    return this.#memories.size;
  }
}
