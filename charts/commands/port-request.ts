import { extname, resolve, sep } from 'node:path';
import type { PortOptions } from '../port/options.js';
import type { Fidelity } from '../report/fidelity.js';
import { CommandError, EXIT } from './exit-codes.js';
import { FORMAT_OF_ENDING, type ReportFormat } from './report-output.js';

/** The flags of `tranship port` as commander gives them. */
export interface PortFlags {
  readonly out: string;
  readonly kubernetes: PortOptions['kubernetes'];
  readonly parameters: readonly string[];
  readonly parameter: ReadonlyMap<string, string>;
  readonly environment?: string;
  readonly region?: string;
  readonly account?: string;
  readonly eksCluster?: string;
  readonly identity: PortOptions['identity'];
  readonly namespace?: string;
  readonly standalone: PortOptions['standalone'];
  readonly fargate: PortOptions['fargate'];
  readonly fromCluster?: string;
  readonly emit: 'yaml' | 'typescript';
  readonly report?: ReportFormat;
  readonly reportFile?: string;
  readonly failOn?: Exclude<Fidelity, 'same'>;
  readonly validate: 'offline' | 'server' | 'off';
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** What `tranship port` is asked to do, checked. */
export interface PortRequest {
  readonly paths: readonly string[];
  readonly flags: PortFlags;
  readonly options: Partial<PortOptions>;
  /** What standard output gets; nothing when `-q` was given and no report was asked for. */
  readonly printed?: ReportFormat;
  /** What `--report-file` gets. */
  readonly filed?: { readonly path: string; readonly format: ReportFormat };
}

/**
 * Checks what no single flag can know.
 *
 * @throws CommandError when the flags contradict each other or nothing is to be read
 */
export function portRequest(paths: readonly string[], flags: PortFlags): PortRequest {
  if (paths.length === 0 && flags.fromCluster === undefined) {
    throw new CommandError(
      EXIT.usage,
      'nothing to port: name files or folders, `-` for standard input, or a cluster with --from-cluster NAME\n  such as: tranship port task-definition.json service.json --out dist',
    );
  }
  if (flags.json && flags.report !== undefined && flags.report !== 'json' && flags.reportFile === undefined) {
    throw new CommandError(
      EXIT.usage,
      `--json and --report ${flags.report} both want standard output (send one of them away with --report-file FILE)`,
    );
  }
  const { region, account, eksCluster, namespace, kubernetes, identity, standalone, fargate } = flags;
  const options: Partial<PortOptions> = {
    kubernetes,
    identity,
    standalone,
    fargate,
    ...(region === undefined ? {} : { region }),
    ...(account === undefined ? {} : { account }),
    ...(eksCluster === undefined ? {} : { eksCluster }),
    ...(namespace === undefined ? {} : { namespace }),
  };
  const printed = printedFormat(flags);
  const filed = filedReport(flags);
  return {
    paths,
    flags,
    options,
    ...(printed === undefined ? {} : { printed }),
    ...(filed === undefined ? {} : { filed }),
  };
}

function printedFormat({ json, report, reportFile, quiet }: PortFlags): ReportFormat | undefined {
  if (json) return 'json';
  if (report !== undefined && reportFile === undefined) return report;
  return quiet ? undefined : 'tree';
}

function filedReport({ reportFile, report, out }: PortFlags): PortRequest['filed'] {
  if (reportFile === undefined) return undefined;
  const ending = extname(reportFile).toLowerCase();
  const format = report ?? FORMAT_OF_ENDING.get(ending);
  if (format === undefined) {
    throw new CommandError(
      EXIT.usage,
      `--report-file ${reportFile}: its ending does not tell the format (name it .html, .md, .json or .txt, or add --report FORMAT)`,
    );
  }
  if (resolve(reportFile).startsWith(resolve(out) + sep) && /^\.(json|ya?ml)$/.test(ending)) {
    throw new CommandError(
      EXIT.usage,
      `--report-file ${reportFile} is in the out folder, where kubectl apply would take it for a manifest (put it beside ${out})`,
    );
  }
  return { path: reportFile, format };
}
