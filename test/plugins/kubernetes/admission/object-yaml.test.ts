import t from 'tap'
import { parse } from 'yaml'
import { objectYaml, withoutValues } from '../../../../plugins/kubernetes/admission/object-yaml.ts'
import { objectsOf } from '../../../../plugins/kubernetes/manifests/job-objects.ts'
import { readManifest } from '../../../../plugins/kubernetes/manifests/read-manifest.ts'
import { jobWith, plainObjects, settings } from '../sample-objects.ts'

const BASE = readManifest(`apiVersion: batch/v1
kind: Job
spec:
  template:
    spec:
      priorityClassName: low
      containers:
        - name: proxy
          image: proxy:1
          args: [a, b]
`, { from: 'cluster', file: '/base.yaml' })

t.test(
  "the text parses to the object, and each of the operator's parts has a comment with file and line",
  async t => {
    const overrides = [
      {
        pointer: '/spec/template/spec/nodeSelector',
        value: { disk: 'ssd' },
        source: { file: '/p', line: 4 },
        valueFile: '/v.json'
      }
    ]
    const tolerations = { value: [{ key: 'a', operator: 'Exists' }], file: '/p', line: 2 }
    const { job, origins } = objectsOf(
      jobWith({ command: 'echo "# no comment"\necho two' }),
      { bases: { Job: [{ manifest: BASE.manifest! }], Service: [] }, tolerations, overrides },
      settings
    )
    const text = objectYaml(job, origins)
    t.strictSame(parse(text), JSON.parse(JSON.stringify(job)))
    t.match(text, /^ +priorityClassName: low # cluster, \/base\.yaml line 6$/m)
    t.match(text, /^ +# cluster, \/base\.yaml line 8\n +- name: proxy$/m)
    t.match(text, /^ +tolerations:\n +# profile tolerations-file, \/p line 2\n/m)
    t.match(text, /^ +nodeSelector:\n +# override \/spec\/template\/spec\/nodeSelector, \/p line 4\n/m)
    t.match(text, /^ +restartPolicy: Never$/m)
  }
)

t.test('a Secret is shown with the sizes of its values, and without the values', async t => {
  const { secret } = plainObjects(jobWith({ secrets: [{ name: 'TOKEN', value: 'hunter2ü' }], stdin: 'in' }))
  const text = objectYaml(withoutValues(secret!))
  t.match(Object.values(parse(text).data), ['(9 bytes)', '(2 bytes)'])
  for (const value of Object.values(secret!.data!)) t.notMatch(text, value)
})
