// The lists that Kubernetes merges item by item, with their merge keys. All other lists are replaced.

/** Items with the same values for all `keys` are merged into one. */
export interface KeyedList {
  readonly keys: readonly string[]
  /** Values of missing keys. A key without a default is required. */
  readonly defaults?: Readonly<Record<string, string>>
  /** A later item replaces the earlier one instead of being merged with it, because its fields exclude each other. */
  readonly replace?: true
}

/**
 * The rule for a list of alternative terms, one of which must hold. The conditions of both lists must hold, so each
 * term of one list is combined with each term of the other.
 */
export const CROSS_JOIN = 'crossJoin'

export type ListRule = KeyedList | typeof CROSS_JOIN

const NAME: KeyedList = { keys: ['name'] }
const PORT_DEFAULTS = { protocol: 'TCP' }

const CONTAINER_LISTS: Readonly<Record<string, ListRule>> = {
  env: { keys: ['name'], replace: true },
  ports: { keys: ['containerPort', 'protocol'], defaults: PORT_DEFAULTS },
  volumeMounts: { keys: ['mountPath'], replace: true },
  volumeDevices: { keys: ['devicePath'] },
  'resources.claims': { keys: ['name'] }
}

const POD_LISTS: Readonly<Record<string, ListRule>> = {
  containers: NAME,
  initContainers: NAME,
  ...under('containers[]', CONTAINER_LISTS),
  ...under('initContainers[]', CONTAINER_LISTS),
  volumes: { keys: ['name'], replace: true },
  imagePullSecrets: NAME,
  hostAliases: { keys: ['ip'] },
  tolerations: {
    keys: ['key', 'operator', 'value', 'effect'],
    defaults: { key: '', operator: 'Equal', value: '', effect: '' }
  },
  topologySpreadConstraints: { keys: ['topologyKey', 'whenUnsatisfiable'] },
  resourceClaims: NAME,
  schedulingGates: NAME,
  'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms': CROSS_JOIN
}

/** Keyed by the path of the list, in which `[]` stands for each item. */
export const MERGE_KEYS: Readonly<Record<string, ListRule>> = {
  ...under('spec.template.spec', POD_LISTS),
  'spec.ports': { keys: ['port', 'protocol'], defaults: PORT_DEFAULTS }
}

function under (path: string, rules: Readonly<Record<string, ListRule>>): Record<string, ListRule> {
  return Object.fromEntries(Object.entries(rules).map(([key, rule]) => [`${path}.${key}`, rule]))
}
