import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { conform } from '../conformance/conform.ts'
import { kubernetesBackend } from '../conformance/kubernetes-backend.ts'
import { program } from './busybox.ts'
import { noCluster, testCluster } from './cluster.ts'

const skip = {
  'a signal without a request is reported as such':
    'the program is process 1 of its container, which the kernel keeps from its own signals',
  'a suspended program stands still until it is resumed': 'Kubernetes cannot hold a running container',
  'a suspended program can be stopped and killed': 'Kubernetes cannot hold a running container',
  'resources are measured while a job runs':
    'the cluster has no metrics server; test/cluster/resources.test.ts shows it with one'
}

t.test('Kubernetes', { skip: noCluster, timeout: 600_000 }, async t => {
  await conform(t, {
    name: 'Kubernetes',
    async create () {
      const cluster = await testCluster(t)
      return kubernetesBackend(cluster, cluster.kubeconfig)
    },
    program,
    skip: { ...skip, 'standard error is kept apart from standard output': 'a container has one stream' },
    mayLoseExitCode: true
  })
})

t.test('Kubernetes with process logs in the data of the host', { skip: noCluster, timeout: 600_000 }, async t => {
  const data = mkdtempSync(join(tmpdir(), 'jl-data-'))
  chmodSync(data, 0o755)
  t.teardown(() => rmSync(data, { recursive: true, force: true }))
  await conform(t, {
    name: 'Kubernetes',
    async create () {
      const cluster = await testCluster(t)
      return kubernetesBackend(cluster, cluster.kubeconfig, { 'data-dir': data, output: 'data' })
    },
    program,
    skip,
    mayLoseExitCode: true
  })
})
