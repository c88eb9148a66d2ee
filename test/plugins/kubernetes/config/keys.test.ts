import t from 'tap'
import { readSection } from '../../../../launcher/config/conf-section.ts'
import { clusterSchema } from '../../../../launcher/config/conf-files.ts'
import { scanIni } from '../../../../launcher/lib/read-ini.ts'
import { KubernetesKeys } from '../../../../plugins/kubernetes/config/keys.ts'
import { kubernetes } from '../../../../plugins/kubernetes/index.ts'
import { rendered } from '../../../launcher/config/given-settings.ts'

const schema = clusterSchema(kubernetes)
const names = { 'scratch-path of launcher.conf': '/s', 'config-dir': '/c', name: 'Kubernetes' }
const read = (lines: string) =>
  readSection(schema, {
    file: '/c/launcher.kubernetes.conf',
    section: scanIni(`[kubernetes]\n${lines}`, { file: '' }).sections[0],
    names
  })

t.test('each key has a default or may be left out, and has a description', async t => {
  t.strictSame(read('').problems, [])
  t.match(read('').values, { 'profile-config': '/c/launcher.kubernetes.profiles.conf' })
  for (const [key, { description }] of Object.entries(
    KubernetesKeys.properties as Record<string, { description?: string }>
  )) {
    t.match(description, /^[A-Z].*\.$/, key)
  }
})

t.test('keys rendered without any setting are the defaults', async t => {
  const { files } = await rendered('')
  const [section] = scanIni(files.get('launcher.kubernetes.conf')!, { file: '' }).sections
  const { values, problems } = readSection(schema, { file: '', section, names })
  t.strictSame(problems, [])
  t.strictSame(values, {
    ...read('').values,
    'default-namespace': 'rstudio-connect',
    'scratch-path': '/var/lib/rstudio-connect-launcher/Kubernetes',
    'profile-config': '/etc/rstudio-connect/launcher/launcher.kubernetes.profiles.conf',
    'resource-config': '/etc/rstudio-connect/launcher/launcher.kubernetes.resources.conf'
  })
})

t.test('a value of the wrong form is refused with its key', async t => {
  for (const line of [
    'kubernetes-namespace=A',
    'kubeconfig=k',
    'api-url=k.example',
    'api-url=https://me:secret@k',
    'auth-token-path=token',
    'certificate-authority=-----BEGIN',
    'watch-timeout-seconds=29',
    'fetch-limit=9',
    'writes-per-second=0',
    'job-expiry-hours=0',
    'default-service-account=a/b',
    'installation=-a',
    'start-deadline-seconds=0',
    'host-version=1+2',
    'data-dir=data',
    'data-dir=files:data',
    'data-dir=/a/../b',
    'data-dir-pvc-name=A',
    'data-dir-pvc-sub-path=/a',
    'data-dir-pvc-sub-path=a/..',
    'data-deadline-seconds=0',
    'runtime-init-image=',
    'runtime-mount-path=opt',
    'runtime-mount-path=/',
    'runtime-mount-path=/a/',
    'runtime-mount-path=/a:b',
    'runtime-delivery=copy',
    'runtime-image-path=opt',
    'runtime-image-path=/a/',
    'runtime-image-path=/a/../b',
    'runtime-image-path=/./a',
    'runtime-image-path=/a//b',
    'runtime-image-path=/a:b',
    'cluster-definition=a.yaml'
  ]) {
    const { problems } = read(line)
    t.equal(problems.length, 1, line)
    t.match(problems[0]?.key, line.split('=')[0]!)
  }
})
