import t from 'tap'
import { inOrder } from '../../../../plugins/kubernetes/manifests/item-order.ts'
import { plainOf, traced } from '../../../../plugins/kubernetes/manifests/traced-value.ts'

const job = (podSpec: object): object => ({ spec: { template: { spec: podSpec } } })
const ordered = (object: object): unknown => plainOf(inOrder(traced(object)))

t.test("the program's container comes first, and in it the launcher's variables in their order", async t => {
  const [shell, root, port, id] = ['SHELL', 'ROOT', 'JOB_PORT', 'JOB_LAUNCHER_JOB_ID'].map(name => ({ name }))
  const proxy = { name: 'proxy', env: [shell, port] }
  t.strictSame(
    ordered(job({ containers: [proxy, { name: 'content', env: [shell, port, root, id] }], hostname: 'h' })),
    job({ containers: [{ name: 'content', env: [port, id, shell, root] }, proxy], hostname: 'h' })
  )
})

t.test('a Job without containers or variables stays as it is', async t => {
  for (const object of [{}, { spec: {} }, job({}), job({ containers: [{ name: 'content' }] })]) {
    t.strictSame(ordered(object), object)
  }
})
