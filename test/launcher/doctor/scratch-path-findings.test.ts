import t from 'tap'
import { scratchPathFindings, type ScratchPathFacts } from '../../../launcher/doctor/scratch-path-findings.ts'

const GOOD: ScratchPathFacts = {
  path: '/s',
  nearest: '/s',
  isFolder: true,
  writable: true,
  uid: 1000,
  mode: 0o700,
  freeBytes: 3 * 2 ** 30,
  ownUid: 1000,
  ownName: 'host'
}

t.test('each state of a scratch path has its finding', async t => {
  const rows: Array<[Partial<ScratchPathFacts>, string, RegExp]> = [
    [{}, 'ok', /^The scratch path \/s can be used; mode 0700, 3\.0 GiB free\.$/],
    [{ pid: 42 }, 'ok', /; a launcher uses it now, pid 42\.$/],
    [{ nearest: '/', uid: 0, mode: 0o755 }, 'ok', /does not exist and can be created; 3\.0 GiB free/],
    [{ nearest: '/', writable: false }, 'missing', /user host cannot write to \/\./],
    [{ nearest: '/dev/null', isFolder: false }, 'missing', /\/dev\/null is not a folder/],
    [{ writable: false }, 'missing', /user host cannot write to \/s/],
    [{ uid: 7 }, 'missing', /belongs to user id 7, not to host/],
    [{ uid: 7, ownUid: 0, ownName: 'root' }, 'missing', /it belongs to user id 7, which could have put files/],
    [{ mode: 0o1777 }, 'missing', /it is a folder that users share/],
    [{ uid: 7, ownUid: 0, ownName: 'root', serverUid: 7 }, 'ok', /can be used/],
    [{ mode: 0o755 }, 'warning', /has mode 0755/],
    [{ freeBytes: 2 ** 28 }, 'warning', /has only 0\.3 GiB free/],
    [{ freeBytes: 2 ** 28, nearest: '/' }, 'warning', /has only 0\.3 GiB free/]
  ]
  for (const [facts, state, message] of rows) {
    const finding = scratchPathFindings({ ...GOOD, ...facts })
    t.equal(finding.state, state, String(message))
    t.match(finding.message, message)
    t.equal(finding.help === undefined, state === 'ok', 'every problem has a remedy')
  }
})
