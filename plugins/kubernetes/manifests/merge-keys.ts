// How lists are merged: the table of those that Kubernetes merges item by item, and by which keys. All others are
// replaced.

/** Items that agree in all keys of `by` are one. */
export interface KeyedList {
  readonly by: readonly string[]
  /** What a key counts as that is not there; a key without it has to be there. */
  readonly absent?: Readonly<Record<string, string>>
  /** An item replaces the former one instead of being merged with it, because its fields exclude each other. */
  readonly whole?: true
}

/** Terms of which one must hold: both the former and the later condition must, so each term is joined with each. */
export const BOTH = 'both'

export type ListRule = KeyedList | typeof BOTH

const NAME: KeyedList = { by: ['name'] }
const PORT_DEFAULTS = { protocol: 'TCP' }

const OF_CONTAINER: Readonly<Record<string, ListRule>> = {
  env: { by: ['name'], whole: true },
  ports: { by: ['containerPort', 'protocol'], absent: PORT_DEFAULTS },
  volumeMounts: { by: ['mountPath'], whole: true },
  volumeDevices: { by: ['devicePath'] },
  'resources.claims': { by: ['name'] }
}

const OF_POD: Readonly<Record<string, ListRule>> = {
  containers: NAME,
  initContainers: NAME,
  ...under('containers[]', OF_CONTAINER),
  ...under('initContainers[]', OF_CONTAINER),
  volumes: { by: ['name'], whole: true },
  imagePullSecrets: NAME,
  hostAliases: { by: ['ip'] },
  tolerations: {
    by: ['key', 'operator', 'value', 'effect'],
    absent: { key: '', operator: 'Equal', value: '', effect: '' }
  },
  topologySpreadConstraints: { by: ['topologyKey', 'whenUnsatisfiable'] },
  resourceClaims: NAME,
  schedulingGates: NAME,
  'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms': BOTH
}

/** By the path of the list; `[]` stands for each item. */
export const MERGE_KEYS: Readonly<Record<string, ListRule>> = {
  ...under('spec.template.spec', OF_POD),
  'spec.ports': { by: ['port', 'protocol'], absent: PORT_DEFAULTS }
}

function under (path: string, rules: Readonly<Record<string, ListRule>>): Record<string, ListRule> {
  return Object.fromEntries(Object.entries(rules).map(([key, rule]) => [`${path}.${key}`, rule]))
}
