// Cases of which image is chosen. Each row: what it shows, the image definitions in the order of the files, what the
// job asks for, and what comes out. To add a case, add a row.

import type { Strategies } from '../../../../plugins/kubernetes/images/match-strategy.ts'
import type { Matching } from '../../../../plugins/kubernetes/images/definition.ts'

/** Versions of each language, with blanks between them. */
export interface CaseImage {
  readonly r?: string
  readonly python?: string
  readonly quarto?: string
  readonly matching?: Matching
}

export interface SelectionCase {
  readonly shows: string
  /** Image name to what is in it. */
  readonly images: Readonly<Record<string, CaseImage>>
  readonly asks?: { readonly r?: string, readonly python?: string, readonly quarto?: string }
  /** The image that the job names. */
  readonly names?: string
  readonly allowed?: readonly string[]
  readonly strategies?: Partial<Strategies>
  /** The image chosen; left out when the job is refused. */
  readonly gives?: string
  /** Versions that the job gets, of those languages that are named. */
  readonly with?: { readonly r?: string, readonly python?: string, readonly quarto?: string }
  /** What the refusal says, or what is said of an image that was not taken. */
  readonly says?: readonly string[]
  /** Code of the refusal. */
  readonly refused?: 'NoMatchingImage' | 'InvalidJob'
}

const MATRIX = {
  old: { r: '4.2.3', python: '3.9.18', quarto: '1.3.450' },
  mid: { r: '4.3.3', python: '3.11.9', quarto: '1.4.557' },
  new: { r: '4.4.1', python: '3.12.4', quarto: '1.5.57' }
} as const
const ONE = { r: { r: '4.4.1' }, py: { python: '3.11.4' }, q: { quarto: '1.4.550' } } as const

