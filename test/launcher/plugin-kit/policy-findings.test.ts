import { join } from 'node:path'
import t from 'tap'
import { policyFindings } from '../../../launcher/plugin-kit/policy-findings.ts'
import { policyKeyOf, policyLoader } from '../../../plugins/kubernetes/policy/policy.ts'
import { collect } from '../../fixtures/collect.ts'

type Config = Parameters<typeof policyLoader>[0]

const check = (config: Config) => collect(policyFindings(policyLoader(config), file => policyKeyOf(config, file)))

t.test('profiles may be missing, cluster definitions must exist, and both must be readable', async t => {
  const folder = t.testdir({ file: '', images: 'images: []', bad: '[*]\nmax-cpu=1\n' })
  const [file, images, none, bad] = [
    join(folder, 'file'),
    join(folder, 'images'),
    join(folder, 'none'),
    join(folder, 'bad')
  ]
  t.strictSame(await check({}), [])
  t.match(await check({ profilesFile: none }), [
    { check: 'profile-config', state: 'ok', message: /does not exist, and is not required/ }
  ])
  t.match(await check({ profilesFile: bad }), [
    {
      check: 'profile-config',
      state: 'missing',
      message: `${bad} line 2: max-cpu is not a known key; did you mean max-cpus?`,
      help: /line named in the message/
    }
  ])
  t.match(await check({ profilesFile: folder }), [
    { state: 'missing', message: `${folder}: cannot be read (it is a folder)`, help: /path/ }
  ])
  t.match(await check({ profilesFile: file, definitionFiles: [images, none] }), [
    { check: 'profile-config', state: 'ok', message: `${file} can be read.` },
    { check: 'cluster-definition', state: 'ok', message: `${images} can be read.` },
    { check: 'cluster-definition', state: 'missing', message: `${none}: cannot be read (ENOENT)`, help: /path/ }
  ])
})
