// Explains a decision: each limit and image with the line that sets it, and each object as YAML with the API server's
// verdict, and its verdict on the pod.

import type { KubernetesObject, V1Job } from '@kubernetes/client-node'
import type { DecidedLimit, Decision, ExplainedObject } from '../../../launcher/plugin.ts'
import type { Decided } from './decide.ts'
import type { Objects } from '../manifests/job-objects.ts'
import { expectedWait } from './expected-wait.ts'
import { explainImage } from './explain-image.ts'
import { dryRunOnServer, type DryRunResult, type DryRunDependencies, type Kind } from './server-dry-run.ts'
import { valueOrigins, type CompletedWith } from './value-origins.ts'
import { objectYaml, withoutValues, type PartOrigin } from './object-yaml.ts'
import { podOfJob } from '../objects/pod-of-job.ts'

interface BuiltObject {
  readonly kind: Kind
  readonly object: KubernetesObject
  readonly shown: object
  readonly origins: readonly PartOrigin[]
}

/**
 * Creates nothing. For a job that is already refused, no objects are built and the API server is not called. A job
 * that the API server refuses is not admitted.
 */
export async function explain (decided: Decided, dependencies: DryRunDependencies): Promise<Decision> {
  const { admitted, objects, submission: requested, appliedProfile, image, selected, imageRefusal, defaultImage } =
    decided
  const { resourceProfile } = appliedProfile
  const limits = appliedProfile.limits.map(({ refusal: _refusal, ...limit }): DecidedLimit => limit)
  const completedWith = { requested, limits, resourceProfile, definition: selected?.definition, defaultImage }
  const built = objects === undefined ? [] : builtObjects(objects, completedWith)
  const asked = built.map(({ kind, object }) => dryRunOnServer(kind, object, dependencies))
  const pod = objects === undefined ? undefined : await askForPod(objects.job, await asked[0]!, dependencies)
  const answers = await Promise.all(asked)
  const wait = decided.outputWait ?? expectedWait([
    ...built.map(({ kind }, index) => [kind, answers[index]!] as const),
    ...(pod === undefined ? [] : [['Pod', pod] as const])
  ])
  const refusals = [...decided.refusals, ...[...answers, pod].flatMap(answer => answer?.refusal ?? [])]
  return {
    ...(admitted !== undefined && refusals.length === 0 && { admitted }),
    refusals,
    explanation: {
      limits,
      ...(resourceProfile !== undefined && {
        resourceProfile: { name: resourceProfile.name, file: resourceProfile.file, line: resourceProfile.line }
      }),
      image: explainImage({ requested, image, selected, refusal: imageRefusal, defaultImage }),
      objects: [
        ...built.map((each, index) => explainedObject(each, answers[index]!)),
        ...(pod === undefined ? [] : [explainedPod(objects!.job, pod)])
      ],
      ...(wait !== undefined && { expectedWait: wait })
    }
  }
}

/** The pod is that of the Job as the API server would store it, if it is accepted. */
async function askForPod (
  built: V1Job,
  { verdict, stored }: DryRunResult,
  dependencies: DryRunDependencies
): Promise<DryRunResult> {
  if (verdict.state === 'unknown') return { verdict }
  return await dryRunOnServer('Pod', podOfJob(stored as V1Job | undefined ?? built), dependencies)
}

/** Without text: the Job has the pod as its template, and a pod of its own would run the program twice. */
function explainedPod (job: V1Job, { verdict }: DryRunResult): ExplainedObject {
  return { kind: 'Pod', name: podOfJob(job).metadata!.name!, origins: [], verdict }
}

/** In the order in which they are created. */
function builtObjects ({ job, secret, service, origins }: Objects, completedWith: CompletedWith): BuiltObject[] {
  const originsOf = (kind: Kind): PartOrigin[] => origins.filter(origin => origin.kind === kind)
  return [
    {
      kind: 'Job',
      object: job,
      shown: job,
      origins: [...originsOf('Job'), ...valueOrigins(job, completedWith, originsOf('Job'))]
    },
    ...(secret === undefined
      ? []
      : [{ kind: 'Secret', object: secret, shown: withoutValues(secret), origins: [] } as const]),
    ...(service === undefined
      ? []
      : [{ kind: 'Service', object: service, shown: service, origins: originsOf('Service') } as const])
  ]
}

function explainedObject ({ kind, object, shown, origins }: BuiltObject, { verdict }: DryRunResult): ExplainedObject {
  return {
    kind,
    name: object.metadata!.name!,
    text: objectYaml(shown, origins),
    origins: origins.map(({ pointer, origin }) => ({ pointer, ...origin })),
    verdict
  }
}
