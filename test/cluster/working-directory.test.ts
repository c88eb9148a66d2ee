// Jobs whose working directory cannot be entered, on a real cluster. The plugin acts as a user with exactly the Role of
// conf-templates.

import t from 'tap'
import { program } from './busybox.ts'
import { noCluster } from './cluster.ts'
import { ownNamespace } from './plugin-driver.ts'

t.test('a working directory that is or crosses a file fails the job with its name', { skip: noCluster }, async t => {
  const { driver } = await ownNamespace(t)
  for (const workingDirectory of ['/bin/sh', '/bin/sh/more']) {
    const job = await driver.submit(program('pwd', { workingDirectory }))
    const { outcome } = await driver.untilEnded(job)
    t.match(outcome, {
      status: 'Failed',
      reason: 'WorkingDirectoryNotFound',
      message: new RegExp(`^The working directory ${workingDirectory} does not exist .*mkdir /bin/sh: not a directory`)
    })
  }
})
