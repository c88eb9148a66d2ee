import t from 'tap'
import { fieldTypes } from '../../../../plugins/kubernetes/manifests/field-types.ts'

t.test('field types come from the models of Kubernetes', async t => {
  t.equal((await fieldTypes('V1Job')).get('spec'), 'V1JobSpec')
  const spec = await fieldTypes('V1PodSpec')
  t.equal(spec.get('containers'), 'Array<V1Container>')
  t.equal(spec.get('nodeSelector'), '{ [key: string]: string; }')
  t.equal(spec.get('container'), undefined)
})

t.test('every type that a Job or a Service can contain is known', async t => {
  const seen = new Set<string>()
  const visit = async (type: string): Promise<void> => {
    if (seen.has(type)) return
    seen.add(type)
    for (const field of (await fieldTypes(type)).values()) {
      const name = /^(?:Array<)?((?:V\d|Core)\w*)/.exec(field)?.[1]
      if (name !== undefined) await visit(name)
      else {
        t.match(
          field,
          /^(Array<)?(string|number|boolean|Date|any|IntOrString|\{ \[key: string\]: string; \})>?$/,
          `${type}: ${field}`
        )
      }
    }
  }
  await visit('V1Job')
  await visit('V1Service')
  t.ok(seen.size > 100)
})
