import t from 'tap'
import { runtimeImage } from '../../../../plugins/kubernetes/config/runtime-image.ts'

const DIGEST = `@sha256:${'a'.repeat(64)}`
const of = (image: string, version?: string) => runtimeImage(image, version, 'host-version')

t.test('an image without a tag gets the version of the host', async t => {
  t.strictSame(of('registry.example:5000/host/runtime', '2026.08.0'), {
    image: 'registry.example:5000/host/runtime:2026.08.0'
  })
})

t.test('an image with the version of the host stays unchanged, with a prefix or a digest too', async t => {
  for (const image of ['r:2026.08.0', 'r:ubuntu2204-2026.08.0', `localhost:5000/r:2026.08.0${DIGEST}`]) {
    t.strictSame(of(image, '2026.08.0'), { image })
  }
})

t.test('without the version of the host any tag is accepted', async t => {
  t.strictSame(of('registry.example:5000/r:7'), { image: 'registry.example:5000/r:7' })
})

t.test('another version is refused with both versions and what to do', async t => {
  for (const [image, problem] of [
    [
      'r:2026.07.0',
      'has the tag 2026.07.0, and the host has the version 2026.08.0 (host-version); remove the tag, or write ' +
      'r:2026.08.0'
    ],
    [
      'localhost:5000/r:12026.08.0',
      'has the tag 12026.08.0, and the host has the version 2026.08.0 (host-version); remove the tag, or write ' +
      'localhost:5000/r:2026.08.0'
    ],
    [
      'r:2026.08.0-dev',
      'has the tag 2026.08.0-dev, and the host has the version 2026.08.0 (host-version); remove the tag, or write ' +
      'r:2026.08.0'
    ],
    [
      `r${DIGEST}`,
      'has a digest and no tag, so it cannot be checked against the host\'s version 2026.08.0 (host-version); write ' +
      `both: r:2026.08.0${DIGEST}`
    ]
  ] as const) { t.strictSame(of(image, '2026.08.0'), { problem }) }
})

t.test('an image without a tag needs the version of the host', async t => {
  for (const image of ['localhost:5000/r', `r${DIGEST}`]) {
    t.strictSame(of(image), {
      problem: `has no tag, and host-version, which would be the tag, is not set; set it, or add a tag: ${image}`
    })
  }
})
