import type { SourceNode } from '../../source/source-node.js';
import { at, implied, made, textOf } from '../derived/nodes.js';
import type { Manifest } from './manifest.js';

/**
 * The image of a container: `location`, or, where Copilot builds one, the parameter `image.WORKLOAD` (for a sidecar
 * `image.WORKLOAD.SIDECAR`), since building and pushing is nothing that manifests can do.
 *
 * @param section `image` of the workload or of a sidecar: a text, or a map with `build` or `location`
 * @param where where the container stands when it has no image section
 */
export function imageOf(
  manifest: Manifest,
  section: SourceNode | undefined,
  container: string,
  where: SourceNode,
): SourceNode | undefined {
  const location = section?.kind === 'scalar' ? section : at(section, 'location');
  const text = textOf(location);
  const build = at(section, 'build');
  if (location !== undefined && text !== undefined && text !== '') {
    manifest.coverage.near(build, ['Container.image'], 'location is given too and is used instead');
    return location.kind === 'scalar' && location.value === text ? location : made(text, location);
  }
  const subject = container === manifest.name ? container : `${manifest.name}.${container}`;
  if (build === undefined) {
    manifest.say(
      'refused',
      'missing-field',
      section ?? where,
      `container ${container} has neither image.build nor image.location`,
      'image',
    );
    return undefined;
  }
  const parameter = `image.${subject}`;
  const known = manifest.options.parameters.get(parameter);
  if (known !== undefined) {
    manifest.coverage.same(
      build,
      ['Container.image'],
      `built and pushed outside; the image is that of --parameter ${parameter}`,
    );
    return implied(known, build);
  }
  manifest.coverage.near(
    build,
    ['Container.image'],
    'Copilot builds and pushes this image when it deploys, kubectl does not',
    `build and push the image and pass --parameter ${parameter}=URI`,
  );
  return manifest.parameter(parameter, `\${image of ${subject}}`, build);
}
