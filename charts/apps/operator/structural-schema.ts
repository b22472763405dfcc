/** A node of a CustomResourceDefinition's structural schema. Source: Kubernetes `JSONSchemaProps`. */
export interface StructuralSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  /** What `kubectl explain` prints. */
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly format?: 'date-time' | 'int64';
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly 'x-kubernetes-int-or-string'?: true;
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

/** A rule in CEL that the API server evaluates. Source: Kubernetes `ValidationRule`. */
export interface ValidationRule {
  readonly rule: string;
  /** What the user reads: what is wrong and what to do. */
  readonly message: string;
  readonly fieldPath?: string;
}

/** A field and whether an object must have it. */
type Fields = Readonly<Record<string, StructuralSchema>>;

/** What may be said of an object beyond its fields. */
interface ObjectOptions {
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly rules?: readonly ValidationRule[];
}

/** @example object('One budget for all causes.', { maxUnavailable: … }, { default: {} }) */
export function object(description: string, properties: Fields, options: ObjectOptions = {}): StructuralSchema {
  const { required, rules } = options;
  return {
    type: 'object',
    description,
    ...(options.default === undefined ? {} : { default: options.default }),
    ...(required === undefined ? {} : { required }),
    properties,
    ...(rules === undefined ? {} : { 'x-kubernetes-validations': rules }),
  };
}

/** A whole number; units stand in the field's name or in its description. */
export function whole(
  description: string,
  bounds: { readonly minimum: number; readonly maximum?: number; readonly default?: number },
): StructuralSchema {
  return { type: 'integer', format: 'int64', description: withDefault(description, bounds.default), ...bounds };
}

export function flag(description: string, byDefault?: boolean): StructuralSchema {
  return {
    type: 'boolean',
    description: withDefault(description, byDefault),
    ...(byDefault === undefined ? {} : { default: byDefault }),
  };
}

export function text(
  description: string,
  options: Omit<StructuralSchema, 'type' | 'description'> = {},
): StructuralSchema {
  return { type: 'string', description: withDefault(description, options.default), ...options };
}

/** A moment, RFC 3339. */
export function time(description: string): StructuralSchema {
  return { type: 'string', format: 'date-time', description };
}

/** A list that has one writer and is replaced as a whole. */
export function list(description: string, items: StructuralSchema, maxItems?: number): StructuralSchema {
  return {
    type: 'array',
    description,
    items,
    ...(maxItems === undefined ? {} : { maxItems }),
    'x-kubernetes-list-type': 'atomic',
  };
}

const PERCENT = '^[0-9]{1,3}%$';

/**
 * A number of pods from 1, or a share from `1%` to `100%`.
 *
 * The bounds are rules and not a pattern, because a rule can say what to do instead.
 */
export function podsOrPercent(description: string, byDefault: string, ofNothing: string): StructuralSchema {
  return {
    description: withDefault(description, byDefault),
    default: byDefault,
    'x-kubernetes-int-or-string': true,
    maxLength: 4,
    pattern: PERCENT,
    'x-kubernetes-validations': [
      { rule: "type(self) == int ? self > 0 : int(self.replace('%', '')) > 0", message: ofNothing },
      {
        rule: "type(self) == int || int(self.replace('%', '')) <= 100",
        message: 'must not exceed 100%',
      },
    ],
  };
}

/** A share from `1%` to `100%`. */
export function percent(description: string, byDefault: string): StructuralSchema {
  return text(description, {
    default: byDefault,
    maxLength: 4,
    pattern: PERCENT,
    'x-kubernetes-validations': [
      {
        rule: "int(self.replace('%', '')) > 0 && int(self.replace('%', '')) <= 100",
        message: 'must be from 1% to 100%',
      },
    ],
  });
}

/** `kubectl explain` does not print defaults, so the text says them. */
function withDefault(description: string, value: unknown): string {
  return value === undefined
    ? description
    : `${description} Default: ${typeof value === 'string' ? value : JSON.stringify(value)}.`;
}
