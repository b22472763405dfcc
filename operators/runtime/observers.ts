import { isApiError } from './api-error.js';
import type { ControllerObserver } from './controller.js';
import type { Log } from './log.js';
import { NAME } from './names.js';
import type { CacheObserver } from './object-cache.js';
import type { Reconciler } from './reconciler.js';
import { errorType, type Telemetry } from './telemetry.js';
import type { WorkQueueObserver } from './work-queue.js';

const { log: message } = NAME;

/** Keys named in one line of the log. */
const NAMED_KEYS = 10;

/** What a cache tells of itself, as metrics and lines of the log. @example `new ObjectCache({ ..., observe: observeCache('pods', telemetry, log) })` */
export function observeCache(cache: string, telemetry: Telemetry, log: Log): Partial<CacheObserver> {
  return {
    listed: (reason, objects, tookMs) => {
      telemetry.relisted(cache, reason);
      log.info(message.relisted, { cache, reason, objects, tookMs });
    },
    watchEnded: (error) => telemetry.watchReconnected(cache, error === undefined ? 'Ended' : errorType(error)),
    failed: (error, retryInMs) => log.warn(message.watchFailed, { cache, retryInMs, error }),
    refused: (seen, listed) => log.warn(message.listRefused, { cache, seen, listed }),
    missed: (keys) => {
      telemetry.auditMissed(cache, keys.length);
      log.error(message.auditMissed, { cache, missed: keys.length, keys: keys.slice(0, NAMED_KEYS) });
    },
    auditFailed: (error) => log.warn(message.auditFailed, { cache, error }),
    unreadable: (key, error) => log.error(message.objectUnreadable, { cache, key, error }),
    listenerFailed: (error) => log.error(message.listenerFailed, { cache, error }),
  };
}

/** What a queue tells of itself, as metrics. */
export function observeQueue(controller: string, telemetry: Telemetry): Partial<WorkQueueObserver> {
  return { taken: (waitedMs) => telemetry.queueWaited(controller, waitedMs / 1000) };
}

/** What a controller tells of itself, as metrics and lines of the log. */
export function observeController(controller: string, telemetry: Telemetry, log: Log): Partial<ControllerObserver> {
  return {
    reconciled: (key, outcome, tookMs, error) => {
      telemetry.reconciled(controller, outcome, tookMs / 1000, error);
      if (error === undefined) return;
      // Others lead, or changed the object meanwhile: the next look finds out, and nobody need read of it.
      const usual = isApiError(error, 'NotLeader', 'Conflict', 'Aborted');
      if (usual) log.info(message.reconcileFailed, { controller, key, outcome, code: error.code });
      else log.warn(message.reconcileFailed, { controller, key, outcome, error });
    },
    overdue: (key) => log.error(message.reconcileOverdue, { controller, key }),
  };
}

/** A reconciler whose reconciles are spans; calls to the API server within are their children. */
export function traced(reconciler: Reconciler, telemetry: Telemetry): Reconciler {
  const { name } = reconciler;
  return {
    name,
    reconcile: (key, signal) =>
      telemetry.inSpan(
        `${NAME.span.reconcile} ${name}`,
        { [NAME.attribute.controller]: name, [NAME.attribute.key]: key },
        () => reconciler.reconcile(key, signal),
      ),
  };
}
