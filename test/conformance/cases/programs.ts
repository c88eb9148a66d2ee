// How programs run: what they get, and how they end.

import type { Cases } from '../scene.ts'

export const programs: Cases = {
  async 'a program ends with its exit code' (t, { driver, program }) {
    for (const code of [0, 3, 137]) {
      const job = await driver.submit(program(`exit ${code}`))
      const { outcome } = await driver.untilEnded(job)
      t.match(outcome, { status: 'Finished', reason: 'Exited', exitCode: code })
    }
  },

  async 'a signal without a request is reported as such' (t, { driver, program }) {
    const job = await driver.submit(program('kill -SEGV $$'))
    const { outcome } = await driver.untilEnded(job)
    t.match(outcome, { status: 'Finished', reason: 'Signaled', exitCode: 139 })
  },

  async 'changed is called when a job ends' (t, { driver, program }) {
    const job = await driver.submit(program('exit 0'))
    let changes = 0
    let seen
    do {
      changes = await driver.changesAfter(job.id, changes)
      seen = await driver.observe(job)
    } while (seen.state !== 'ended')
    t.pass('no observation was needed without a change')
  },

  async 'a program reads its standard input to the end' (t, { driver, program }) {
    const stdin = 'first\nlast without newline é'
    const job = await driver.submit(program('cat', { stdin }))
    await driver.untilEnded(job)
    t.equal(String(await driver.read(job)), stdin)
    const empty = await driver.submit(program('cat; echo "$?"'))
    await driver.untilEnded(empty)
    t.equal(String(await driver.read(empty)), '0\n')
  },

  async 'args arrive unchanged' (t, { driver, program }) {
    const args = ['', 'two words', "it's", '"$HOME" `id` $(id)', 'a\nb', '*', '\\', '-n', 'ü']
    const job = await driver.submit(program('printf "<%s>"', { args }))
    await driver.untilEnded(job)
    t.equal(String(await driver.read(job)), args.map(arg => `<${arg}>`).join(''))
  },

  async 'the environment is built from the job, not inherited' (t, { driver, program }) {
    process.env.CONFORMANCE_LEAK = 'leaked'
    t.teardown(() => {
      delete process.env.CONFORMANCE_LEAK
    })
    const job = await driver.submit(
      program('printf "<%s>" "$PLAIN" "$ODD" "$JOB_LAUNCHER_JOB_ID" "$CONFORMANCE_LEAK"; command -v cat > /dev/null', {
        environment: [
          { name: 'PLAIN', value: '1' },
          { name: 'ODD', value: " '$x`\n " }
        ]
      })
    )
    t.match((await driver.untilEnded(job)).outcome, { exitCode: 0 })
    t.equal(String(await driver.read(job)), `<1>< '$x\`\n ><${job.id}><>`)
  },

  async 'references to variables of the launcher are replaced in arguments and variables, and no other' (
    t, { driver, program }
  ) {
    const written = ['$(JOB_LAUNCHER_JOB_ID)', 'a$(JOB_PORT_0)/$(JOB_PORT)b', '$$(JOB_PORT) $(HOME) $$(HOME) $$ $( )']
    const job = await driver.submit(
      program('printf "<%s>" "$ADDRESS"; printf "<%s>"', {
        args: written,
        environment: [{ name: 'ADDRESS', value: 'http://host:$(JOB_PORT)' }, { name: 'HOME', value: '/h' }],
        exposedPorts: [{ targetPort: 8080 }]
      })
    )
    t.match((await driver.untilEnded(job)).outcome, { exitCode: 0 })
    t.equal(
      String(await driver.read(job)),
      `<http://host:8080><${job.id}><a8080/8080b><$(JOB_PORT) $(HOME) $$(HOME) $$ $( )>`
    )
    t.match((await driver.plugin.recover(job.id))?.submission.args, written)
  },

  async 'secrets reach the program and no record' (t, { driver, program }) {
    const job = await driver.submit(
      program('printf %s "$TOKEN"', { secrets: [{ name: 'TOKEN', value: 'hunter2-hunter2' }] })
    )
    await driver.untilEnded(job)
    t.equal(String(await driver.read(job)), 'hunter2-hunter2')
    t.notMatch(JSON.stringify(await driver.plugin.recover(job.id)), /hunter2/)
  },
}
