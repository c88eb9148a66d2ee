// Reads the objects of one job from the API server, whatever the cache has of them.

import type { Calls } from '../client/client.ts'
import { ignoreNotFound } from '../client/errors.ts'
import { jobsPath, podsPath } from '../client/paths.ts'
import type { KubeObject } from '../client/watch.ts'
import { JOB_NAME_LABEL } from '../metadata/labels.ts'
import { objectName } from '../metadata/names.ts'

interface Where {
  readonly client: Calls
  readonly namespace: string
}

/** Resolves with undefined if the job has no Job. */
export async function readJob<Job = KubeObject> (id: string, { client, namespace }: Where): Promise<Job | undefined> {
  return await ignoreNotFound(client.call<Job>({ method: 'GET', path: `${jobsPath(namespace)}/${objectName(id)}` }))
}

/** Finds the pods by the label of the Job controller, whatever other clients did with those of the launcher. */
export async function readPods (id: string, { client, namespace }: Where): Promise<KubeObject[]> {
  const { items = [] } = await client.call<{ items?: KubeObject[] }>({
    method: 'GET',
    path: podsPath(namespace),
    query: { labelSelector: `${JOB_NAME_LABEL}=${objectName(id)}` }
  })
  return items
}
