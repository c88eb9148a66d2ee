import t from 'tap'
import { load, refused } from './conf-texts.ts'

t.test('a file that a key names must exist, unless its path is the default', async t => {
  await refused(t, [
    [
      '[server]\n[cluster]\ntype=Local\nconfig-file=/c/missing.conf\n',
      '/c/launcher.conf line 4: config-file names /c/missing.conf, which does not exist; create it, or leave this out'
    ]
  ])
  const clusters = '[server]\n[cluster]\ntype=Kubernetes\n'
  await t.rejects(
    load({ 'launcher.conf': clusters, 'launcher.kubernetes.conf': '[kubernetes]\nprofile-config=/c/limits.conf\n' }),
    {
      code: 'ConfInvalid',
      message: '/c/launcher.kubernetes.conf line 2: profile-config names /c/limits.conf, which does not exist; ' +
        'create it, or leave this out'
    }
  )
  const limits = { 'launcher.kubernetes.conf': '[kubernetes]\nprofile-config=/c/limits.conf\n', 'limits.conf': '' }
  t.match(await load({ 'launcher.conf': clusters, ...limits }), { clusters: [{ type: 'Kubernetes' }] })
  const byDefault = {
    'launcher.kubernetes.conf': '[kubernetes]\nprofile-config=/c/launcher.kubernetes.profiles.conf\n'
  }
  t.match(await load({ 'launcher.conf': clusters, ...byDefault }), { clusters: [{ type: 'Kubernetes' }] })
})
