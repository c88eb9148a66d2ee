import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { nodeReaderText, RIGHTS, roleText, ruleComment } from '../../../../plugins/kubernetes/doctor/rbac.ts'

t.test('the Role in conf-templates is generated from the table', async t => {
  t.equal(
    readFileSync(join(import.meta.dirname, '../../../../conf-templates/kubernetes-role.yaml'), 'utf8'),
    roleText()
  )
})

t.test('the ClusterRole in conf-templates may list nodes and nothing else', async t => {
  const text = nodeReaderText()
  t.equal(
    readFileSync(join(import.meta.dirname, '../../../../conf-templates/kubernetes-node-reader.yaml'), 'utf8'), text
  )
  t.strictSame(parse(text).rules, [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }])
})

t.test('each rule of the Role is one row, with its purpose', async t => {
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
    RIGHTS.map(right => {
      const { group, resource, verbs } = right
      return { why: ruleComment(right), group, resource, verbs }
    })
  )
})

t.test('the comment of a rule has its purpose, and says when the right is not needed', async t => {
  const right = { group: '', resource: 'pods', verbs: ['get'], why: 'To see.' }
  t.equal(ruleComment(right), 'To see.')
  t.equal(
    ruleComment({ ...right, optional: true, forClaim: true }),
    'To see. Optional. Not needed without data-dir-pvc-name.'
  )
})

t.test(
  'no required right reads a Secret, and no right changes objects of others or reaches beyond the namespace',
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
      t.not(resource, 'nodes')
      if (resource === 'namespaces') t.strictSame(verbs, ['get'], 'a Role allows it for its own namespace only')
    }
  }
)
