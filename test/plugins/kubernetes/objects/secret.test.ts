import t from 'tap'
import { containerEnvironment, STDIN_KEY } from '../../../../plugins/kubernetes/objects/container-command.ts'
import { needsSecret, secretBytes, secretObject } from '../../../../plugins/kubernetes/objects/secret.ts'
import { jobWith, settings } from '../sample-objects.ts'

t.test('only a job with secrets or standard input needs a Secret', async t => {
  t.equal(needsSecret(jobWith({ secrets: [{ name: 'A', value: '' }] }).submission), true)
  t.equal(needsSecret(jobWith({ stdin: '' }).submission), true)
  t.equal(needsSecret(jobWith({ secrets: [] }).submission), false)
  t.equal(needsSecret(jobWith().submission), false)
})

t.test('a Secret contains every key that the pod refers to, and has the labels of the job', async t => {
  const secrets = [{ name: 'A', value: 'ü$(A)' }, { name: `B${'x'.repeat(1000)}`, value: '' }]
  const job = jobWith({ secrets, stdin: 'text\0' })
  const { metadata, data, type } = secretObject(job, settings)
  t.equal(type, 'Opaque')
  t.match(metadata, { name: `job-${job.id}`, namespace: 'jobs', labels: { 'job-launcher/job': job.id } })
  const read = (key: string) => Buffer.from(data![key]!, 'base64').toString()
  for (const { name, value } of secrets) {
    const { key, name: secret } = containerEnvironment(job).find(variable => variable.name === name)!.valueFrom!
      .secretKeyRef!
    t.equal(read(key), value)
    t.equal(secret, metadata?.name)
  }
  t.equal(read(STDIN_KEY), 'text\0')
  for (const key of Object.keys(data!)) t.match(key, /^[A-Za-z0-9._-]{1,253}$/)
})

t.test('the size of a Secret is that of the texts in it', async t => {
  t.equal(secretBytes(jobWith({ secrets: [{ name: 'A', value: 'ü' }], stdin: 'abc' }).submission), 5)
  t.equal(secretBytes(jobWith().submission), 0)
})
