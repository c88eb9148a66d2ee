import t from 'tap'
import { place, start } from '../../e2e/launcher-process.ts'
import { commandLine } from '../../fixtures/command-line.ts'

const here = place(t)
await start(t, here)
const clusters = (...args: string[]) => commandLine(['clusters', '--socket', here.socket, ...args])

t.test('the clusters are listed, or one is shown', async t => {
  t.match(await clusters(), { code: 0, stdout: /^NAME +TYPE +READY +WAITING +MESSAGE\nLocal +Local +yes +0\/\d+\n$/ })
  t.match(JSON.parse((await clusters('--json')).stdout), { name: 'Local', ready: true })
  t.match(await clusters('Local'), { code: 0, stdout: /^operations +\[.*"stop"/m })
  t.match(JSON.parse((await clusters('Local', '--json')).stdout), { name: 'Local', output: 'separate' })
})

t.test('a cluster that does not exist is an error', async t => {
  t.match(await clusters('None'), { code: 65, stderr: /There is no cluster None\. The clusters are: Local/ })
})
