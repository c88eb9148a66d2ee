import t from 'tap'
import { problemText, type Problem } from '../../../../launcher/lib/problem.ts'
import { parseDefinitions } from '../../../../plugins/kubernetes/images/definition.ts'
import { plainOf } from '../../../../plugins/kubernetes/manifests/traced-value.ts'
import type { PolicyConfig } from '../../../../plugins/kubernetes/config/config.ts'
import { readBases } from '../../../../plugins/kubernetes/manifests/read-bases.ts'

const JOB = 'apiVersion: batch/v1\nkind: Job\n'

async function read (config: PolicyConfig, files: Record<string, string>, definitions = '[]') {
  const problems: Problem[] = []
  const images = parseDefinitions([{ file: '/images.yaml', text: definitions }], problems)
  const bases = await readBases(
    config,
    images,
    async file => (Object.hasOwn(files, file) ? { text: files[file]! } : { code: 'ENOENT' }),
    problems
  )
  return { bases, problems: problems.map(problemText) }
}

t.test('bases are for all jobs, for an image, and for tags, in this order', async t => {
  const { bases, problems } = await read(
    {
      jobBase: '/a.yaml',
      serviceBase: '/s.yaml',
      tagJobBases: ['gpu=/g.yaml', 'a=b=/t.yaml'],
      tagServiceBases: ['gpu=/s.yaml']
    },
    {
      '/a.yaml': JOB,
      '/i.yaml': `${JOB}spec: {activeDeadlineSeconds: 5}`,
      '/g.yaml': JOB,
      '/t.yaml': JOB,
      '/s.yaml': 'apiVersion: v1\nkind: Service'
    },
    '[{name: "r:1", job_base: /i.yaml}, {name: "p:1", service_base: /s.yaml}]'
  )
  t.strictSame(problems, [])
  t.strictSame(bases.Job.map(({ image, tag }) => image ?? tag ?? 'all'), ['all', 'r:1', 'gpu', 'a=b'])
  t.strictSame(bases.Service.map(({ image, tag }) => image ?? tag ?? 'all'), ['all', 'p:1', 'gpu'])
  t.match(plainOf(bases.Job[1]!.manifest), { spec: { activeDeadlineSeconds: 5 } })
  t.match(bases.Job[2]!.manifest.source, { from: 'tag', name: 'gpu', file: '/g.yaml' })
})

t.test("all problems are reported at once, and each file's once", async t => {
  const { problems } = await read(
    { jobBase: '/a.yaml', serviceBase: '/none.yaml', tagJobBases: ['x=/b.yaml', 'y=/b.yaml'] },
    { '/a.yaml': 'kind: [', '/b.yaml': 'apiVersion: batch/v1\nkind: Pod' },
    '[{name: "r:1"},\n{name: "p:1", job_base: /gone.yaml}]'
  )
  t.strictSame(problems.map(text => text.replace(/(is not YAML).*/, '$1')), [
    '/a.yaml line 1: is not YAML',
    '/images.yaml line 2: job_base names /gone.yaml, which cannot be read (ENOENT)',
    '/b.yaml line 2: kind is not Job: "Pod"',
    '/none.yaml: cannot be read (ENOENT)'
  ])
})
