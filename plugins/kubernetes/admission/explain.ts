// Explains a decision: each limit and image with the line that it comes from, and each object as YAML with the API
// server's answer to it.

import type { KubernetesObject } from '@kubernetes/client-node'
import type { DecidedLimit, Decision, ExplainedObject } from '../../../launcher/plugin.ts'
import type { Decided } from './decide.ts'
import type { Objects } from '../manifests/job-objects.ts'
import { explainImage } from './explain-image.ts'
import { dryRunOnServer, type Answer, type DryRunDependencies, type Kind } from './server-dry-run.ts'
import { valueOrigins, type CompletedWith } from './value-origins.ts'
import { objectYaml, withoutValues, type PartOrigin } from './object-yaml.ts'

interface Made {
  readonly kind: Kind
  readonly object: KubernetesObject
  readonly shown: object
  readonly origins: readonly PartOrigin[]
}

/**
 * Creates nothing. For a job that is refused already there are no objects, and the API server is not asked; one that
 * the API server refuses is not admitted.
 */
export async function explain (decided: Decided, dependencies: DryRunDependencies): Promise<Decision> {
  const { admitted, objects, submission: asked, profiled, image, selected, imageRefusal, presetImage } = decided
  const { resourceProfile } = profiled
  const limits = profiled.limits.map(({ refusal: _refusal, ...limit }): DecidedLimit => limit)
  const completedWith = { asked, limits, resourceProfile, definition: selected?.definition, presetImage }
  const made = objects === undefined ? [] : madeOf(objects, completedWith)
  const answers = await Promise.all(made.map(({ kind, object }) => dryRunOnServer(kind, object, dependencies)))
  const refusals = [...decided.refusals, ...answers.flatMap(({ refusal }) => refusal ?? [])]
  return {
    ...(admitted !== undefined && refusals.length === 0 && { admitted }),
    refusals,
    explanation: {
      limits,
      ...(resourceProfile !== undefined && {
        resourceProfile: { name: resourceProfile.name, file: resourceProfile.file, line: resourceProfile.line }
      }),
      image: explainImage({ asked, image, chosen: selected, refusal: imageRefusal, preset: presetImage }),
      objects: made.map((each, index) => explained(each, answers[index]!))
    }
  }
}

/** In the order in which they are made. */
function madeOf ({ job, secret, service, origins }: Objects, given: CompletedWith): Made[] {
  const originsOf = (kind: Kind): PartOrigin[] => origins.filter(origin => origin.kind === kind)
  return [
    {
      kind: 'Job',
      object: job,
      shown: job,
      origins: [...originsOf('Job'), ...valueOrigins(job, given, originsOf('Job'))]
    },
    ...(secret === undefined
      ? []
      : [{ kind: 'Secret', object: secret, shown: withoutValues(secret), origins: [] } as const]),
    ...(service === undefined
      ? []
      : [{ kind: 'Service', object: service, shown: service, origins: originsOf('Service') } as const])
  ]
}

function explained ({ kind, object, shown, origins }: Made, { verdict }: Answer): ExplainedObject {
  return {
    kind,
    name: object.metadata!.name!,
    text: objectYaml(shown, origins),
    origins: origins.map(({ pointer, origin }) => ({ pointer, ...origin })),
    verdict
  }
}
