import fc from 'fast-check'
import t from 'tap'
import type { LauncherError } from '../../../../launcher/errors.ts'
import { selectImage, type SelectedImage, type ImageRequest } from '../../../../plugins/kubernetes/images/select.ts'
import {
  DEFAULT_STRATEGIES,
  isCompatible,
  STRATEGIES,
  type RuntimeLanguage
} from '../../../../plugins/kubernetes/images/match-strategy.ts'
import type {
  ImageDefinition,
  Installation,
  Language,
  Matching
} from '../../../../plugins/kubernetes/images/definition.ts'
import { readVersion } from '../../../../plugins/kubernetes/images/version.ts'
import { readWantedVersion, type WantedVersion } from '../../../../plugins/kubernetes/images/version-range.ts'
import { CASES } from './selection-cases.ts'
import type { CaseImage, SelectionCase } from './selection-fixtures.ts'

function installations (language: Language, versions = ''): Installation[] {
  return versions.split(' ').filter(Boolean).map(version => ({ version, path: `/opt/${language}/${version}` }))
}

function definition (name: string, { r, python, quarto, matching = 'any' }: CaseImage, index: number): ImageDefinition {
  return {
    name,
    matching,
    installations: {
      r: installations('r', r),
      python: installations('python', python),
      quarto: installations('quarto', quarto),
      tensorflow: [],
      nodejs: []
    },
    mounts: [],
    file: 'defs.yaml',
    line: index + 2
  }
}

function requestOf ({ images, asks, names, allowed, strategies = {} }: SelectionCase): ImageRequest {
  return {
    ...(asks !== undefined && { runtime: asks }),
    image: names,
    definitions: Object.entries(images).map(([name, image], index) => definition(name, image, index)),
    strategies: { ...DEFAULT_STRATEGIES, ...strategies },
    allowed
  }
}

function outcome (request: ImageRequest): { chosen?: SelectedImage, error?: LauncherError } {
  try {
    return { chosen: selectImage(request) }
  } catch (error) {
    return { error: error as LauncherError }
  }
}

for (const row of CASES) {
  t.test(row.shows, async t => {
    const request = requestOf(row)
    const { chosen, error } = outcome(request)
    t.equal(error?.code, row.refused, error?.message ?? 'chosen')
    t.equal(chosen?.image, row.gives)
    for (const [language, version] of Object.entries(row.with ?? {})) {
      t.equal(chosen?.versions[language as Language], version)
      t.equal(chosen?.interpreters[language as Language], `/opt/${language}/${version}`)
    }
    const message = error?.message ?? chosen!.rejected.map(({ why }) => why).join('\n')
    for (const text of row.says ?? []) t.ok(message.includes(text), `${JSON.stringify(message)} contains ${text}`)
    if (chosen !== undefined) {
      t.strictSame(
        chosen.rejected.map(({ image }) => image),
        request.definitions.map(({ name }) => name).filter(name => name !== chosen.image),
        'a reason for every other image'
      )
    }
  })
}

t.test('the table has at least 60 cases with distinct names, and at least 8 for each language', async t => {
  t.ok(CASES.length >= 60, String(CASES.length))
  for (const language of ['r', 'python', 'quarto'] as const) {
    t.ok(CASES.filter(({ asks }) => asks?.[language] !== undefined).length >= 8, language)
  }
  t.equal(new Set(CASES.map(({ shows }) => shows)).size, CASES.length)
})

t.test('a rejected image is reported with its file and line', async t => {
  const { rejected } = selectImage(requestOf({ shows: '', images: { a: { r: '4.4.1' }, b: {} }, asks: { r: '4' } }))
  t.strictSame(rejected, [{ image: 'b', file: 'defs.yaml', line: 3, why: 'has no R' }])
})

t.test('a refusal has a reason for each image, the nearest first', async t => {
  const { error } = outcome(
    requestOf({
      shows: '',
      images: { a: {}, b: { r: '4.4.1' }, c: { r: '4.4.1', matching: 'none' } },
      asks: { r: '>5' }
    })
  )
  t.match(error, {
    code: 'NoMatchingImage',
    details: { field: 'runtime', rejected: [{ image: 'b' }, { image: 'a' }, { image: 'c' }] }
  })
})

t.test('the default strategies apply if none are given', async t => {
  const { strategies, ...request } = requestOf({
    shows: '',
    images: { a: { r: '3.6.3', python: '3.6.0', quarto: '1.0.0' } },
    asks: { r: '4.4', python: '3.12', quarto: '2' }
  })
  t.equal(selectImage(request).image, 'a')
})

