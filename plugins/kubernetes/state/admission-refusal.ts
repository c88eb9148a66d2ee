// Recognizes the rules with which a cluster refuses an object, from the words of the API server. Pure and total.

/**
 * What can change the refusal. `rule`: only the operator, because the rule looks at nothing but the object. `decision`:
 * a webhook or a policy, which may decide otherwise later: a policy can look at parameters, at the namespace and at the
 * time. `condition`: something is missing, or does not answer yet.
 */
export type RefusedBy = 'rule' | 'decision' | 'condition'

export interface AdmissionRefusal {
  readonly by: RefusedBy
  /** Completes a sentence that begins with the refusal, without a full stop. Names the rule. */
  readonly why: string
}

interface Rule {
  readonly pattern: RegExp
  readonly by: RefusedBy
  why (namespace: string, ...groups: string[]): string
}

/** How a validating policy begins its refusal, and a mutating one. */
const POLICY = /(?:ValidatingAdmissionPolicy|\bpolicy) '([^']+)' with binding '([^']+)' denied request/

/** The first that matches counts. */
const RULES: readonly Rule[] = [
  {
    pattern: new RegExp(`${POLICY.source}: failed to configure`),
    by: 'condition',
    why: (_, policy, binding) => `the policy ${policy} cannot be applied with its binding ${binding}`
  },
  {
    pattern: /\bpolicy '([^']+)' with binding '[^']+' denied request: expression /,
    by: 'condition',
    why: (_, policy) => `the mutating policy ${policy} cannot be applied`
  },
  {
    pattern: POLICY,
    by: 'decision',
    why: (_, policy) => `the policy ${policy} forbids it`
  },
  {
    pattern: /admission webhook "([^"]+)" denied the request/,
    by: 'decision',
    why: (_, webhook) => `the admission webhook ${webhook} denies it`
  },
  {
    pattern: /failed calling webhook "([^"]+)"/,
    by: 'condition',
    why: (_, webhook) => `the admission webhook ${webhook} cannot be asked`
  },
  {
    pattern: /violates PodSecurity "([^"]+)"/,
    by: 'rule',
    why: (namespace, level) => `the Pod Security level ${level} of the namespace ${namespace} forbids it`
  },
  {
    pattern: /failed quota: ([^:\s]+): must specify ([^]*)/,
    by: 'rule',
    why: (namespace, quota, fields) =>
      `the quota ${quota} of the namespace ${namespace} requires a value for ${requiredFields(fields!)}`
  },
  {
    pattern: /\b(?:maximum|minimum) \S+ usage per |\blimit to request ratio per /,
    by: 'rule',
    why: namespace => `a LimitRange of the namespace ${namespace} forbids it`
  },
  {
    // The API server has checked the Job, so a rule of the namespace or another client changed the pod.
    pattern: /^(?:.*Error creating: )?Pod "[^"]*" is invalid: /,
    by: 'rule',
    why: () => 'its fields are not valid'
  },
  {
    pattern: /no PriorityClass with name (\S+) was found/,
    by: 'condition',
    why: (_, name) => `no PriorityClass named ${name} exists`
  },
  {
    pattern: /RuntimeClass "([^"]+)" not found/i,
    by: 'condition',
    why: (_, name) => `no RuntimeClass named ${name} exists`
  },
  {
    pattern: /error looking up service account \S+: serviceaccount "([^"]+)" not found/,
    by: 'condition',
    why: (namespace, name) => `the service account ${name} does not exist in the namespace ${namespace}`
  }
]
/** Other reasons for which the API server says "forbidden". */
const NO_RULE = /User "[^"]*" cannot |is being terminated|exceeded quota|not yet ready to handle request/
/** Rules that are not in the table, such as those of other admission plugins. */
const OTHER_RULE: AdmissionRefusal = { by: 'condition', why: 'a rule of the cluster forbids it' }

/** Whether the pod violates the Pod Security level of the namespace. */
export function isViolation (message: string): boolean {
  return message.includes('violates PodSecurity "')
}

/** Returns undefined if the message is not that of a rule. `namespace`: that of the object. */
export function admissionRefusalOf (message: string, namespace: string): AdmissionRefusal | undefined {
  for (const { pattern, by, why } of RULES) {
    const match = pattern.exec(message)
    if (match !== null) return { by, why: why(namespace, ...match.slice(1)) }
  }
  return isOtherRule(message) ? OTHER_RULE : undefined
}

/** Whether the message is that of a rule. */
export function isAdmissionRefusal (message: string): boolean {
  return isOtherRule(message) || RULES.some(({ pattern }) => pattern.test(message))
}

function isOtherRule (message: string): boolean {
  return / is forbidden: /.test(message) && !NO_RULE.test(message)
}

/** `limits.memory for: content; requests.cpu for: content` lists a field with the containers that lack it. */
function requiredFields (list: string): string {
  const fields = list.split(' for: ').slice(0, -1).map(part => part.trim().split(' ').at(-1)!)
  return fields.length === 0 ? list.trim() : fields.join(', ')
}
