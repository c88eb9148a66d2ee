// Finds out whether the cluster supports image volumes: whether the API server keeps them, and what the nodes run.

import type { V1Job, V1Node } from '@kubernetes/client-node'
import type { Calls } from '../client/client.ts'
import { dryRun } from '../client/dry-run.ts'
import { isForbidden, KubeApiError } from '../client/errors.ts'
import { jobsPath, NODES_PATH } from '../client/paths.ts'
import { quoted } from '../client/server-message.ts'
import { IMAGE_VOLUMES_MINOR, minorOf, VERSION_PATH, type ServerVersion } from '../client/server-version.ts'
import type { RuntimeComponents } from '../config/runtime.ts'
import { lostImageVolume } from '../objects/image-volume.ts'
import { runtimeParts } from '../objects/runtime-components.ts'
import { containerSecurity } from '../objects/security-context.ts'
import { nodeSupport, type NodeSupport } from './node-runtimes.ts'
import type { Wire } from '../client/wire.ts'

export interface ImageVolumeSupport {
  /** Why the API server does not support them, as a sentence without its period; undefined if it does. */
  readonly serverProblem?: string
  /** What the nodes report; undefined if the launcher has no right to read them, or the server has no support. */
  readonly nodes?: NodeSupport
}

interface Pages {
  readonly items: ReadonlyArray<Wire<V1Node>>
  readonly metadata?: { readonly continue?: string }
}

const DEADLINE_MS = 5000
const NODES_PER_PAGE = 250

/** Rejects with KubeApiError or NoAnswerError if the server does not tell. */
export async function readImageVolumeSupport (
  client: Calls, namespace: string, runtime: RuntimeComponents
): Promise<ImageVolumeSupport> {
  const serverProblem = await readServerProblem(client, namespace, runtime)
  if (serverProblem !== undefined) return { serverProblem }
  const nodes = await readNodes(client, runtime.imagePath !== '/')
  return { ...(nodes !== undefined && { nodes }) }
}

/** A dry run of a Job shows it: a server without support drops the volume, or refuses a mount of a folder of it. */
async function readServerProblem (
  client: Calls, namespace: string, runtime: RuntimeComponents
): Promise<string | undefined> {
  const trial = trialJob(runtime)
  try {
    const stored = await dryRun<V1Job>(client, jobsPath(namespace), trial, DEADLINE_MS)
    if (!lostImageVolume(trial, stored)) return undefined
    const { gitVersion } = await readVersion(client)
    return `The API server (${versionText(gitVersion)}) drops image volumes: its feature gate ImageVolume is off`
  } catch (error) {
    if (!(error instanceof KubeApiError)) throw error
    if (error.status === 422) {
      return `The API server does not accept an image volume${quoted('Kubernetes', error.serverMessage)}`
    }
    if (![400, 403, 404].includes(error.status)) throw error
    return await problemOfVersion(client, error)
  }
}

/** For a server that refuses the trial for another reason, such as a quota or a webhook. */
async function problemOfVersion (client: Calls, { serverMessage }: KubeApiError): Promise<string | undefined> {
  const version = await readVersion(client)
  if ((minorOf(version) ?? 0) >= IMAGE_VOLUMES_MINOR) return undefined
  return `Whether the API server (${versionText(version.gitVersion)}) supports image volumes cannot be ` +
    `checked${quoted('Kubernetes', serverMessage)}`
}

function versionText (gitVersion: unknown): string {
  return `Kubernetes ${typeof gitVersion === 'string' ? gitVersion : 'of an unknown version'}`
}

function readVersion (client: Calls): Promise<ServerVersion> {
  return client.call({ method: 'GET', path: VERSION_PATH, noRetry: true, deadlineMs: DEADLINE_MS })
}

function trialJob (runtime: RuntimeComponents): V1Job {
  const { volumes, volumeMounts } = runtimeParts({ ...runtime, delivery: 'image-volume' }, undefined)
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { generateName: 'job-launcher-trial-' },
    spec: {
      template: {
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'trial',
              image: runtime.image,
              securityContext: containerSecurity('restricted'),
              volumeMounts: [...volumeMounts]
            }
          ],
          volumes: [...volumes]
        }
      }
    }
  }
}

async function readNodes (client: Calls, folder: boolean): Promise<NodeSupport | undefined> {
  const nodes: Array<Wire<V1Node>> = []
  let next: string | undefined
  try {
    do {
      const page: Pages = await client.call({
        method: 'GET',
        path: NODES_PATH,
        query: { limit: NODES_PER_PAGE, continue: next },
        noRetry: true,
        deadlineMs: DEADLINE_MS
      })
      nodes.push(...page.items)
      next = page.metadata?.continue || undefined
    } while (next !== undefined)
  } catch (error) {
    if (isForbidden(error)) return undefined
    throw error
  }
  const linux = nodes.filter(({ status }) => status?.nodeInfo?.operatingSystem !== 'windows')
  return nodeSupport(linux.map(nodeInfo), folder)
}

function nodeInfo ({ metadata, status }: Wire<V1Node>) {
  const { kubeletVersion = '', containerRuntimeVersion = '' } = status?.nodeInfo ?? {}
  return { name: metadata?.name ?? '', kubelet: kubeletVersion, runtime: containerRuntimeVersion }
}
