import type { Field } from '../ecs/field.js';

const SUPPLY = 'give the value, for example with --parameter NAME=VALUE, and port again';

/**
 * Marks a number, boolean or choice whose value the input leaves open (an unresolved `Ref`), and says what stands for it.
 * A field whose value is known, or that is absent, is left alone.
 *
 * @param instead what the manifests have instead: `replicas is 1`
 * @returns whether the value is not known
 * @example if (!defaulted(count, 'replicas is 1')) count.same('Deployment.spec.replicas');
 */
export function defaulted<T>(field: Field<T>, instead: string): boolean {
  if (field.placeholder === undefined) return false;
  field.near([], `the value of ${field.placeholder} is not known; ${instead}`, SUPPLY);
  return true;
}

/**
 * As {@link defaulted}, for a structure or list whose whole content the input leaves open: nothing of it is carried.
 */
export function unread<T>(field: Field<T>): boolean {
  if (field.placeholder === undefined) return false;
  field.none(`the value of ${field.placeholder} is not known, so nothing of it is carried`, SUPPLY);
  return true;
}
