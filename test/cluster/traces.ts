import { existsSync, readFileSync, readdirSync, readlinkSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterLayout } from './layout.js';

const containerLogs = '/var/log/containers';
const cniResults = '/var/lib/cni/results';

/** Deletes what the kubelet and CNI left of a cluster in the two folders that they let nobody choose. */
export function deleteTraces(layout: ClusterLayout): void {
  for (const path of filesIn(containerLogs)) {
    if (targetOf(path)?.startsWith(`${layout.folder}/`) === true) unlinkSync(path);
  }
  for (const path of filesIn(cniResults)) {
    // Each names the pod's network namespace, which lies below the cluster's folder.
    if (readFileSync(path, 'utf8').includes(`"${layout.runtimeFolder}/`)) unlinkSync(path);
  }
  for (const folder of [containerLogs, cniResults]) {
    if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
  }
}

function filesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined; // no link, or gone meanwhile
  }
}
