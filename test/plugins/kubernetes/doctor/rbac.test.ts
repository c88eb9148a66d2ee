import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RIGHTS, roleText } from '../../../../plugins/kubernetes/doctor/rbac.ts'

t.test('the Role in conf-templates is that of the table', async t => {
  t.equal(
    readFileSync(join(import.meta.dirname, '../../../../conf-templates/kubernetes-role.yaml'), 'utf8'),
    roleText()
  )
})

t.test('each rule of the Role is one row, with its reason', async t => {
  const rules = Array.from(
    roleText().matchAll(/^ {2}# (.*)\n {2}- apiGroups: (.*)\n {4}resources: (.*)\n {4}verbs: (.*)\n/gm),
    ([, why, group, resource, verbs]) => ({
      why,
      group: JSON.parse(group!)[0],
      resource: JSON.parse(resource!)[0],
      verbs: JSON.parse(verbs!)
    })
  )
  t.strictSame(
    rules,
    RIGHTS.map(({ why, group, resource, verbs, optional, before, key }) => ({
      why: `${why}${optional === true ? ' May be left out.' : ''}${before === undefined
? ''
: ' Not needed from ' +
        `Kubernetes 1.${before} on.`}${key === undefined ? '' : ` Not needed without ${key}.`}`,
      group,
      resource,
      verbs
    }))
  )
})

t.test(
  'no right that is needed reads a Secret, none changes what others made or reaches beyond the namespace',
  async t => {
    for (const { resource, verbs, optional } of RIGHTS) {
      t.notOk(verbs.includes('*') || resource.includes('*'), resource)
      if (resource === 'secrets' && optional !== true) t.strictSame(verbs, ['create'])
      if (resource === 'secrets') {
        t.notOk(
          verbs.some(verb => ['get', 'watch'].includes(verb)),
          resource
        )
      }
      if (resource !== 'jobs' && resource !== 'configmaps') {
        t.notOk(
          verbs.some(verb => ['update', 'patch'].includes(verb)),
          resource
        )
      }
      t.notOk(['nodes', 'namespaces'].includes(resource), resource)
    }
  }
)
