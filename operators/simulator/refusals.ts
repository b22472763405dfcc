import { ApiError } from '../runtime/api-error.js';
import type { Resource } from '../runtime/resource.js';

/** What the API server answers when it says no, in its own words. Source: apimachinery/pkg/api/errors. */

function qualified(resource: Resource): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

export function notFound(resource: Resource, name: string): ApiError {
  return new ApiError('NotFound', `${qualified(resource)} ${JSON.stringify(name)} not found`, { status: 404 });
}

export function alreadyExists(resource: Resource, name: string): ApiError {
  return new ApiError('AlreadyExists', `${qualified(resource)} ${JSON.stringify(name)} already exists`, {
    status: 409,
  });
}

/** @param why what does not hold */
export function conflict(resource: Resource, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} ${JSON.stringify(name)}: ${why}`;
  return new ApiError('Conflict', message, { status: 409 });
}

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export function invalid(message: string): ApiError {
  return new ApiError('Invalid', message, { status: 422 });
}

export function badRequest(message: string): ApiError {
  return new ApiError('Invalid', message, { status: 400 });
}

export function gone(message: string): ApiError {
  return new ApiError('Gone', message, { status: 410 });
}

/** @param cause the words of the disruption budget */
export function disruptionBudget(cause: string): ApiError {
  const message = `Cannot evict pod as it would violate the pod's disruption budget. ${cause}`;
  return new ApiError('DisruptionBudget', message, { status: 429 });
}
