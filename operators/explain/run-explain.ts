import { KubeConfig } from '@kubernetes/client-node';
import pico from 'picocolors';
import { CommandError, EXIT, type ExitCode } from '../../charts/commands/exit-codes.js';
import { type Terminal, withLineEnds, writeAll } from '../../charts/commands/terminal.js';
import type { KubernetesApi } from '../runtime/api.js';
import { isApiError } from '../runtime/api-error.js';
import { ClientNodeApi } from '../runtime/client-node-api.js';
import { systemClock } from '../runtime/clock.js';
import { kubeconfig } from '../runtime/kubeconfig.js';
import { explain } from './explanation.js';
import { explanationText } from './explanation-text.js';
import { gather } from './gather.js';

/** What the command line says. */
export interface ExplainRequest {
  /** `pod/web-1`, `pods/web-1`, `po/web-1` or `web-1`. */
  readonly target: string;
  /** @default - that of the context, or `default` */
  readonly namespace?: string;
  /** Of the kubeconfig. @default - the current one */
  readonly context?: string;
  readonly output: 'text' | 'json';
}

/** Connects, asks and prints. @throws CommandError what the user can mend */
export async function runExplain(request: ExplainRequest, terminal: Terminal): Promise<ExitCode> {
  const name = podNameOf(request.target);
  const { api, namespace } = connect(request);
  try {
    return await explainPod(api, { namespace, name }, request.output, terminal);
  } finally {
    await api.close();
  }
}

/** Asks and prints, on a connection that is there. @throws CommandError the server does not answer, or knows nothing of it */
export async function explainPod(
  api: KubernetesApi,
  name: { readonly namespace: string; readonly name: string },
  output: ExplainRequest['output'],
  terminal: Terminal,
): Promise<ExitCode> {
  const facts = await gather(api, name, systemClock.now()).catch((error: unknown) => {
    if (!isApiError(error)) throw error;
    throw new CommandError(EXIT.usage, `the cluster does not answer: ${error.message}`, { cause: error });
  });
  const explanation = explain(facts);
  if (output === 'json') await terminal.out.write(`${JSON.stringify(explanation, undefined, 2)}\n`);
  else {
    const ink = pico.createColors(terminal.out.color);
    await writeAll(terminal.out, withLineEnds(explanationText(explanation, ink)));
  }
  const known = facts.pod !== undefined || explanation.replacements.length > 0 || explanation.events.length > 0;
  return known ? EXIT.ok : EXIT.failedOn;
}

/** @throws CommandError it names something else than a pod */
export function podNameOf(target: string): string {
  const match = /^(?:(?:pod|pods|po)\/)?([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)$/.exec(target);
  if (match?.[1] === undefined) {
    throw new CommandError(
      EXIT.usage,
      `${JSON.stringify(target)} names no pod: write pod/NAME, as pod/web-6d4cf56db6-x2x9z`,
    );
  }
  return match[1];
}

function connect({ context, namespace }: ExplainRequest): { readonly api: ClientNodeApi; readonly namespace: string } {
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(EXIT.usage, `the kubeconfig cannot be read: ${why}`, { cause: error });
  }
  if (context !== undefined) {
    const names = config.getContexts().map((each) => each.name);
    if (!names.includes(context)) {
      throw new CommandError(
        EXIT.usage,
        `--context ${context}: the kubeconfig has ${names.join(', ') || 'no contexts'}`,
      );
    }
    config.setCurrentContext(context);
  }
  if (config.getCurrentCluster() === null) {
    throw new CommandError(
      EXIT.usage,
      'the kubeconfig has no current context (choose one: kubectl config use-context NAME)',
    );
  }
  const current = config.getContextObject(config.getCurrentContext())?.namespace;
  return {
    api: new ClientNodeApi({ config: kubeconfig(config), clock: systemClock, userAgent: 'tranship-explain' }),
    namespace: namespace ?? current ?? 'default',
  };
}
