import t from 'tap'
import { at, rotatingNode, served, text, texts } from './rotating-node.ts'

const LINES = 300

t.test('files that a node rotates away are read in their order, though the follow left them out', async t => {
  const node = await rotatingNode(t)
  const done = node.read()
  await node.until(() => node.follows.size === 1)
  node.write(0, LINES)
  await node.until(() => node.state.output === texts(0, LINES))
  for (let file = 1; file < 4; file++) {
    node.rotate()
    node.write(file * LINES, (file + 1) * LINES)
    await node.until(() => node.requests.filter(request => request.includes('follow=true')).length > file)
  }
  node.end()
  await done
  t.equal(node.state.output, texts(0, 4 * LINES))
  t.equal(node.state.gaps, 0)
})

t.test('a follow at the end of a rotated file is left for the next file', async t => {
  const node = await rotatingNode(t)
  const done = node.read()
  await node.until(() => node.follows.size === 1)
  node.write(0, LINES)
  await node.until(() => node.state.output === texts(0, LINES))
  node.rotate()
  node.write(LINES, LINES + 2)
  await node.until(() => node.state.output === texts(0, LINES + 2))
  node.write(LINES + 2, LINES + 3)
  await node.until(() => node.state.output === texts(0, LINES + 3))
  node.end()
  await done
  t.equal(node.state.output, texts(0, LINES + 3))
  t.equal(node.state.gaps, 0)
})

t.test('a follow that goes on with the next file is not left', async t => {
  const node = await rotatingNode(t)
  const done = node.read()
  await node.until(() => node.follows.size === 1)
  node.write(0, LINES)
  const [follow] = node.follows
  node.rotate()
  node.add(Array.from({ length: LINES }, (_, index) => served(LINES + index)), follow!.reply)
  await node.until(() => node.lookCount() > 1)
  t.equal(node.state.output, texts(0, 2 * LINES))
  t.equal(node.follows.size, 1)
  t.equal(node.position.file, at(LINES))
  node.end()
  await done
  t.equal(node.state.output, texts(0, 2 * LINES))
  t.equal(node.state.gaps, 0)
})

t.test('a follow that reaches the next file late goes on, and what waited is dropped', async t => {
  const node = await rotatingNode(t)
  const done = node.read()
  await node.until(() => node.follows.size === 1)
  node.write(0, LINES)
  const [follow] = node.follows
  node.rotate()
  node.write(LINES, LINES + 5)
  await node.until(() => node.follows.size === 2)
  follow!.reply.write([0, 1, 2, 3, 4].map(line => served(LINES + line)).join(''))
  await node.until(() => node.follows.size === 1 && node.state.output === texts(0, LINES + 5))
  node.end()
  await done
  t.equal(node.state.output, texts(0, LINES + 5))
  t.equal(node.state.gaps, 0)
})

t.test('a follow that goes on with a file beyond the next is left, and joins nothing to the last line', async t => {
  for (const isSplit of [false, true]) {
    const node = await rotatingNode(t)
    const done = node.read()
    await node.until(() => node.follows.size === 1)
    node.write(0, LINES)
    const [follow] = node.follows
    // The runtime may rotate in the middle of a line.
    const last = isSplit ? ['begin'] : []
    if (isSplit) node.add([`${at(LINES)} begin`])
    node.rotate()
    node.add([`${at(LINES + 1)} ${isSplit ? 'rest' : 'whole'}\n`, served(LINES + 2)])
    await node.until(() => node.follows.size === 2)
    node.rotate()
    const beyond = [served(LINES + 20), served(LINES + 21), served(LINES + 22)]
    node.add(beyond)
    await node.until(() => node.follows.size === 3)
    follow!.reply.write(isSplit ? beyond.join('').slice(at(0).length + 1) : beyond.join(''))
    const expected = `${texts(0, LINES)}${last.join('')}${isSplit ? 'rest' : 'whole'}\n${text(LINES + 2)}`
    await node.until(() => node.state.output.length >= expected.length)
    node.end()
    await done
    t.equal(node.state.output, `${expected}${texts(LINES + 20, LINES + 23)}`)
    t.equal(node.state.gaps, 0)
  }
})

t.test('a quiet log is not looked at', async t => {
  const node = await rotatingNode(t)
  const done = node.read()
  await node.until(() => node.follows.size === 1)
  node.write(0, 10)
  await new Promise(resolve => setTimeout(resolve, 2500))
  t.equal(node.lookCount(), 0)
  node.end()
  await done
  t.equal(node.state.output, texts(0, 10))
})
