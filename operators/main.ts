import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createFeatures } from './features.js';
import { ClientNodeApi } from './runtime/client-node-api.js';
import { systemClock as clock } from './runtime/clock.js';
import { findCluster } from './runtime/cluster-config.js';
import { ApiEventRecorder } from './runtime/event-recorder.js';
import { HealthServer } from './runtime/health-server.js';
import { LeaderElection } from './runtime/leader-election.js';
import { jsonLog } from './runtime/log.js';
import { NAME } from './runtime/names.js';
import { observedApi } from './runtime/observed-api.js';
import { startOpenTelemetry } from './runtime/open-telemetry.js';
import { Operator, OPERATOR_EXIT } from './runtime/operator.js';
import { helpText, type Options, OptionsError, readOptions } from './runtime/options.js';
import { fenced } from './runtime/write-fence.js';

const log = jsonLog({ stream: process.stderr, clock });

/** Runs the operator until it is told to stop. @returns the exit code */
async function operate(options: Options, stop: AbortSignal): Promise<number> {
  const podName = options.podName ?? hostname();
  const identity = `${podName}_${randomUUID()}`;
  const random = Math.random;
  const { telemetry, metrics, shutdown } = await startOpenTelemetry({
    instance: podName,
    log,
    ...(options.otlpEndpoint === undefined ? {} : { otlpEndpoint: options.otlpEndpoint }),
  });

  const config = await findCluster(process.env);
  const client = new ClientNodeApi({ config, clock, random, userAgent: NAME.service });
  const unfenced = observedApi(client, telemetry, clock);
  const election = new LeaderElection({
    api: unfenced,
    lease: { namespace: options.operatorNamespace, name: options.leaseName },
    identity,
    clock,
    monotonicNow: () => performance.now(),
    random,
    leaseDurationMs: options.leaseDurationSeconds * 1000,
    renewDeadlineMs: options.renewDeadlineSeconds * 1000,
    retryPeriodMs: options.retryPeriodSeconds * 1000,
    drainMs: options.drainSeconds * 1000,
    log,
    onChange: (change) => telemetry.leadershipChanged(change),
  });
  const api = fenced(unfenced, election);
  const context = {
    api,
    clock,
    random,
    log,
    telemetry,
    events: new ApiEventRecorder({ api, clock, instance: podName, telemetry }),
    operatorNamespace: options.operatorNamespace,
    ...(options.watchNamespace === undefined ? {} : { namespace: options.watchNamespace }),
  };
  const features = await createFeatures(context, { unfenced, options });
  const operator = new Operator({ features, election, clock, log, telemetry, flush: shutdown });

  const together = options.metricsPort === options.healthPort;
  const probes = { port: options.healthPort, live: () => operator.live(), ready: () => operator.ready() };
  const servers = together
    ? [new HealthServer({ ...probes, metrics })]
    : [new HealthServer(probes), new HealthServer({ port: options.metricsPort, metrics })];
  const ports = await Promise.all(servers.map((server) => server.start()));
  log.info(NAME.log.listening, { ports: ports.map(String), server: config.server, identity });
  try {
    return await operator.run(stop);
  } finally {
    await Promise.all([...servers.map((server) => server.stop()), client.close()]);
  }
}

/** Reads the options; an exit code where they say not to run. */
function optionsOrExit(): Options | number {
  try {
    const options = readOptions(process.argv.slice(2), process.env);
    if (options !== undefined) return options;
    process.stdout.write(helpText());
    return OPERATOR_EXIT.stopped;
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    process.stderr.write(error.problems.map((problem) => `tranship-operator: ${problem}\n`).join(''));
    return OPERATOR_EXIT.usage;
  }
}

async function main(): Promise<number> {
  const options = optionsOrExit();
  if (typeof options === 'number') return options;
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // The second Ctrl-C of somebody who waits at a terminal.
      if (stop.signal.aborted && signal === 'SIGINT') process.exit(OPERATOR_EXIT.fault);
      stop.abort();
    });
  }
  return await operate(options, stop.signal);
}

function fault(error: unknown): never {
  log.error(NAME.log.uncaught, { error });
  process.exit(OPERATOR_EXIT.fault);
}

process.on('uncaughtException', fault);
process.on('unhandledRejection', fault);
// What did not stop in its time must not keep the process, so it exits rather than wait for an empty event loop.
await main().then((code) => process.exit(code), fault);
