import t from 'tap'
import { whyExposed, whyWritable } from '../../../launcher/daemon/file-trust.ts'

const facts = (uid: number, mode: number) => ({ uid, gid: 0, mode: 0o100000 | mode })

t.test('a file that only its owner can write is trusted if an operator owns it', async t => {
  for (const mode of [0o600, 0o640, 0o644, 0o755]) t.equal(whyWritable(facts(10, mode), [10, 0]), undefined)
  t.equal(whyWritable(facts(0, 0o644), [10, 0]), undefined)
  t.match(whyWritable(facts(11, 0o600), [10, 0]), { problem: /belongs to user id 11/, command: 'chown 10' })
  for (const mode of [0o660, 0o602, 0o777]) {
    t.match(whyWritable(facts(10, mode), [10, 0]), { problem: /^has mode 0/, command: 'chmod go-w' })
  }
  t.match(whyWritable(facts(10, 0o777), [10, 0])?.problem, /mode 0777/)
})

t.test('a key must be private; the group may read one that root owns, as Kubernetes mounts it', async t => {
  t.equal(whyExposed(facts(10, 0o600), [10, 0]), undefined)
  t.equal(whyExposed(facts(10, 0o400), [10, 0]), undefined)
  t.equal(whyExposed(facts(0, 0o640), [10, 0]), undefined)
  t.match(whyExposed(facts(11, 0o600), [10, 0]), { problem: /belongs to user id 11/, command: 'chown 10' })
  for (const [uid, mode] of [[10, 0o640], [10, 0o644], [0, 0o644], [0, 0o660], [10, 0o666]] as const) {
    t.match(whyExposed(facts(uid, mode), [10, 0]), { problem: /^has mode 0\d+, so/, command: 'chmod 600' })
  }
})
