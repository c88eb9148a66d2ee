import t from 'tap'
import { Value } from 'typebox/value'
import { kubernetesConfigOf } from '../../../../plugins/kubernetes/config/config.ts'
import { KubernetesKeys } from '../../../../plugins/kubernetes/config/keys.ts'
import {
  trialImage, trialJob, trialObjects, trialPodSecurity
} from '../../../../plugins/kubernetes/doctor/trial-objects.ts'
import { loadPolicy } from '../../../../plugins/kubernetes/policy/policy.ts'
import { keptRules } from '../../../fixtures/key-rules.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

const files: Record<string, string> = {
  '/p': '[*]\ndefault-container-image=of-profile:1\n',
  '/list': '[*]\ncontainer-images=listed:1,other:1\n',
  '/images': 'images:\n  - { name: "exact:1", matching: exact }\n  - { name: "any:1" }\n',
  '/base': 'apiVersion: batch/v1\nkind: Job\nspec: { template: { spec: { nodeSelector: { disk: ssd } } } }\n'
}
const read = async (file: string) => ({ text: files[file]! })

t.test('the image is that of the profile, or one that is defined or listed for every user', async t => {
  const imageOf = async (config: object) => trialImage(await loadPolicy(config, read))
  t.equal(await imageOf({ profilesFile: '/p', definitionFiles: ['/images'] }), 'of-profile:1')
  t.equal(await imageOf({ definitionFiles: ['/images'] }), 'any:1')
  t.equal(await imageOf({ profilesFile: '/list' }), 'listed:1')
  t.equal(await imageOf({}), undefined)
  t.equal(trialImage(undefined), undefined)
})

t.test('the Job is like that of a job, with the base of the operator and the folder of the logs', async t => {
  const config = kubernetesConfigOf({ ...Value.Create(KubernetesKeys), 'data-dir': '/data' }, keptRules)
  const policy = await loadPolicy({ jobBase: '/base' }, read)
  const settings = { config, namespace: 'n', podSecurity: 'baseline' as const }
  const { job } = trialObjects(trialJob('i:1', 'abc'), { ...settings, policy }, 'process-logs/x')
  const { nodeSelector, containers, volumes } = job.spec!.template.spec!
  t.equal(job.metadata!.name, 'job-doctor-abc')
  t.strictSame(nodeSelector, { disk: 'ssd' })
  t.match(containers[0], { image: 'i:1', volumeMounts: [{ subPath: 'process-logs/x' }] })
  t.ok([...containers[0]!.command!, ...containers[0]!.args ?? []].includes('printf %s abc'))
  t.match(volumes, [{ hostPath: { path: '/data' } }])
  const bare = trialObjects(trialJob('i:1', 'abc'), { ...settings, policy: undefined }, 'process-logs/x')
  t.equal(bare.job.spec!.template.spec!.nodeSelector, undefined)
})

t.test('the Pod Security level is the one that is set, or that the namespace enforces', async t => {
  const { client } = await tinyServer(t, (_, reply) => {
    json(reply, 200, { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } })
  })
  const levelOf = (podSecurity: string) => trialPodSecurity(client, 'n', { podSecurity } as never)
  t.strictSame(await levelOf('auto'), { podSecurity: 'restricted', enforcedLevel: 'restricted' })
  t.strictSame(await levelOf('baseline'), { podSecurity: 'baseline' })
  const { client: failing } = await tinyServer(t, (_, reply) => json(reply, 403, { kind: 'Status' }))
  t.strictSame(await trialPodSecurity(failing, 'n', { podSecurity: 'auto' } as never), { podSecurity: 'baseline' })
})
