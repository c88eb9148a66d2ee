import t from 'tap'
import { place, start } from '../../e2e/launcher-process.ts'
import { commandLine } from '../../fixtures/command-line.ts'

const here = place(t)
await start(t, here)
const control = (...args: string[]) => commandLine(['control', '--socket', here.socket, ...args])

t.test('an operation is requested and the job reaches its status', async t => {
  const { id } = await here.client.submit({ name: 'a', command: 'exec sleep 600' })
  for await (const { status } of here.client.events({ id })) if (status === 'Running') break
  t.match(await control(id, 'kill'), { code: 0, stdout: new RegExp(`^${id} [A-Z][a-z]+\n$`) })
  t.equal((await here.client.ended(id)).status, 'Killed')
  t.match(await control(id, 'kill'), { code: 65, stderr: /Killed/ })
})

t.test('--json prints the job', async t => {
  const { id } = await here.client.submit({ name: 'a', command: 'exec sleep 600' })
  for await (const { status } of here.client.events({ id })) if (status === 'Running') break
  t.match(JSON.parse((await control(id, 'kill', '--json')).stdout), { id })
  await here.client.ended(id)
})

t.test('an operation that does not exist is refused before any request', async t => {
  t.match(await control('x', 'stpo'), { code: 64, stderr: /there is no operation "stpo"/ })
  t.match(await control('x', 'stopp'), { code: 64, stderr: /did you mean stop\?/ })
  t.match(await control('x'), { code: 64, stderr: /OPERATION is missing/ })
})
