import { describe, expect, it } from '@jest/globals';
import { createProgram } from '../../../charts/commands/program.js';
import type { Terminal } from '../../../charts/commands/terminal.js';
import { addExplainCommand } from '../../../operators/explain/command.js';
import { explainPod } from '../../../operators/explain/run-explain.js';
import { ApiError } from '../../../operators/runtime/api-error.js';
import { Cluster, NAMESPACE, NEVER, POLICY_KEY } from '../healing/cluster.js';

async function said(
  cluster: Cluster,
  name: string,
  output: 'text' | 'json' = 'text',
): Promise<{ code: number; out: string }> {
  let out = '';
  const terminal = {
    out: { color: false, width: 100, interactive: false, write: (text: string) => Promise.resolve(void (out += text)) },
  } as unknown as Terminal;
  const code = await explainPod(cluster.server.api(), { namespace: NAMESPACE, name }, output, terminal);
  return { code, out };
}

describe('tranship explain', () => {
  it('tells what the operator did to a pod that is gone, and whom the new one replaces', async () => {
    const cluster = new Cluster(4);
    const reconciler = cluster.reconciler();
    cluster.crashPod('web-1');
    cluster.refresh();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    cluster.turn();
    await cluster.clock.advance(31_000);
    cluster.refresh();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    const gone = await said(cluster, 'web-1');
    expect(gone.code).toBe(0);
    expect(gone.out).toContain('it was replaced by web-5 (EssentialContainerExited), under policy heal');
    expect(gone.out).toContain('web-5 is Ready on node-c');
    const { out } = await said(cluster, 'web-5', 'json');
    expect(JSON.parse(out)).toMatchObject({
      pod: { state: 'Ready' },
      replacements: [{ role: 'replacement', record: { pod: 'web-1' } }],
    });
  });

  it('ends with 1 when nothing is known of the pod', async () => {
    expect(await said(new Cluster(1), 'web-99')).toMatchObject({ code: 1 });
  });

  it('says what the user may not read, and tells the rest', async () => {
    const cluster = new Cluster(1);
    cluster.server.onCall = ({ resource }) =>
      resource.plural === 'events'
        ? new ApiError('Forbidden', 'user jane cannot list events', { status: 403 })
        : undefined;
    const { code, out } = await said(cluster, 'web-1');
    expect(code).toBe(0);
    expect(out).toContain('pod shop/web-1  Ready');
    expect(out).toContain('you may not list events there');
  });

  it('is a command with help, and its options are completed', () => {
    const program = createProgram([addExplainCommand]);
    const command = program.commands.find((each) => each.name() === 'explain');
    expect(command?.options.map(({ long }) => long)).toEqual(['--namespace', '--context', '--output']);
  });
});
