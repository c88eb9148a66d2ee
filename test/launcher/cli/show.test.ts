import t from 'tap'
import { place, start } from '../../e2e/launcher-process.ts'
import { commandLine } from '../../fixtures/command-line.ts'

const here = place(t)
await start(t, here)
const show = (...args: string[]) => commandLine(['show', '--socket', here.socket, ...args])

t.test('a job is shown one fact a line, or as JSON', async t => {
  const { id } = await here.client.submit({
    name: 'shown',
    command: 'true',
    tags: ['a'],
    secrets: [{ name: 'TOKEN', value: 'hidden' }]
  })
  const job = await here.client.ended(id)
  const { code, stdout } = await show(id)
  t.equal(code, 0)
  t.match(stdout, new RegExp(`^id +${id}\n`, 'm'))
  t.match(stdout, /^tags +\["a"\]\n/m)
  t.match(stdout, /^status +Finished\n/m)
  t.notMatch(stdout, 'hidden')
  t.same(JSON.parse((await show(id, '--json')).stdout), job)
})

t.test('a job that was killed is shown with who asked for it', async t => {
  const { id, user } = await here.client.submit({ name: 'killed', command: 'sleep 300' })
  for await (const { status } of here.client.events({ id })) if (status === 'Running') break
  t.equal((await commandLine(['control', '--socket', here.socket, '--as', user, id, 'kill'])).code, 0)
  await here.client.ended(id)
  t.match((await show(id)).stdout, new RegExp(`^endedBy +\\{"operation":"kill","user":"${user}"\\}\n`, 'm'))
})

t.test('a missing job, or no job id, is an error', async t => {
  t.match(await show('0'.repeat(26)), { code: 65, stderr: /There is no job/ })
  t.match(await show(), { code: 64, stderr: /ID is missing/ })
})
