import t from 'tap'
import { scratchPathFindings, type ScratchPathFacts } from '../../../launcher/doctor/scratch-path-findings.ts'

const good: ScratchPathFacts = {
  path: '/s',
  there: '/s',
  isFolder: true,
  writable: true,
  uid: 1000,
  mode: 0o700,
  freeBytes: 3 * 2 ** 30,
  ownUid: 1000,
  ownName: 'host'
}

t.test('a scratch path is judged by what is seen of it', async t => {
  const rows: Array<[Partial<ScratchPathFacts>, string, RegExp]> = [
    [{}, 'ok', /^The scratch path \/s can be used; mode 0700, 3\.0 GiB free\.$/],
    [{ pid: 42 }, 'ok', /; a launcher runs in it, pid 42\.$/],
    [{ there: '/', uid: 0, mode: 0o755 }, 'ok', /does not exist and can be made; 3\.0 GiB free/],
    [{ there: '/', writable: false }, 'missing', /user host may not write in \/\./],
    [{ there: '/dev/null', isFolder: false }, 'missing', /\/dev\/null is not a folder/],
    [{ writable: false }, 'missing', /user host may not write in \/s/],
    [{ uid: 7 }, 'missing', /belongs to user id 7, not to host/],
    [{ uid: 7, ownUid: 0, ownName: 'root' }, 'missing', /it belongs to user id 7, who could have put files/],
    [{ mode: 0o1777 }, 'missing', /it is a folder that users share/],
    [{ uid: 7, ownUid: 0, ownName: 'root', serverUid: 7 }, 'ok', /can be used/],
    [{ mode: 0o755 }, 'warning', /has mode 0755/],
    [{ freeBytes: 2 ** 28 }, 'warning', /has 0\.3 GiB free/],
    [{ freeBytes: 2 ** 28, there: '/' }, 'warning', /has 0\.3 GiB free/]
  ]
  for (const [facts, state, message] of rows) {
    const finding = scratchPathFindings({ ...good, ...facts })
    t.equal(finding.state, state, String(message))
    t.match(finding.message, message)
    t.equal(finding.help === undefined, state === 'ok', 'what is not right comes with what to do')
  }
})
