// Completes the decision about a job with its objects as YAML and what the API server says to each.

import type { KubernetesObject } from '@kubernetes/client-node'
import type { ExplainedObject, Explanation } from '../../../launcher/plugin.ts'
import type { Decision } from './decide.ts'
import type { Objects } from '../manifests/job-objects.ts'
import { dryRunOnServer, type Answer, type DryRunDependencies, type Kind } from './server-dry-run.ts'
import { valueOrigins, type CompletedWith } from './value-origins.ts'
import { objectYaml, withoutValues, type PartOrigin } from './object-yaml.ts'

interface Made {
  readonly kind: Kind
  readonly object: KubernetesObject
  readonly shown: object
  readonly origins: readonly PartOrigin[]
}

/** Nothing is made. A job that is refused before has no objects, and the API server is not asked. */
export async function explain ({ objects, given, ...told }: Decision, parts: DryRunDependencies): Promise<Explanation> {
  if (objects === undefined) return { ...told, objects: [] }
  const made = madeOf(objects, given)
  const answers = await Promise.all(made.map(({ kind, object }) => dryRunOnServer(kind, object, parts)))
  const refusals = [...told.refusals, ...answers.flatMap(({ refusal }) => refusal ?? [])]
  const { admitted, ...rest } = told
  return {
    ...rest,
    ...(admitted !== undefined && refusals.length === 0 && { admitted }),
    refusals,
    objects: made.map((each, index) => explained(each, answers[index]!))
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
