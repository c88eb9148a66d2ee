import t from 'tap'
import { LauncherError } from '../../../../launcher/errors.ts'
import { explainImage, type ImageDecision } from '../../../../plugins/kubernetes/admission/explain-image.ts'
import { selectImage } from '../../../../plugins/kubernetes/images/select.ts'
import { parseDefinitions } from '../../../../plugins/kubernetes/images/definition.ts'

const definitions = parseDefinitions(
  [
    {
      file: '/i',
      text: '- { name: a:1, r: { installations: [{ path: /a, version: 4.3.1 }] } }\n' +
        '- { name: b:1, r: { installations: [{ path: /b, version: 4.4.2 }] }, ' +
        'nodejs: { installations: [{ path: /n, version: 22.0.0 }] } }\n'
    }
  ],
  []
)
const base = { name: 'n', command: 'true' }
const decision = (changes: Partial<ImageDecision>): ImageDecision => ({
  requested: base,
  image: undefined,
  selected: undefined,
  refusal: undefined,
  defaultImage: undefined,
  ...changes
})

t.test('the nearest image is shown with its versions, and each other with its mismatch', async t => {
  const runtime = { r: '4.4' }
  const selected = selectImage({ definitions, runtime })
  t.match(explainImage(decision({ requested: { ...base, runtime }, image: 'b:1', selected })), {
    image: 'b:1',
    why: 'is the nearest to what the job asks for, with R 4.4.2',
    definedIn: { file: '/i', line: 2 },
    versions: { r: { version: '4.4.2', path: '/b' }, nodejs: { version: '22.0.0', path: '/n' } },
    rejected: [{ image: 'a:1', file: '/i', line: 1, why: 'has 0 of the exact versions requested, b:1 has 1' }]
  })
})

t.test('the reason for the image is the job, the profile or the order of the files', async t => {
  const why = (changes: Partial<ImageDecision>) => explainImage(decision(changes)).why
  t.equal(
    why({
      requested: { ...base, container: { image: 'x:1' } },
      image: 'x:1',
      defaultImage: { value: 'x:1', file: '/p', line: 2 }
    }),
    'is the one that the job names'
  )
  t.equal(
    why({ image: 'x:1', defaultImage: { value: 'x:1', file: '/p', line: 2 } }),
    'is the default-container-image of /p line 2'
  )
  t.equal(
    why({ image: 'a:1', selected: selectImage({ definitions }) }),
    'is the first in the files for a job that names none'
  )
  t.strictSame(explainImage(decision({ requested: { ...base, container: { image: 'x:1' } }, image: 'x:1' })), {
    image: 'x:1',
    why: 'is the one that the job names',
    rejected: []
  })
})

t.test('if no image was selected, the rejected images of the refusal are shown', async t => {
  const rejected = [{ image: 'a:1', file: '/i', line: 1, why: 'has no Python' }]
  t.strictSame(explainImage(decision({ refusal: new LauncherError('NoMatchingImage', 'none', { rejected }) })), {
    rejected
  })
  t.strictSame(explainImage(decision({ image: 'a:1', refusal: new LauncherError('InvalidJob', 'none') })), {
    rejected: []
  })
  t.strictSame(explainImage(decision({})), { rejected: [] })
})
