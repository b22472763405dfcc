import { AHEAD_OF_SDK } from './ahead-of-sdk.js';
import generated from './model.generated.json' with { type: 'json' };

/** The type of a field, in the words of the AWS service models. */
export type FieldType =
  | 'string'
  | 'integer'
  | 'double'
  | 'boolean'
  | 'timestamp'
  | 'document'
  | { readonly enum: readonly string[] }
  | { readonly list: FieldType }
  | { readonly map: FieldType }
  | { readonly structure: string };

/** One field of a structure. */
export interface FieldModel {
  readonly type: FieldType;
  readonly required?: boolean;
}

/** The fields of a structure by their API names. */
export type StructureModel = Readonly<Record<string, FieldModel>>;

/** Structures by `client.Name`, such as `ecs.ContainerDefinition`. */
export interface Model {
  readonly structures: Readonly<Record<string, StructureModel>>;
}

/**
 * Fields that CloudFormation adds to or names otherwise than the API, by structure.
 * Source: CloudFormation template reference of AWS::ECS::TaskDefinition and AWS::ECS::Service.
 */
const CLOUDFORMATION_NAMES: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ['ecs.ProxyConfiguration', new Map([['proxyconfigurationproperties', 'properties']])],
]);

const CLOUDFORMATION_FIELDS: ReadonlyMap<string, StructureModel> = new Map([
  ['ecs.CreateServiceRequest', { forceNewDeployment: { type: 'document' } }],
]);

/** Field names of a structure, found whatever their letter case. */
export interface Structure {
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldModel>;
  /** API name by lower-case name. */
  readonly names: ReadonlyMap<string, string>;
}

/** Every structure of {@link Model}, ready for look-up; built once and never changed. */
export const STRUCTURES: ReadonlyMap<string, Structure> = indexStructures(generated as unknown as Model);

/**
 * @throws Error when the model has no such structure: a mistake in a reader, never in the input
 * @example structure('ecs.ContainerDefinition').names.get('portmappings') // 'portMappings'
 */
export function structure(name: string): Structure {
  const found = STRUCTURES.get(name);
  if (found === undefined)
    throw new Error(`the AWS model has no structure ${name}; add it to ROOTS in model/generate.ts`);
  return found;
}

function indexStructures(model: Model): ReadonlyMap<string, Structure> {
  return new Map(
    Object.entries({ ...AHEAD_OF_SDK, ...model.structures }).map(([name, generatedFields]) => {
      const fields = new Map(
        Object.entries({ ...generatedFields, ...AHEAD_OF_SDK[name], ...CLOUDFORMATION_FIELDS.get(name) }),
      );
      const names = new Map([...fields.keys()].map((field) => [field.toLowerCase(), field]));
      for (const [alias, field] of CLOUDFORMATION_NAMES.get(name) ?? []) names.set(alias, field);
      return [name, { name, fields, names }];
    }),
  );
}
