import t from 'tap'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import { parseDefinitions } from '../../../../plugins/kubernetes/images/definition.ts'
import { DEFAULT_STRATEGIES } from '../../../../plugins/kubernetes/images/match-strategy.ts'
import { imageFor, completeWithImage, type ImageRules } from '../../../../plugins/kubernetes/admission/select-image.ts'

const definitions = parseDefinitions([{
  file: '/runtime.yaml', text: `
name: Kubernetes
images:
  - name: content:4.3
    r: { installations: [{ path: /opt/R/4.3.1/bin/R, version: 4.3.1 }] }
    python: { installations: [{ path: /opt/python/3.11.4/bin/python, version: 3.11.4 }] }
  - name: content:4.4
    r: { installations: [{ path: /opt/R/4.4.2/bin/R, version: 4.4.2 }] }
    quarto: { installations: [{ path: /opt/quarto/bin/quarto, version: 1.4.5 }] }
    volume_mounts: [{ source: { volume_type: pvc, pvc_name: shared }, target: { path: /shared, read_only: true } }]
`
}], [])
const rules = { definitions, allowed: undefined, strategies: DEFAULT_STRATEGIES }
const withImage = (submission: JobSubmission, rules: ImageRules): JobSubmission =>
  completeWithImage(submission, imageFor(submission, rules))
const job = (more: Partial<JobSubmission>): JobSubmission => ({ name: 'report', command: 'true', ...more })

t.test('a job gets an image with the requested versions, and variables with the interpreters', async t => {
  t.match(
    withImage(
      job({
        runtime: { r: '4.3' },
        environment: [
          { name: 'A', value: '1' },
          { name: 'JOB_R', value: 'mine' }
        ]
      }),
      rules
    ),
    {
      container: { image: 'content:4.3' },
      environment: [
        { name: 'A', value: '1' },
        { name: 'JOB_R', value: '/opt/R/4.3.1/bin/R' },
        { name: 'JOB_PYTHON', value: '/opt/python/3.11.4/bin/python' }
      ]
    }
  )
  t.match(withImage(job({ runtime: { quarto: '>=1.4' } }), rules), { container: { image: 'content:4.4' } })
})

t.test('other members of the container stay unchanged', async t => {
  const { container } = withImage(job({ container: { image: 'content:4.4', runAsUserId: 7 } }), rules)
  t.strictSame(container, { image: 'content:4.4', runAsUserId: 7 })
})

t.test("the job's own output has precedence over that of its image", async t => {
  const definitions = parseDefinitions([{ file: '/i', text: '- { name: a, output: node }\n- name: b' }], [])
  for (const [image, output, expected] of [
    ['a', undefined, 'node'], ['a', 'data', 'data'], ['b', undefined, undefined], ['b', 'node', 'node']
  ] as const) {
    const { container } = withImage(job({ container: { image, ...(output && { output }) } }), { ...rules, definitions })
    t.equal(container?.output, expected, `${image} ${output}`)
  }
})

t.test("the mounts of the image definition are added to the job's own", async t => {
  const mount = { type: 'host', mountPath: '/data', source: { path: '/data' } }
  t.match(withImage(job({ runtime: { r: '4.4' }, mounts: [mount] }), rules).mounts, [
    mount,
    { type: 'persistentVolumeClaim', mountPath: '/shared', readOnly: true, source: { claimName: 'shared' } }
  ])
})

t.test('without definitions a job that requests no version stays unchanged', async t => {
  const submission = job({ container: { image: 'x:1' } })
  t.equal(withImage(submission, { ...rules, definitions: [] }), submission)
})

t.test('an image that no file defines is accepted unchanged, and has no known interpreters', async t => {
  const submission = withImage(job({ container: { image: 'x:1' } }), rules)
  t.equal(submission.container?.image, 'x:1')
  t.equal(submission.environment, undefined)
})

t.test('versions that no image has are refused, as is an image that the profile does not allow', async t => {
  t.throws(() => withImage(job({ runtime: { python: '>=3.12' } }), rules), {
    code: 'NoMatchingImage',
    message: /content:4\.3/
  })
  t.throws(() => withImage(job({ runtime: { quarto: '1.4.5' } }), { ...rules, allowed: ['content:4.3'] }), {
    code: 'NoMatchingImage'
  })
  t.throws(() => withImage(job({ runtime: { r: 'newest' } }), rules), {
    code: 'InvalidJob',
    details: { field: 'runtime.r' }
  })
})
