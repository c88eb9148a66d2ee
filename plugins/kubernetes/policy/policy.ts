// The policy of a cluster: the operator's files that decide who may use what, and what the objects of jobs contain.

import type { V1Toleration } from '@kubernetes/client-node'
import { deepFreeze } from '../../../launcher/lib/deep-freeze.ts'
import {
  openPolicyReloader,
  type PolicyReloader,
  type PolicyReloaderOptions
} from '../../../launcher/plugin-kit/policy-reloader.ts'
import { suggest } from '../../../launcher/lib/closest-match.ts'
import { besideFile, policyText, type ReadFile } from '../../../launcher/lib/policy-file.ts'
import { problemsError, type Problem } from '../../../launcher/lib/problem.ts'
import { withOutputSetting } from '../../../launcher/plugin-kit/output-limit.ts'
import { readProfiles } from '../../../launcher/plugin-kit/profiles.ts'
import type { Subject } from '../../../launcher/plugin.ts'
import type { PolicyConfig } from '../config/config.ts'
import { parseDefinitions, type DefinitionText, type ImageDefinition } from '../images/definition.ts'
import { parseOverrideValue } from './override-value.ts'
import { PROFILE_KEYS, type KubernetesProfiles } from './profile-keys.ts'
import { parseResourceProfiles, type ResourceProfile } from './resource-profiles.ts'
import { checkRuntimeDelivery } from './runtime-delivery.ts'
import { parseTolerations } from './tolerations.ts'
import type { Bases } from '../manifests/bases.ts'
import type { FromProfile } from '../manifests/job-objects.ts'
import type { Override } from '../manifests/json-override.ts'
import { reservedFields, type ReservedField } from '../manifests/reserved-fields.ts'
import { reservedByOverride } from '../manifests/check-reserved.ts'
import { traced } from '../manifests/traced-value.ts'
import { readPointer } from '../manifests/json-pointer.ts'
import { readBases } from '../manifests/read-bases.ts'

/** Immutable. One policy decides a job, from its admission to its objects. */
export interface Policy {
  readonly profiles: KubernetesProfiles
  /** In the order of the file. */
  readonly resourceProfiles: readonly ResourceProfile[]
  /** In the order of the files. */
  readonly images: readonly ImageDefinition[]
  /** The manifests on which the objects of jobs are built. */
  readonly bases: Bases
  /** The tolerations of all profiles. `tolerationsFor` returns a user's. */
  readonly tolerations: readonly Tolerations[]
  /** The overrides of all profiles, in the order of the lines and within each line. `overridesFor` returns a user's. */
  readonly overrides: readonly Override[]
}

/** The tolerations of one line of a profile. */
export interface Tolerations extends FromProfile<readonly V1Toleration[]> {
  /** The file that the line names, which holds the tolerations. */
  readonly valueFile: string
}

/** Keys of the conf file that name the policy's files. */
const POLICY_FILES = {
  'profile-config': 'profilesFile',
  'resource-config': 'resourcesFile',
  'cluster-definition': 'definitionFiles',
  'job-base': 'jobBase',
  'service-base': 'serviceBase'
} as const satisfies Readonly<Record<string, keyof PolicyConfig>>

/** The key of the conf file that names a file; undefined for a file that another file names. */
export function policyKeyOf (config: PolicyConfig, file: string): string | undefined {
  return Object.entries(POLICY_FILES).find(([, name]) => [config[name]].flat().includes(file))?.[0]
}

/** Rejects with the error of `problemsError`, which lists all problems of all files. */
export async function loadPolicy (config: PolicyConfig, read: ReadFile): Promise<Policy> {
  const problems: Problem[] = []
  const ofFile = await readProfiles(PROFILE_KEYS, config.profilesFile, read, problems)
  const profiles = withOutputSetting(ofFile, config.outputLimit)
  const resourceProfiles = await readResourceProfiles(config.resourcesFile, read, problems)
  checkResourceProfileNames(profiles, resourceProfiles, config.resourcesFile, problems)
  checkRuntimeDelivery(ofFile, config.runtime, problems)
  const tolerations = await readTolerations(profiles, read, problems)
  const overrides = await readOverrides(profiles, reservedFields('Job', config.runtime?.mountPath), read, problems)
  const images = await readImages(config.definitionFiles ?? [], read, problems)
  const bases = await readBases(config, images, read, problems)
  if (problems.length > 0) throw problemsError('ConfInvalid', problems)
  return deepFreeze({ profiles, resourceProfiles, images, bases, tolerations, overrides })
}

