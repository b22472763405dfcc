/**
 * The task's CPU in CPU units of 1,024 a vCPU. ECS takes `"1024"`, `"1 vCPU"`, `".5 vcpu"`.
 * Source: ECS API `RegisterTaskDefinition.cpu`.
 *
 * @returns undefined when the text is no such size
 */
export function parseTaskCpu(text: string | undefined): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(vcpu)?\s*$/i.exec(text ?? '');
  if (match === null) return undefined;
  const units = Math.round(Number(match[1]) * (match[2] === undefined ? 1 : 1024));
  return units > 0 ? units : undefined;
}

/**
 * The task's memory in MiB. ECS takes `"2048"`, `"1GB"`, `"1 GB"`, `".5 GB"`.
 * Source: ECS API `RegisterTaskDefinition.memory`.
 *
 * @returns undefined when the text is no such size
 */
export function parseTaskMemory(text: string | undefined): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(gb|mb|mib)?\s*$/i.exec(text ?? '');
  if (match === null) return undefined;
  const mebibytes = Math.round(Number(match[1]) * (match[2]?.toLowerCase() === 'gb' ? 1024 : 1));
  return mebibytes > 0 ? mebibytes : undefined;
}
