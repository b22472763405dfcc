import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = '/sys/fs/cgroup';

/** The hierarchies of this machine: one for each controller with cgroup v1, one for all with v2. */
export function cgroupHierarchies(): readonly string[] {
  if (existsSync(join(root, 'cgroup.controllers'))) return [root];
  return readdirSync(root)
    .map((name) => join(root, name))
    .filter((path) => statSync(path).isDirectory() && existsSync(join(path, 'cgroup.procs')));
}

/**
 * Makes a cgroup in every hierarchy, as the kubelet wants its `cgroupRoot` to be there. A new cpuset (v1) may hold no
 * process before it has processors and memory, so each takes those of its parent; in v2 the parents hand their
 * controllers down.
 *
 * @param path such as `/tranship/NAME/node-a`
 */
export function makeCgroup(path: string): void {
  for (const hierarchy of cgroupHierarchies()) {
    let folder = hierarchy;
    for (const part of path.split('/').filter((name) => name !== '')) {
      const controllers = join(folder, 'cgroup.controllers');
      if (existsSync(controllers)) {
        const all = readFileSync(controllers, 'utf8')
          .trim()
          .split(' ')
          .filter((name) => name !== '');
        writeFileSync(join(folder, 'cgroup.subtree_control'), all.map((name) => `+${name}`).join(' '));
      }
      folder = join(folder, part);
      mkdirSync(folder, { recursive: true });
      for (const setting of ['cpuset.cpus', 'cpuset.mems']) inherit(folder, setting);
    }
  }
}

function inherit(folder: string, setting: string): void {
  const own = join(folder, setting);
  const parent = join(dirname(folder), setting);
  if (!existsSync(own) || !existsSync(parent) || readFileSync(own, 'utf8').trim() !== '') return;
  const value = readFileSync(parent, 'utf8').trim();
  if (value !== '') writeFileSync(own, value);
}

/** Pids of all processes in a cgroup and those below it: what runs in the pods of a node. */
export function processesIn(path: string): readonly number[] {
  const pids = new Set<number>();
  for (const hierarchy of cgroupHierarchies()) {
    for (const folder of subtree(join(hierarchy, path))) {
      for (const line of lines(join(folder, 'cgroup.procs'))) pids.add(Number(line));
    }
  }
  pids.delete(0); // a process of another pid namespace
  return [...pids];
}

/** Deletes a cgroup and all below it, deepest first; its processes have ended before. */
export function deleteCgroup(path: string): void {
  for (const hierarchy of cgroupHierarchies()) {
    for (const folder of subtree(join(hierarchy, path)).toReversed()) removeCgroup(folder);
  }
}

/** Deletes a cgroup that has nothing below it and no process; leaves any other. */
export function deleteEmptyCgroup(path: string): void {
  for (const hierarchy of cgroupHierarchies()) removeCgroup(join(hierarchy, path));
}

/** Whether a cgroup is gone from every hierarchy. */
export function cgroupIsGone(path: string): boolean {
  return cgroupHierarchies().every((hierarchy) => !existsSync(join(hierarchy, path)));
}

function removeCgroup(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // In use, or kept by the kernel for a moment after its last process; whoever needs it gone asks again.
  }
}

function subtree(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...below.flatMap((entry) => subtree(join(folder, entry.name)))];
}

function lines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return []; // gone meanwhile
  }
}
