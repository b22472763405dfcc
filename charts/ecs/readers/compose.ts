import type { EcsInput, InputDocument, Reader, ReadOptions } from '../input.js';
import type { Service, TaskDefinition } from '../model/ahead-of-sdk.js';
import { positionOf } from '../source/source-node.js';
import { treeOf } from '../tree.js';
import { composeOf, isCompose, isParams, paramsOf } from './compose/pairing.js';
import { Project } from './compose/project.js';
import { serviceOf, taskDefinitionOf } from './compose/task.js';
import { markTopLevel } from './compose/unsupported.js';
import { PARAMS_VOCABULARY, VOCABULARY } from './compose/vocabulary.js';
import { Coverage } from './derived/coverage.js';
import { at } from './derived/nodes.js';

/**
 * Reads a compose file, with the `ecs-params.yml` beside it, as ecs-cli did: all services are containers of one task
 * definition, which bears the name of the project or of the folder. A service is added when `run_params` or replicas say
 * something of it. `ecs-params.yml` alone names no image and is refused.
 *
 * Variables and images that are built stay named placeholders unless `options.parameters` has them.
 *
 * Source: Compose specification; Amazon ECS Developer Guide, "Using Docker Compose file syntax" and "Using Amazon ECS
 * parameters"; aws/amazon-ecs-cli.
 *
 * @example composeReader.read({ path: 'shop/compose.yaml', root }, input, options); input.taskDefinitions[0]?.family // 'shop'
 */
export const composeReader: Reader = {
  form: 'compose file',

  recognizes(document: InputDocument): boolean {
    return isParams(document) || isCompose(document);
  },

  read(document: InputDocument, input: EcsInput, options: ReadOptions): void {
    if (isParams(document)) readParams(document, input, options);
    else readCompose(document, input, options);
  },
};

function readCompose(document: InputDocument, input: EcsInput, options: ReadOptions): void {
  const coverage = new Coverage(input.ledger);
  const params = paramsOf(document, options.siblings);
  const project = new Project(document, params, options, coverage);
  markTopLevel(project);
  coverage.same(at(project.params, 'version'), [], 'the version of the file format');
  const family = treeOf<TaskDefinition>(input.ledger, taskDefinitionOf(project), 'ecs.RegisterTaskDefinitionRequest');
  coverage.derived(family.field);
  const item = { document: document.path, ids: [project.name] };
  const derived = serviceOf(project);
  if (derived !== undefined) {
    const service = treeOf<Service>(input.ledger, derived, 'ecs.CreateServiceRequest');
    coverage.derived(service.field);
    const { field: definition, diagnostics } = service;
    input.services.push({ ...item, name: project.name, taskDefinition: project.name, definition, diagnostics });
  }
  project.diagnostics.push(...coverage.refuseRest(document.root, 'a compose file', VOCABULARY));
  if (params !== undefined) {
    project.diagnostics.push(...coverage.refuseRest(params.root, 'ecs-params.yml', PARAMS_VOCABULARY));
  }
  const diagnostics = [...project.diagnostics, ...family.diagnostics];
  input.taskDefinitions.push({ ...item, family: project.name, definition: family.field, diagnostics });
  project.addPlaceholders(input, (name) => `--parameter ${name}=${name.startsWith('image.') ? 'URI' : 'VALUE'}`);
}

function readParams(document: InputDocument, input: EcsInput, options: ReadOptions): void {
  // With a compose file beside it, that document's reading takes this one along.
  if (composeOf(document, options.siblings) !== undefined) return;
  const beside = options.siblings.some((sibling) => isCompose(sibling));
  const message = beside
    ? 'ecs-params belongs to the compose file of its folder, and that folder has none that takes it'
    : 'ecs-params needs its compose file: it names no image';
  new Coverage(input.ledger).none(document.root, `not read: ${message}`, 'give the path of the compose file too');
  input.diagnostics.push({
    severity: 'refused',
    code: 'missing-compose-file',
    message,
    position: positionOf(document.root),
    fix: 'give the path of the compose file too, or put both into one folder and give that',
  });
}
