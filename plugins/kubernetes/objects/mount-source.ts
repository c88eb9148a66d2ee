// Refuses sources of mounts that would give a job what no job gets, whatever its user's profile allows: the objects of
// other jobs, and a token. Pure.

import { invalidJob } from '../../../launcher/errors.ts'
import { isLauncherObject } from '../metadata/names.ts'

/** What a `projected` volume of a job may have. A source that Kubernetes adds may carry a credential of the pod. */
const PROJECTED: readonly string[] = ['secret', 'configMap', 'downwardAPI', 'clusterTrustBundle']

/** Longest name of a field in a message, in characters: a user chooses names in a source. */
const LONG_NAME = 200

/** `field` is that of the source. Throws InvalidJob, naming the field inside it. */
export function checkMountSource (field: string, source: Readonly<Record<string, unknown>>): void {
  checkNames(field, source)
  checkProjected(`${field}.projected.sources`, source)
}

/** Checks every text at any depth, because each type of volume names objects in fields of its own. */
function checkNames (field: string, value: unknown): void {
  if (typeof value === 'string') {
    if (!isLauncherObject(value)) return
    throw invalidJob(
      field,
      `${field} is ${value}, the name of an object that the launcher makes for a job; no other job can use it. Pass ` +
      'values in secrets, stdin or environment.'
    )
  }
  if (Array.isArray(value)) value.forEach((item, index) => checkNames(`${field}[${index}]`, item))
  else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) checkNames(`${field}.${key.slice(0, LONG_NAME)}`, part)
  }
}

function checkProjected (field: string, source: Readonly<Record<string, unknown>>): void {
  const { sources } = Object(source.projected) as { sources?: unknown }
  if (!Array.isArray(sources)) return
  sources.forEach((projection: unknown, index) => {
    const key = Object.keys(Object(projection)).find(key => !PROJECTED.includes(key))
    if (key === undefined) return
    const where = `${field}[${index}].${key.slice(0, LONG_NAME)}`
    throw invalidJob(
      where,
      `${where} cannot be mounted; a job can project ${PROJECTED.join(', ')}. A pod gets a token only with a service ` +
      'account that the operator allows (serviceAccount of the job, service-accounts of the profile).'
    )
  })
}