/** Loads the policy, and reloads it when a file changes. Rejects as `loadPolicy` does. */
export function openPolicy (config: PolicyConfig, options: PolicyReloaderOptions): Promise<PolicyReloader<Policy>> {
  return openPolicyReloader(policyLoader(config), options)
}

/** For `PolicyReloader.replace`, when the configuration names other files. */
export function policyLoader (config: PolicyConfig): (read: ReadFile) => Promise<Policy> {
  return read => loadPolicy(config, read)
}

/** The tolerations that the profiles give the pods of the user's jobs. */
export function tolerationsFor ({ profiles, tolerations }: Policy, { user, groups }: Subject): Tolerations | undefined {
  const line = profiles.valueOf('tolerations-file', user, groups)
  return tolerations.find(source => isSameLine(source, line))
}

/** The overrides that the profiles give the user's jobs, in the order in which they are applied. */
export function overridesFor ({ profiles, overrides }: Policy, { user, groups }: Subject): readonly Override[] {
  const line = profiles.valueOf('job-json-overrides', user, groups)
  return overrides.filter(({ source }) => isSameLine(source, line))
}

function isSameLine (a: Override['source'], b: Override['source'] | undefined): boolean {
  return a.file === b?.file && a.line === b.line
}

async function readResourceProfiles (
  file: string | undefined,
  read: ReadFile,
  problems: Problem[]
): Promise<readonly ResourceProfile[]> {
  const text = file === undefined ? undefined : await policyText(read, file, problems, { mayBeMissing: true })
  return text === undefined ? [] : parseResourceProfiles(text, file!, problems)
}

function checkResourceProfileNames (
  profiles: KubernetesProfiles,
  resourceProfiles: readonly ResourceProfile[],
  resourceFile: string | undefined,
  problems: Problem[]
): void {
  const known = resourceProfiles.map(({ name }) => name)
  for (const { value, file, line } of profiles.every('resource-profiles')) {
    for (const name of value.filter(name => !known.includes(name))) {
      const sections = resourceFile ?? 'a resource-config'
      problems.push({
        file,
        line,
        key: 'resource-profiles',
        problem: `names ${name}, which is not a section of ${sections}${suggest(name, known)}`
      })
    }
  }
}

async function readTolerations (
  profiles: KubernetesProfiles,
  read: ReadFile,
  problems: Problem[]
): Promise<Tolerations[]> {
  const all: Tolerations[] = []
  const parsed = new Map<string, V1Toleration[]>()
  for (const { value: path, ...source } of profiles.every('tolerations-file')) {
    const valueFile = besideFile(source.file, path)
    const text = await policyText(read, valueFile, problems, {
      namedIn: { ...source, key: 'tolerations-file', problem: 'names' }
    })
    if (text === undefined) continue
    if (!parsed.has(valueFile)) parsed.set(valueFile, parseTolerations(text, valueFile, problems))
    all.push({ value: parsed.get(valueFile)!, ...source, valueFile })
  }
  return all
}

async function readOverrides (
  profiles: KubernetesProfiles,
  fields: readonly ReservedField[],
  read: ReadFile,
  problems: Problem[]
): Promise<Override[]> {
  const all: Override[] = []
  const parsed = new Map<string, unknown>()
  for (const { value, ...source } of profiles.every('job-json-overrides')) {
    for (const { pointer, valueFile: path } of value) {
      const valueFile = besideFile(source.file, path)
      const text = await policyText(read, valueFile, problems, {
        namedIn: { ...source, key: 'job-json-overrides', problem: 'names' }
      })
      if (text === undefined) continue
      if (!parsed.has(valueFile)) parsed.set(valueFile, parseOverrideValue(text, valueFile, problems))
      const reserved = reservedByOverride(readPointer(pointer)!, traced(parsed.get(valueFile)), fields)
      if (reserved !== undefined) {
        problems.push({
          ...source,
          key: 'job-json-overrides',
          problem: `has ${pointer} (value in ${valueFile}), which ${reserved}`
        })
      }
      all.push({ pointer, value: parsed.get(valueFile), source, valueFile })
    }
  }
  return all
}

async function readImages (
  files: readonly string[],
  read: ReadFile,
  problems: Problem[]
): Promise<readonly ImageDefinition[]> {
  const texts: DefinitionText[] = []
  for (const file of files) {
    const text = await policyText(read, file, problems)
    if (text !== undefined) texts.push({ file, text })
  }
  return parseDefinitions(texts, problems)
}
