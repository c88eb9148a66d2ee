import t from 'tap'
import { commandLine } from '../../fixtures/command-line.ts'
import { stubLauncher } from '../../fixtures/stub-launcher.ts'
import { DEFAULT_SOCKET } from '../../../launcher/config/address.ts'

t.test('an option wins over the environment, and the environment over the default', async t => {
  const reply = (name: string) => stubLauncher(t, (_, response) => response.end(`{"id":"${name}"}`))
  const [fromOption, fromEnvironment] = [await reply('option'), await reply('environment')]
  const env = { JOB_LAUNCHER_SOCKET: fromEnvironment.address }
  t.match(await commandLine(['show', 'x', '--socket', fromOption.address], { env }), { stdout: 'id  option\n' })
  t.match(await commandLine(['show', 'x'], { env }), { stdout: 'id  environment\n' })
  t.equal(DEFAULT_SOCKET, '/var/lib/rstudio-launcher/launcher.sock')
})

t.test('the user and the key are sent', async t => {
  const folder = t.testdir({ key: 'the key', other: 'another' })
  const { address } = await stubLauncher(t, ({ headers }, response) =>
    response.end(JSON.stringify({ user: headers['x-launcher-user'], key: headers.authorization }))
  )
  t.match(
    await commandLine(['show', 'x', '--socket', address, '--as', 'ann', '--key-file', `${folder}/key`], {
      env: { JOB_LAUNCHER_KEY_FILE: `${folder}/other` }
    }),
    { stdout: 'user  ann\nkey   Bearer the key\n' }
  )
  t.match(
    await commandLine(['show', 'x', '--socket', address], { env: { JOB_LAUNCHER_KEY_FILE: `${folder}/other` } }),
    { stdout: 'key  Bearer another\n' }
  )
})