const number = fc.integer({ min: 0, max: 4 })
const version = fc.tuple(fc.integer({ min: 2, max: 4 }), number, number).map(numbers => numbers.join('.'))
const versions = fc.uniqueArray(version, { maxLength: 3 }).map(list => list.join(' '))
const wanted = fc.oneof(
  version,
  version.map(text => text.replace(/\.\d+$/, '')),
  fc.tuple(fc.constantFrom('>=', '<', '^', '~', '>', '<=', '!=', '=='), version).map(parts => parts.join('')),
  fc.tuple(version, version).map(([a, b]) => `>=${a},<${b}`),
  version.map(text => text.replace(/\d+$/, '*'))
)
const image = fc.record({
  r: versions,
  python: versions,
  quarto: versions,
  matching: fc.constantFrom<Matching>('any', 'any', 'any', 'exact', 'none')
})
const strategy = fc.constantFrom(...STRATEGIES)
const situation = fc
  .record({
    images: fc.array(image, { minLength: 1, maxLength: 6 }),
    asks: fc.record({ r: wanted, python: wanted, quarto: wanted }, { requiredKeys: [] }),
    strategies: fc.record({ r: strategy, python: strategy, quarto: strategy }),
    names: fc.option(fc.constantFrom('i0', 'i1'), { nil: undefined, freq: 4 }),
    allowed: fc.option(fc.subarray(['i0', 'i1', 'i2', 'i3', 'i4', 'i5']), { nil: undefined, freq: 3 })
  })
  .map(({ images, asks, strategies, names, allowed }): ImageRequest & { definitions: ImageDefinition[] } => ({
    definitions: images.map((image, index) => definition(`i${index}`, image, index)),
    runtime: asks,
    strategies,
    image: names,
    allowed
  }))

/** The versions that the job gets of the languages it requests. */
function requestedVersions ({ runtime = {} }: ImageRequest, { versions }: SelectedImage): unknown {
  return Object.fromEntries(Object.keys(runtime).map(language => [language, versions[language as Language]]))
}

t.test('the order of the definitions only decides between equal images', async t => {
  fc.assert(
    fc.property(
      situation.chain(request =>
        fc.tuple(
          fc.constant(request),
          fc.shuffledSubarray(request.definitions, { minLength: request.definitions.length })
        )
      ),
      ([request, shuffled]) => {
        const first = outcome(request)
        const second = outcome({ ...request, definitions: shuffled })
        t.equal(second.error?.code, first.error?.code)
        if (first.chosen === undefined) return
        t.strictSame(requestedVersions(request, second.chosen!), requestedVersions(request, first.chosen))
        if (second.chosen!.image === first.chosen.image) return
        // A different image means a tie, which the order decides: each image comes first in its own order.
        const place = (list: ImageDefinition[], name: string): number =>
          list.findIndex(definition => definition.name === name)
        t.ok(place(request.definitions, first.chosen.image) < place(request.definitions, second.chosen!.image))
        t.ok(place(shuffled, second.chosen!.image) < place(shuffled, first.chosen.image))
      }
    ),
    { numRuns: 500 }
  )
})

t.test('a selected image is allowed and has what the job requires; a job is refused only if no image is', async t => {
  fc.assert(
    fc.property(situation, request => {
      const { runtime = {}, definitions, strategies, image, allowed } = request
      const requirements = Object.entries(runtime).map(
        ([language, text]) =>
          [
            language as RuntimeLanguage,
            readWantedVersion(text, language === 'quarto' ? 'line' : 'zeros') as WantedVersion
          ] as const
      )
      const compatible = (language: RuntimeLanguage, wanted: WantedVersion, version: string | undefined): boolean =>
        version !== undefined && isCompatible(readVersion(version)!, wanted, language, strategies![language])
      const isAllowed = ({ name, matching }: ImageDefinition): boolean =>
        (image === undefined || name === image) &&
        (matching === 'any' || (matching === 'exact' && image !== undefined)) &&
        (allowed === undefined || allowed.includes(name))
      const eligible = definitions.filter(
        definition =>
          isAllowed(definition) &&
          requirements.every(([language, wanted]) =>
            definition.installations[language].some(({ version }) => compatible(language, wanted, version))
          )
      )

      const { chosen, error } = outcome(request)
      if (chosen === undefined) {
        t.equal(error!.code, 'NoMatchingImage')
        t.strictSame(eligible, [])
      } else if (chosen.definition !== undefined) {
        t.ok(eligible.includes(chosen.definition))
        for (const [language, wanted] of requirements) {
          t.ok(compatible(language, wanted, chosen.versions[language]), `${language} ${chosen.versions[language]}`)
        }
      } else {
        t.equal(chosen.image, image)
        t.strictSame(requirements, [])
      }
    }),
    { numRuns: 500 }
  )
})
