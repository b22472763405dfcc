/** Tells a person what is under way. */
export type Progress = (line: string) => void;

/**
 * Progress on a stream, each line headed by the whole seconds since it began.
 *
 * @param write takes one line with its line break
 * @param now milliseconds of a clock that never goes back
 * @example progressTo((line) => process.stderr.write(line), () => performance.now())('starting etcd') // "[   0 s] starting etcd"
 */
export function progressTo(write: (line: string) => void, now: () => number): Progress {
  const began = now();
  return (line) => {
    const seconds = Math.floor((now() - began) / 1000);
    write(`[${String(seconds).padStart(4)} s] ${line}\n`);
  };
}
