import t from 'tap'
import { createPorts } from '../../../plugins/local/ports.ts'

t.test("a requested port is the job's port; others get a free one", async t => {
  const ports = createPorts()
  const [first, second, third, fourth] = await ports.assign('a', [
    { targetPort: 80 },
    { publishedPort: 81 },
    {},
    { protocol: 'UDP' }
  ])
  t.same([first, second], [80, 81])
  for (const port of [third!, fourth!]) t.ok(port >= 1024 && port <= 65_535, String(port))
})

t.test('no two live jobs get one port, even if an earlier launcher started one', async t => {
  const offers = [5000, 5000, 5001, 5000, 5001, 5002, 5000]
  const ports = createPorts(async () => offers.shift()!)
  ports.keep('old', [5000])
  t.same(await ports.assign('a', [{}]), [5001])
  t.same(await ports.assign('b', [{}]), [5002])
  ports.release('old')
  t.same(await ports.assign('c', [{}]), [5000])
})

t.test('two ports of one job differ', async t => {
  const offers = [5000, 5000, 5001]
  t.same(await createPorts(async () => offers.shift()!).assign('a', [{}, {}]), [5000, 5001])
})