export const CASES: readonly SelectionCase[] = [
  // Nothing asked for
  { shows: 'a job that asks for nothing gets the first image', images: MATRIX, gives: 'old' },
  {
    shows: 'a job that asks for nothing gets no image that has to be named',
    images: { a: { matching: 'exact' }, b: {} },
    gives: 'b',
    says: ['is only for jobs that name it (matching: exact)']
  },
  {
    shows: 'a job that asks for nothing gets no image that is for no job',
    images: { a: { matching: 'none' }, b: {} },
    gives: 'b',
    says: ['is for no job (matching: none)']
  },
  {
    shows: 'of a language that is not asked for the highest version is told',
    images: { a: { r: '4.3.1 4.10.0 4.4.1', python: '3.9.1' } },
    gives: 'a',
    with: { r: '4.10.0', python: '3.9.1' }
  },
  {
    shows: 'without definitions nothing is chosen',
    images: {},
    refused: 'NoMatchingImage',
    says: ['No file defines an image']
  },
  {
    shows: 'without definitions nothing is chosen for a version either',
    images: {},
    asks: { r: '4.4' },
    refused: 'NoMatchingImage'
  },
  {
    shows: 'when all images have to be named nothing is chosen',
    images: { a: { matching: 'exact' }, b: { matching: 'none' } },
    refused: 'NoMatchingImage',
    says: ['a job that names none', 'a (defs.yaml line 2) is only for jobs that name it']
  },

  // R, nearest
  { shows: 'the R that was asked for', images: MATRIX, asks: { r: '4.3.3' }, gives: 'mid', with: { r: '4.3.3' } },
  {
    shows: 'the exact R beats one that stands first',
    images: { a: { r: '4.3.2' }, b: { r: '4.3.3' } },
    asks: { r: '4.3.3' },
    gives: 'b',
    says: ['has 0 of the versions exactly as asked, b has 1']
  },
  {
    shows: 'the same major.minor beats a higher minor',
    images: { a: { r: '4.4.0' }, b: { r: '4.3.0' } },
    asks: { r: '4.3.9' },
    gives: 'b'
  },
  {
    shows: 'in the same major.minor a higher patch beats a lower one',
    images: { a: { r: '4.3.1' }, b: { r: '4.3.9' } },
    asks: { r: '4.3.2' },
    gives: 'b'
  },
  {
    shows: 'of higher patches the nearest',
    images: { a: { r: '4.3.9' }, b: { r: '4.3.4' } },
    asks: { r: '4.3.2' },
    gives: 'b'
  },
  {
    shows: 'of lower patches the nearest',
    images: { a: { r: '4.3.0' }, b: { r: '4.3.1' } },
    asks: { r: '4.3.2' },
    gives: 'b'
  },
  {
    shows: 'a higher minor beats a lower one',
    images: { a: { r: '4.2.3' }, b: { r: '4.5.0' } },
    asks: { r: '4.3.1' },
    gives: 'b'
  },
  {
    shows: 'of higher minors the nearest',
    images: { a: { r: '4.5.0' }, b: { r: '4.4.2' } },
    asks: { r: '4.3.1' },
    gives: 'b'
  },
  {
    shows: 'of lower minors the nearest',
    images: { a: { r: '4.1.3' }, b: { r: '4.2.0' } },
    asks: { r: '4.3.1' },
    gives: 'b'
  },
  {
    shows: 'the same major beats a higher one',
    images: { a: { r: '5.0.0' }, b: { r: '4.0.0' } },
    asks: { r: '4.3.1' },
    gives: 'b'
  },
  {
    shows: 'a higher major beats a lower one',
    images: { a: { r: '3.6.3' }, b: { r: '5.2.0' } },
    asks: { r: '4.3.1' },
    gives: 'b'
  },
  {
    shows: 'any R will do when there is no other',
    images: { a: { r: '3.6.3' } },
    asks: { r: '4.3.1' },
    gives: 'a',
    with: { r: '3.6.3' }
  },
  {
    shows: 'versions are numbers',
    images: { a: { r: '4.9.0' }, b: { r: '4.10.0' } },
    asks: { r: '4.10.1' },
    gives: 'b'
  },
  {
    shows: 'of 4.4 the highest patch',
    images: { a: { r: '4.4.0' }, b: { r: '4.4.2' }, c: { r: '4.4.1' } },
    asks: { r: '4.4' },
    gives: 'b',
    with: { r: '4.4.2' }
  },
  {
    shows: 'of 4 the highest minor',
    images: { a: { r: '4.4.2' }, b: { r: '4.5.0' }, c: { r: '5.0.0' } },
    asks: { r: '4' },
    gives: 'b'
  },
  {
    shows: 'of 4.3 the next line when there is none',
    images: { a: { r: '4.5.1' }, b: { r: '4.4.3' }, c: { r: '4.4.1' } },
    asks: { r: '4.3' },
    gives: 'c'
  },
  {
    shows: 'in one image the nearest of its versions',
    images: { a: { r: '4.2.3 4.3.1 4.3.3 4.4.1' } },
    asks: { r: '4.3.2' },
    gives: 'a',
    with: { r: '4.3.3' }
  },
  {
    shows: 'an image without R is never for R',
    images: { ...ONE, r: {} },
    asks: { r: '4.4.1' },
    refused: 'NoMatchingImage',
    says: ['py (defs.yaml line 3) has no R']
  },

  // R, other strategies and constraints
  {
    shows: 'exact takes only the version',
    images: { a: { r: '4.3.2' }, b: { r: '4.3.3' } },
    asks: { r: '4.3.3' },
    strategies: { r: 'exact' },
    gives: 'b'
  },
  {
    shows: 'exact refuses the next patch',
    images: { a: { r: '4.3.2' } },
    asks: { r: '4.3.3' },
    strategies: { r: 'exact' },
    refused: 'NoMatchingImage',
    says: ['R 4.3.3', 'has R 4.3.2, which is not compatible with 4.3.3 (strategy exact)']
  },
  {
    shows: 'exact takes any patch when none is given',
    images: { a: { r: '4.2.3' }, b: { r: '4.3.2' } },
    asks: { r: '4.3' },
    strategies: { r: 'exact' },
    gives: 'b'
  },
  {
    shows: 'major-minor takes another patch',
    images: { a: { r: '4.4.0' }, b: { r: '4.3.0' } },
    asks: { r: '4.3.3' },
    strategies: { r: 'major-minor' },
    gives: 'b'
  },
  {
    shows: 'major-minor refuses another minor',
    images: { a: { r: '4.4.0 4.2.3' } },
    asks: { r: '4.3.3' },
    strategies: { r: 'major-minor' },
    refused: 'NoMatchingImage',
    says: ['has R 4.4.0, 4.2.3, which are not compatible with 4.3.3 (strategy major-minor)']
  },
  {
    shows: 'of a constraint the highest version that satisfies it',
    images: MATRIX,
    asks: { r: '>=4.2,<4.4' },
    gives: 'mid',
    says: ['has R 4.2.3; the R 4.3.3 of mid is higher']
  },
  {
    shows: 'a constraint holds whatever the strategy',
    images: { a: { r: '4.4.1' } },
    asks: { r: '<4.4' },
    refused: 'NoMatchingImage',
    says: ['which is not compatible with <4.4']
  },
  { shows: 'a caret for R', images: { a: { r: '5.0.0' }, b: { r: '4.3.1' } }, asks: { r: '^4.1' }, gives: 'b' },
  { shows: 'a tilde for R', images: { a: { r: '4.4.0' }, b: { r: '4.3.2' } }, asks: { r: '~4.3.1' }, gives: 'b' },
  { shows: 'a wildcard for R', images: { a: { r: '5.0.0' }, b: { r: '4.1.0' } }, asks: { r: '4.x' }, gives: 'b' },
  {
    shows: 'either of two lines',
    images: { a: { r: '4.2.0' }, b: { r: '4.1.2' } },
    asks: { r: '4.1.x || 4.3.x' },
    gives: 'b'
  },
  { shows: 'a star takes any R, the highest', images: MATRIX, asks: { r: '*' }, gives: 'new' },
  {
    shows: '> 4.3 is true of 4.3.1, as R has it',
    images: { a: { r: '4.3.0' }, b: { r: '4.3.1' } },
    asks: { r: '> 4.3' },
    gives: 'b'
  },

  // Python
  {
    shows: 'the Python that was asked for',
    images: MATRIX,
    asks: { python: '3.11.9' },
    gives: 'mid',
    with: { python: '3.11.9' }
  },
  {
    shows: 'Python nearest in the major version',
    images: { a: { python: '3.8.1' }, b: { python: '3.12.0' } },
    asks: { python: '3.11.4' },
    gives: 'b'
  },
  {
    shows: 'no other major version of Python',
    images: { a: { python: '2.7.18' } },
    asks: { python: '3.11.4' },
    refused: 'NoMatchingImage',
    says: ['has Python 2.7.18, which is not compatible with 3.11.4 (strategy nearest)']
  },
  {
    shows: 'any minor of the major version of Python',
    images: { a: { python: '2.7.18' }, b: { python: '3.6.0' } },
    asks: { python: '3.13.0' },
    gives: 'b'
  },
  { shows: 'Python 3 is any of them, the highest', images: MATRIX, asks: { python: '3' }, gives: 'new' },
  {
    shows: 'Python exact',
    images: MATRIX,
    asks: { python: '3.11.8' },
    strategies: { python: 'exact' },
    refused: 'NoMatchingImage',
    says: ['Nearest: mid']
  },
  {
    shows: 'Python major-minor',
    images: MATRIX,
    asks: { python: '3.11.8' },
    strategies: { python: 'major-minor' },
    gives: 'mid'
  },
  { shows: 'a PEP 440 range', images: MATRIX, asks: { python: '>=3.9,<3.12' }, gives: 'mid' },
  {
    shows: 'a compatible release',
    images: { a: { python: '4.0.0' }, b: { python: '3.10.1' } },
    asks: { python: '~=3.10' },
    gives: 'b'
  },
  { shows: 'a prefix', images: MATRIX, asks: { python: '==3.9.*' }, gives: 'old' },
  { shows: 'an exclusion', images: MATRIX, asks: { python: '>=3.9,!=3.12.*' }, gives: 'mid' },
  {
    shows: 'the version that is excluded is passed over in its image',
    images: { a: { python: '3.12.1 3.12.2' } },
    asks: { python: '!=3.12.2' },
    gives: 'a',
    with: { python: '3.12.1' }
  },
  {
    shows: '<=3.11 is not true of 3.11.9, as PEP 440 has it',
    images: MATRIX,
    asks: { python: '<=3.11' },
    gives: 'old'
  },
  {
    shows: 'a constraint that nothing satisfies',
    images: MATRIX,
    asks: { python: '>=3.13' },
    refused: 'NoMatchingImage',
    says: [
      'No image can be taken for Python >=3.13',
      'Nearest: new (defs.yaml line 4) has Python 3.12.4',
      '; mid (',
      '; old ('
    ]
  },

  // Quarto
  {
    shows: 'the Quarto that was asked for',
    images: MATRIX,
    asks: { quarto: '1.4.557' },
    gives: 'mid',
    with: { quarto: '1.4.557' }
  },
  { shows: 'Quarto nearest', images: MATRIX, asks: { quarto: '1.4.100' }, gives: 'mid' },
  {
    shows: 'Quarto nearest over major versions',
    images: { a: { quarto: '1.5.57' } },
    asks: { quarto: '2.0.0' },
    gives: 'a'
  },
  {
    shows: 'Quarto exact',
    images: MATRIX,
    asks: { quarto: '1.4.550' },
    strategies: { quarto: 'exact' },
    refused: 'NoMatchingImage'
  },
  {
    shows: 'Quarto major-minor',
    images: MATRIX,
    asks: { quarto: '1.3.1' },
    strategies: { quarto: 'major-minor' },
    gives: 'old'
  },
  { shows: 'an npm range for Quarto', images: MATRIX, asks: { quarto: '>=1.3 <1.5' }, gives: 'mid' },
  { shows: 'a hyphen range for Quarto', images: MATRIX, asks: { quarto: '1.2 - 1.4' }, gives: 'mid' },
  { shows: '<=1.4 is true of 1.4.557, as npm has it', images: MATRIX, asks: { quarto: '<=1.4' }, gives: 'mid' },

  // Several languages
  {
    shows: 'all languages that are asked for have to be there',
    images: { a: { r: '4.4.1' }, b: { python: '3.12.4' }, c: { r: '3.6.3', python: '3.8.0' } },
    asks: { r: '4.4.1', python: '3.12.4' },
    gives: 'c'
  },
  {
    shows: 'two exact versions beat one',
    images: { a: { r: '4.4.1', python: '3.11.0' }, b: { r: '4.4.1', python: '3.12.4' } },
    asks: { r: '4.4.1', python: '3.12.4' },
    gives: 'b',
    says: ['has 1 of the versions exactly as asked, b has 2']
  },
  {
    shows: 'two exact versions beat a nearer R',
    images: {
      a: { r: '4.4.1', python: '3.12.3', quarto: '1.4.0' },
      b: { r: '4.3.0', python: '3.12.4', quarto: '1.5.57' }
    },
    asks: { r: '4.4.1', python: '3.12.4', quarto: '1.5.57' },
    gives: 'b'
  },
  {
    shows: 'one exact version beats two that are near',
    images: { a: { r: '4.4.2', python: '3.12.5' }, b: { r: '3.6.3', python: '3.12.4' } },
    asks: { r: '4.4.1', python: '3.12.4' },
    gives: 'b'
  },
  {
    shows: 'with as many exact versions R counts first',
    images: { a: { r: '4.3.3', python: '3.12.4' }, b: { r: '4.4.1', python: '3.9.0' } },
    asks: { r: '4.4.1', python: '3.12.4' },
    gives: 'b',
    says: ['has R 4.3.3; the R 4.4.1 of b is preferred for 4.4.1']
  },
  {
    shows: 'with the same R Python counts',
    images: {
      a: { r: '4.4.0', python: '3.10.0', quarto: '1.5.58' },
      b: { r: '4.4.0', python: '3.12.5', quarto: '1.0.0' }
    },
    asks: { r: '4.4.1', python: '3.12.4', quarto: '1.5.57' },
    gives: 'b'
  },
  {
    shows: 'with the same R and Python Quarto counts',
    images: {
      a: { r: '4.4.0', python: '3.12.5', quarto: '1.4.0' },
      b: { r: '4.4.0', python: '3.12.5', quarto: '1.5.0' }
    },
    asks: { r: '4.4.1', python: '3.12.4', quarto: '1.5.57' },
    gives: 'b'
  },
  {
    shows: 'with the same versions the first in the files',
    images: { a: { r: '4.4.1', python: '3.12.4' }, b: { r: '4.4.1', python: '3.12.4' } },
    asks: { r: '4.4.1', python: '3.12.4' },
    gives: 'a',
    says: ['is as good as a, which stands first in the files']
  },
  {
    shows: 'what is not asked for does not count',
    images: { a: { r: '4.4.1', python: '2.7.18' }, b: { r: '4.4.1', python: '3.12.4' } },
    asks: { r: '4.4.1' },
    gives: 'a'
  },
  {
    shows: 'a version of one language and a constraint on another',
    images: MATRIX,
    asks: { r: '4.4.1', python: '<3.12' },
    gives: 'mid',
    with: { r: '4.3.3', python: '3.11.9' }
  },
  {
    shows: 'constraints count in the order of the languages',
    images: { a: { r: '4.3.3', python: '3.12.4' }, b: { r: '4.4.1', python: '3.11.9' } },
    asks: { r: '>=4.3', python: '>=3.11' },
    gives: 'b'
  },
  {
    shows: 'one language that is not compatible spoils an image',
    images: { a: { r: '4.4.1', python: '2.7.18' } },
    asks: { r: '4.4.1', python: '3.12.4' },
    refused: 'NoMatchingImage',
    says: ['R 4.4.1 and Python 3.12.4', 'a (defs.yaml line 2) has Python 2.7.18']
  },
  {
    shows: 'each language that is not compatible is told',
    images: { a: { r: '4.4.1', python: '2.7.18' } },
    asks: { r: '>5', python: '3.12.4', quarto: '1' },
    refused: 'NoMatchingImage',
    says: [
      'has R 4.4.1, which is not compatible with >5 and has Python 2.7.18, which is not compatible with 3.12.4 ' +
      '(strategy nearest) and has no Quarto'
    ]
  },
  {
    shows: 'nearest are first those where most is compatible',
    images: { a: { python: '3.1.0' }, b: { r: '4.4.1', python: '3.8.0' } },
    asks: { r: '>=4', python: '>=3.9' },
    refused: 'NoMatchingImage',
    says: ['Nearest: b']
  },
  {
    shows: "strategies are each language's own",
    images: MATRIX,
    asks: { r: '4.4', python: '3.11.9' },
    strategies: { python: 'exact' },
    gives: 'mid'
  },
  {
    shows: 'a refusal names three images and counts the rest',
    images: { a: {}, b: {}, c: {}, d: {}, e: {} },
    asks: { r: '4' },
    refused: 'NoMatchingImage',
    says: ['has no R; and 2 more.']
  },

  // matching and the profile
  {
    shows: 'an image that has to be named is passed over, even when it is exact',
    images: { a: { r: '4.4.1', matching: 'exact' }, b: { r: '4.1.0' } },
    asks: { r: '4.4.1' },
    gives: 'b'
  },
  {
    shows: 'an image for no job is passed over',
    images: { a: { r: '4.4.1', matching: 'none' }, b: { r: '4.1.0', matching: 'any' } },
    asks: { r: '4.4.1' },
    gives: 'b'
  },
  {
    shows: 'an image that the profile does not allow is passed over',
    images: { a: { r: '4.4.1' }, b: { r: '4.1.0' } },
    asks: { r: '4.4.1' },
    allowed: ['b', 'z'],
    gives: 'b',
    says: ['is not one of the images that the profile allows']
  },
  {
    shows: 'when the profile allows none nothing is chosen',
    images: ONE,
    asks: { r: '4.4.1' },
    allowed: [],
    refused: 'NoMatchingImage'
  },
  {
    shows: 'images that may be taken are nearer than those that may not',
    images: { a: { r: '4.4.1', matching: 'exact' }, b: {} },
    asks: { r: '4.4.1' },
    refused: 'NoMatchingImage',
    says: ['Nearest: b (defs.yaml line 3) has no R; a (defs.yaml line 2) is only for jobs']
  },

  // An image that the job names
  {
    shows: 'the image that is named beats a better one',
    images: MATRIX,
    names: 'old',
    asks: { r: '4.4.1' },
    gives: 'old',
    with: { r: '4.2.3' },
    says: ['is not the image that the job names, old']
  },
  {
    shows: 'the image that is named, without versions',
    images: MATRIX,
    names: 'new',
    gives: 'new',
    with: { r: '4.4.1', python: '3.12.4', quarto: '1.5.57' }
  },
  {
    shows: 'an image that has to be named can be',
    images: { a: { r: '4.4.1', matching: 'exact' } },
    names: 'a',
    gives: 'a'
  },
  {
    shows: 'an image for no job cannot',
    images: { a: { r: '4.4.1', matching: 'none' } },
    names: 'a',
    refused: 'NoMatchingImage',
    says: ['a (defs.yaml line 2) is for no job (matching: none)']
  },
  {
    shows: 'the image that is named has to have the versions',
    images: MATRIX,
    names: 'old',
    asks: { python: '>=3.12' },
    refused: 'NoMatchingImage',
    says: [
      'The image that the job names cannot be taken',
      'old (defs.yaml line 2) has Python 3.9.18',
      'without container.image it would be new'
    ]
  },
  {
    shows: 'in the image that is named the nearest version',
    images: { a: { python: '3.9.1 3.11.2 3.12.0' } },
    names: 'a',
    asks: { python: '3.11.1' },
    gives: 'a',
    with: { python: '3.11.2' }
  },
  {
    shows: 'an image that no file defines is taken as it is',
    images: MATRIX,
    names: 'other',
    gives: 'other',
    with: {}
  },
  {
    shows: 'an image that no file defines is not known to have a version',
    images: MATRIX,
    names: 'other',
    asks: { r: '4.4.1' },
    refused: 'NoMatchingImage',
    says: ['not known to have R 4.4.1', 'without container.image it would be new']
  },
  {
    shows: 'when no other has it either the nearest is told',
    images: { a: { r: '4.4.1' } },
    names: 'other',
    asks: { r: '>5' },
    refused: 'NoMatchingImage',
    says: ['nearest of the others: a has R 4.4.1']
  },
  {
    shows: 'an image that no file defines and the profile does not allow',
    images: MATRIX,
    names: 'other',
    allowed: ['old'],
    refused: 'NoMatchingImage',
    says: ['The image other is not one of the images that the profile allows']
  },
  {
    shows: 'an image that a file defines and the profile does not allow',
    images: MATRIX,
    names: 'new',
    allowed: ['old'],
    refused: 'NoMatchingImage',
    says: ['new (defs.yaml line 4) is not one of the images that the profile allows']
  },

  // Texts that are no versions
  {
    shows: 'a text that is no version is refused before anything is chosen',
    images: MATRIX,
    asks: { r: 'latest' },
    refused: 'InvalidJob',
    says: ['runtime.r is not a version such as', '"latest"']
  },
  {
    shows: 'an empty text is no version',
    images: MATRIX,
    asks: { quarto: '' },
    refused: 'InvalidJob',
    says: ['runtime.quarto']
  },
  {
    shows: 'also for an image that is named',
    images: MATRIX,
    names: 'new',
    asks: { python: '3.12.0rc1' },
    refused: 'InvalidJob',
    says: ['runtime.python']
  }
]
