import t, { type Test } from 'tap'
import { Value } from 'typebox/value'
import type { Finding } from '../../../../launcher/plugin.ts'
import { kubernetesConfigOf } from '../../../../plugins/kubernetes/config/config.ts'
import { KubernetesKeys } from '../../../../plugins/kubernetes/config/keys.ts'
import { checkPodSecurity } from '../../../../plugins/kubernetes/doctor/pod-security.ts'
import { keptRules } from '../../../fixtures/key-rules.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

const labelled = (level: string) => ({ metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } })
const refusal = (message: string): [number, object] => [403, { kind: 'Status', message }]
const VIOLATION = refusal('pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true')
const NO_RIGHT = refusal('User "x" cannot get resource "namespaces"')

/** The finding for these replies to the read of the namespace and to the dry run, and the requests. */
async function found (
  t: Test,
  namespace: [number, object],
  trial: [number, object] | ((body: string) => [number, object]) = [201, {}],
  keys: Partial<KubernetesKeys> = {}
): Promise<Finding & { bodies: string[] }> {
  const bodies: string[] = []
  const { client } = await tinyServer(t, async (request, reply) => {
    if (request.method === 'GET') return json(reply, ...namespace)
    let body = ''
    for await (const chunk of request) body += chunk
    bodies.push(body)
    json(reply, ...(typeof trial === 'function' ? trial(body) : trial))
  })
  const config = kubernetesConfigOf({ ...Value.Create(KubernetesKeys), ...keys }, keptRules)
  return { ...await checkPodSecurity(client, 'n', config), bodies }
}

t.test('pods that the namespace accepts are ok, with the level that it enforces', async t => {
  t.match(await found(t, [200, labelled('restricted')]), {
    check: 'pod-security',
    state: 'ok',
    message: 'Namespace n enforces the Pod Security level restricted. The pods of jobs pass (pod-security = auto).'
  })
  t.match(await found(t, [200, {}], undefined, { 'pod-security': 'restricted' }), {
    state: 'ok',
    message: 'Namespace n has no label with a Pod Security level. The pods of jobs pass (pod-security = restricted).'
  })
})

t.test('the dry run has the parts of the configuration, for the level that jobs get', async t => {
  const keys = {
    'runtime-init-image': 'r:1', 'data-dir-pvc-name': 'claim', 'profile-config': '/none', 'job-base': '/none'
  }
  const restricted = await found(t, [200, labelled('restricted')], undefined, keys)
  for (const part of ['"runtime-init"', '"wait-for-files"', '"claim"', '"runAsNonRoot":true']) {
    t.match(restricted.bodies[0], part)
  }
  const baseline = await found(t, [200, labelled('restricted')], undefined, { ...keys, 'pod-security': 'baseline' })
  t.notMatch(baseline.bodies[0], 'runAsNonRoot')
})

t.test('pods that the level forbids are missing, and the help depends on the setting', async t => {
  t.match(await found(t, [200, labelled('restricted')], VIOLATION), {
    state: 'missing',
    message: /restricted\. The pods of jobs do not pass \(the server: .*violates PodSecurity.*\)\.$/,
    help: /^Change what the server names/
  })
  for (const [namespace, keys] of [
    [[200, {}], {}],
    [NO_RIGHT, {}],
    [[200, labelled('restricted')], { 'pod-security': 'baseline' }]
  ] as Array<[[number, object], Partial<KubernetesKeys>]>) {
    t.match(await found(t, namespace, VIOLATION, keys), {
      state: 'missing', help: /^Set pod-security \(Launcher\.KubernetesPodSecurity\) to restricted/
    })
  }
})

t.test('a folder of the node that the level forbids is to become a claim', async t => {
  const words = refusal('pods "x" is forbidden: violates PodSecurity "baseline:latest": hostPath volumes')
  t.match(await found(t, [200, labelled('baseline')], words, { 'data-dir': '/data' }), {
    state: 'missing', help: /^Set data-dir-pvc-name \(Launcher\.DataDirPVCName\) in place of data-dir /
  })
})

t.test('published ports that the profiles allow and the level forbids are a warning', async t => {
  const file = `${t.testdir({ 'profiles.conf': '[*]\npublished-ports = 31000-32000\n' })}/profiles.conf`
  const words = refusal('pods "x" is forbidden: violates PodSecurity "baseline:latest": hostPort (31000)')
  const trial = (body: string) => body.includes('hostPort') ? words : [201, {}] as [number, object]
  t.match(await found(t, [200, labelled('baseline')], trial, { 'profile-config': file }), {
    state: 'warning',
    message: new RegExp(`pods of jobs pass, but not with a published port, which ${file} line 2 allows \\(`),
    help: /^Remove published-ports from the profiles/
  })
  t.match(await found(t, [200, {}], undefined, { 'profile-config': file }), { state: 'ok' })
})

t.test('an unreadable namespace is a warning only if pod-security is auto', async t => {
  t.match(await found(t, NO_RIGHT), {
    state: 'warning',
    message: 'The Pod Security level of namespace n cannot be read (the server: User "x" cannot get resource ' +
      '"namespaces"); pod-security = auto counts as baseline. The pods of jobs pass (pod-security = auto).',
    help: /^Grant the right to get the namespace/
  })
  t.match(await found(t, NO_RIGHT, undefined, { 'pod-security': 'baseline' }), {
    state: 'ok', message: /cannot be read/
  })
})

t.test('a rule that refuses the trial pod is a warning with its words, and a quota without room is not', async t => {
  const denied = 'pods "x" is forbidden: ' +
    'ValidatingAdmissionPolicy \'no-pods\' with binding \'all\' denied request: none'
  t.match(await found(t, [200, labelled('baseline')], refusal(denied)), {
    state: 'warning',
    message: /The cluster refuses a pod without limits: .* no-pods forbids it \(the server: .*: none\)/
  })
  const limits = 'pods "x" is forbidden: failed quota: long: must specify limits.memory for: content'
  t.match(await found(t, [200, labelled('baseline')], refusal(limits)), {
    state: 'warning', message: /requires a value for limits\.memory/, help: /default-mem-mb/
  })
  const full = 'pods "x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1'
  t.match(await found(t, [200, labelled('baseline')], refusal(full)), { state: 'skipped', help: /^Raise the quota/ })
})

t.test('a check that the server does not carry out is skipped, with the level if that is known', async t => {
  t.match(await found(t, [500, { kind: 'Status', message: 'no' }]), { state: 'skipped' })
  t.match(await found(t, [200, labelled('baseline')], refusal('User "x" cannot create resource "pods"')), {
    state: 'skipped',
    message: /^Namespace n enforces .* baseline\. Whether the pods of jobs pass could not be checked/
  })
})
