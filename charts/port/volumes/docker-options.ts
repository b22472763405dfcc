import type { Field } from '../../ecs/field.js';

/** `driverOpts` in the words of mount(8), which the local driver and the volume plugins of AWS share. */
export interface DockerOptions {
  readonly type: string | undefined;
  readonly device: string | undefined;
  /** The `o` option: `addr=10.0.0.1,rw` makes `['addr=10.0.0.1', 'rw']`. */
  readonly flags: readonly string[];
  /** The flags that have a value, by name. */
  readonly mount: ReadonlyMap<string, string>;
  /** Whether the device is a directory of the host. */
  readonly bind: boolean;
  /** Kubernetes quantity of a `size` flag; absent when there is none or it cannot be read. */
  readonly size: string | undefined;
  /** Any other option, by its name in lower case: `volumetype`. */
  readonly other: ReadonlyMap<string, string>;
  /** Says on every option what becomes of it. */
  mark(say: (option: Field<string>) => void): void;
}

/** Reads the options; names are blind to letter case. */
export function dockerOptions(field: Field<Record<string, string>>): DockerOptions {
  const entries = field.entries();
  const values = new Map(entries.map(([key, { value }]) => [key.toLowerCase(), value ?? '']));
  const flags = (values.get('o') ?? '')
    .split(',')
    .map((flag) => flag.trim())
    .filter((flag) => flag !== '');
  const mount = new Map(
    flags
      .filter((flag) => flag.includes('='))
      .map((flag) => [flag.slice(0, flag.indexOf('=')), flag.slice(flag.indexOf('=') + 1)]),
  );
  return {
    type: values.get('type'),
    device: values.get('device'),
    flags,
    mount,
    bind: (flags.includes('bind') || flags.includes('rbind')) && (values.get('device') ?? '') !== '',
    size: quantity(mount.get('size')),
    other: values,
    mark: (say) => {
      for (const [, option] of entries) say(option);
    },
  };
}

/** tmpfs takes `64m`, `1g` and bytes, in powers of two; Kubernetes writes the same as `64Mi`, `1Gi`. */
function quantity(size: string | undefined): string | undefined {
  const match = /^([1-9]\d{0,11})([kmg]?)$/i.exec(size ?? '');
  if (match?.[1] === undefined) return undefined;
  const unit = (match[2] ?? '').toLowerCase();
  return match[1] + (unit === '' ? '' : `${unit.toUpperCase()}i`);
}
