import { execFileSync } from 'node:child_process'
import { userInfo } from 'node:os'
import t from 'tap'
import { lookUpUser, ownUserName } from '../../../launcher/lib/users.ts'

t.test('a user is found with ids, groups and home', async t => {
  const { username, uid, gid, homedir } = userInfo()
  t.match(await lookUpUser(username), { name: username, uid, gid, home: homedir })
  t.equal(ownUserName(), username)
})

t.test('groups are those that id reports, with their names', async t => {
  const daemon = (await lookUpUser('daemon'))!
  t.same(daemon.groups, execFileSync('id', ['-G', 'daemon'], { encoding: 'utf8' }).trim().split(' ').map(Number))
  t.ok(daemon.groupNames.includes('daemon'))
})

t.test('a user is looked up once a minute', async t => {
  t.equal(lookUpUser('daemon'), lookUpUser('daemon'))
})

t.test('names of no user give nothing', async t => {
  for (const name of ['', '-h', '--help', 'no-such-user-here', 'a\0b', '0', 'root:x']) {
    t.equal(await lookUpUser(name), undefined, JSON.stringify(name))
  }
})
