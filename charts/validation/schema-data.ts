import type { KubernetesVersion } from '../port/kubernetes-version.js';

/**
 * One node of a stored schema: the part of OpenAPI v3 that decides whether a manifest is valid, without prose.
 * `$ref` names a definition directly (`core.v1.Container`), not by pointer.
 */
export interface SchemaNode {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly enum?: readonly unknown[];
  /** `int32`, `int64`, `byte` (base64), `date-time`, `quantity` (this project's name for a Kubernetes quantity) … */
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly nullable?: boolean;
  readonly allOf?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly not?: SchemaNode;
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
  /** The fields that tell the items of a list apart; server-side apply refuses two items that agree in all of them. */
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  /** What a key field counts as when it is left out, such as `protocol: TCP`. */
  readonly 'x-key-defaults'?: Readonly<Record<string, unknown>>;
  readonly 'x-kubernetes-list-type'?: 'set';
  /** Rules in CEL, which only an API server evaluates. */
  readonly 'x-kubernetes-validations'?: readonly object[];
}

/** One form of a definition and the versions that have it in this form. */
export interface DefinitionVariant {
  readonly versions: readonly KubernetesVersion[];
  readonly schema: SchemaNode;
}

/** `schemas/kubernetes.generated.json`: the built-in kinds of all target versions. */
export interface KubernetesSchemas {
  /** The Go module version each target was read from, such as `k8s.io/kubernetes@v1.36.3`. */
  readonly sources: Readonly<Record<string, string>>;
  /** `apps/v1 Deployment` to the name of its definition. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly definitions: Readonly<Record<string, readonly DefinitionVariant[]>>;
}

/** How the API server addresses the objects of a custom resource. Source: CustomResourceDefinition `spec`. */
export interface CustomResourceNames {
  readonly plural: string;
  readonly namespaced: boolean;
}

/** `schemas/custom-resources.generated.json`: the custom resources that manifests may use, the same for every target. */
export interface CustomResourceSchemas {
  readonly sources: readonly string[];
  /** `keda.sh/v1alpha1 ScaledObject` to its schema; `metadata` is left out and stands for Kubernetes's own. */
  readonly kinds: Readonly<Record<string, SchemaNode>>;
  /** How the API server addresses each of `kinds`. */
  readonly resources: Readonly<Record<string, CustomResourceNames>>;
  /** Parts that occur more than once. */
  readonly definitions: Readonly<Record<string, SchemaNode>>;
}
