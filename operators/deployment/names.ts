/** Names that the circuit breaker writes under; the annotation that it reads is in `charts/port/annotations.ts`. */
export const DEPLOYMENT = {
  /** Field manager of everything that it writes. */
  fieldManager: 'tranship-deployment',
  /** On Deployments: JSON, see `DeploymentState`. */
  stateAnnotation: 'tranship.dev/deployment-state',
} as const;
