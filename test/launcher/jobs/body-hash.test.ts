import t from 'tap'
import { bodyHash } from '../../../launcher/jobs/body-hash.ts'

const BODY = '{"name":"a","exe":"/bin/true","metadata":{"b":[{"d":1,"c":null},"x"],' +
  '"a":{"10":true,"9":false,"é":"漢","Z":0}},"args":["y"]}'

t.test('a hash is the one that earlier versions stored, whatever the order of the fields', async t => {
  const stored = 'n-XBqqrdfrpJIVdm7zucK1RgZ8ybh10Nm4KDzCdlAtc'
  t.equal(await bodyHash(JSON.parse(BODY)), stored)
  t.equal(await bodyHash(JSON.parse(
    '{"args":["y"],"exe":"/bin/true","metadata":{"a":{"Z":0,"9":false,"é":"漢","10":true},"b":[{"c":null,"d":1},"x"]},' +
    '"name":"a"}'
  )), stored)
})

t.test('bodies that differ in a value, a name or the order of a list have other hashes', async t => {
  const others = [
    ['"y"', '"z"'],
    ['"Z"', '"Y"'],
    ['1', '2'],
    ['null', '0'],
    ['{"d":1,"c":null},"x"', '"x",{"d":1,"c":null}']
  ]
  const bodies = others.map(([from, to]) => JSON.parse(BODY.replace(from!, to!)))
  const hashes = await Promise.all([JSON.parse(BODY), ...bodies].map(bodyHash))
  t.equal(new Set(hashes).size, others.length + 1)
})
