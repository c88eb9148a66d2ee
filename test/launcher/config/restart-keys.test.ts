import t from 'tap'
import { restartKeys } from '../../../launcher/config/restart-keys.ts'
import { scriptedConfig } from '../../fixtures/scripted-app.ts'

const config = scriptedConfig('/scratch')
const [cluster] = config.clusters

t.test('a configuration that is the same, or differs where a reload counts, names no key', async t => {
  t.strictSame(restartKeys(config, structuredClone(config)), [])
  const next = {
    ...config,
    server: { ...config.server, jobExpiryMs: 1, authorizationEnabled: false, requestTimeoutMs: 1 },
    clusters: [{ ...cluster!, concurrency: 1, maxWaitingJobs: 1 }]
  }
  t.strictSame(restartKeys(config, next), [])
})

t.test('each key that counts only after a restart is named, in the order of the page', async t => {
  const server = {
    ...config.server,
    address: { host: '127.0.0.1', port: 1 },
    scratchPath: '/other',
    serverUser: 'x',
    keyFile: '/k',
    monitoringKeyFile: '/m',
    maxMessageBytes: 5,
    tls: { certificateFile: '/c', certificateKeyFile: '/d' }
  }
  t.strictSame(restartKeys(config, { ...config, server, clusters: [] }), [
    'address',
    'scratch-path',
    'server-user',
    'certificate-file',
    'secure-cookie-key-file',
    'monitoring-key-file',
    'max-message-size',
    '[cluster]'
  ])
})

t.test('a cluster with another name, type or scratch path counts after a restart', async t => {
  for (const change of [{ name: 'New' }, { type: 'Other' }, { scratchPath: '/other' }]) {
    t.strictSame(restartKeys(config, { ...config, clusters: [{ ...cluster!, ...change }] }), ['[cluster]'])
  }
})
