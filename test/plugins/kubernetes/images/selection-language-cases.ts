// Image selection for a job that requests Python, Quarto or several languages.

import { MATRIX, type SelectionCase } from './selection-fixtures.ts'

export const LANGUAGE_CASES: readonly SelectionCase[] = [
  // Python
  {
    shows: 'the requested version of Python',
    images: MATRIX,
    asks: { python: '3.11.9' },
    gives: 'mid',
    with: { python: '3.11.9' }
  },
  {
    shows: 'nearest selects Python within the major version',
    images: { a: { python: '3.8.1' }, b: { python: '3.12.0' } },
    asks: { python: '3.11.4' },
    gives: 'b'
  },
  {
    shows: 'another major version of Python is refused',
    images: { a: { python: '2.7.18' } },
    asks: { python: '3.11.4' },
    refused: 'NoMatchingImage',
    says: ['has Python 2.7.18, which is not compatible with 3.11.4 (strategy nearest)']
  },
  {
    shows: 'any minor of the major version of Python is accepted',
    images: { a: { python: '2.7.18' }, b: { python: '3.6.0' } },
    asks: { python: '3.13.0' },
    gives: 'b'
  },
  { shows: 'Python 3 selects its highest version', images: MATRIX, asks: { python: '3' }, gives: 'new' },
  {
    shows: 'exact selects only the requested version of Python',
    images: MATRIX,
    asks: { python: '3.11.8' },
    strategies: { python: 'exact' },
    refused: 'NoMatchingImage',
    says: ['Nearest: mid']
  },
  {
    shows: 'major-minor selects another patch of Python',
    images: MATRIX,
    asks: { python: '3.11.8' },
    strategies: { python: 'major-minor' },
    gives: 'mid'
  },
  { shows: 'a PEP 440 range for Python', images: MATRIX, asks: { python: '>=3.9,<3.12' }, gives: 'mid' },
  {
    shows: 'a compatible release for Python',
    images: { a: { python: '4.0.0' }, b: { python: '3.10.1' } },
    asks: { python: '~=3.10' },
    gives: 'b'
  },
  { shows: 'a prefix match for Python', images: MATRIX, asks: { python: '==3.9.*' }, gives: 'old' },
  { shows: 'an exclusion for Python', images: MATRIX, asks: { python: '>=3.9,!=3.12.*' }, gives: 'mid' },
  {
    shows: 'an excluded version of Python is skipped in its image',
    images: { a: { python: '3.12.1 3.12.2' } },
    asks: { python: '!=3.12.2' },
    gives: 'a',
    with: { python: '3.12.1' }
  },
  {
    shows: '3.11.9 does not satisfy <=3.11, as in PEP 440',
    images: MATRIX,
    asks: { python: '<=3.11' },
    gives: 'old'
  },
  {
    shows: 'a constraint on Python that no image satisfies',
    images: MATRIX,
    asks: { python: '>=3.13' },
    refused: 'NoMatchingImage',
    says: [
      'No image can be selected for Python >=3.13',
      'Nearest: new (defs.yaml line 4) has Python 3.12.4',
      '; mid (',
      '; old ('
    ]
  },

  // Quarto
  {
    shows: 'the requested version of Quarto',
    images: MATRIX,
    asks: { quarto: '1.4.557' },
    gives: 'mid',
    with: { quarto: '1.4.557' }
  },
  { shows: 'nearest selects Quarto', images: MATRIX, asks: { quarto: '1.4.100' }, gives: 'mid' },
  {
    shows: 'nearest selects Quarto across major versions',
    images: { a: { quarto: '1.5.57' } },
    asks: { quarto: '2.0.0' },
    gives: 'a'
  },
  {
    shows: 'exact selects only the requested version of Quarto',
    images: MATRIX,
    asks: { quarto: '1.4.550' },
    strategies: { quarto: 'exact' },
    refused: 'NoMatchingImage'
  },
  {
    shows: 'major-minor selects another patch of Quarto',
    images: MATRIX,
    asks: { quarto: '1.3.1' },
    strategies: { quarto: 'major-minor' },
    gives: 'old'
  },
  { shows: 'an npm range for Quarto', images: MATRIX, asks: { quarto: '>=1.3 <1.5' }, gives: 'mid' },
  { shows: 'a hyphen range for Quarto', images: MATRIX, asks: { quarto: '1.2 - 1.4' }, gives: 'mid' },
  { shows: '1.4.557 satisfies <=1.4, as in npm', images: MATRIX, asks: { quarto: '<=1.4' }, gives: 'mid' },

  // Several languages
  {
    shows: 'the image must have all requested languages',
    images: { a: { r: '4.4.1' }, b: { python: '3.12.4' }, c: { r: '3.6.3', python: '3.8.0' } },
    asks: { r: '4.4.1', python: '3.12.4' },
    gives: 'c'
  },
  {
    shows: 'two exact versions beat one',
    images: { a: { r: '4.4.1', python: '3.11.0' }, b: { r: '4.4.1', python: '3.12.4' } },
    asks: { r: '4.4.1', python: '3.12.4' },
    gives: 'b',
    says: ['has 1 of the exact versions requested, b has 2']
  },
  {
    shows: 'two exact versions beat a nearer version of R',
    images: {
      a: { r: '4.4.1', python: '3.12.3', quarto: '1.4.0' },
      b: { r: '4.3.0', python: '3.12.4', quarto: '1.5.57' }
    },
    asks: { r: '4.4.1', python: '3.12.4', quarto: '1.5.57' },
    gives: 'b'
  },
  {
    shows: 'one exact version beats two near versions',
    images: { a: { r: '4.4.2', python: '3.12.5' }, b: { r: '3.6.3', python: '3.12.4' } },
    asks: { r: '4.4.1', python: '3.12.4' },
    gives: 'b'
  },
  {
    shows: 'with equally many exact versions R decides',
    images: { a: { r: '4.3.3', python: '3.12.4' }, b: { r: '4.4.1', python: '3.9.0' } },
    asks: { r: '4.4.1', python: '3.12.4' },
    gives: 'b',
    says: ['has R 4.3.3; the R 4.4.1 of b is preferred for 4.4.1']
  },
  {
    shows: 'with the same version of R Python decides',
    images: {
      a: { r: '4.4.0', python: '3.10.0', quarto: '1.5.58' },
      b: { r: '4.4.0', python: '3.12.5', quarto: '1.0.0' }
    },
    asks: { r: '4.4.1', python: '3.12.4', quarto: '1.5.57' },
    gives: 'b'
  },
  {
    shows: 'with the same versions of R and Python Quarto decides',
    images: {
      a: { r: '4.4.0', python: '3.12.5', quarto: '1.4.0' },
      b: { r: '4.4.0', python: '3.12.5', quarto: '1.5.0' }
    },
    asks: { r: '4.4.1', python: '3.12.4', quarto: '1.5.57' },
    gives: 'b'
  },
  {
    shows: 'with the same versions the first image in the files is selected',
    images: { a: { r: '4.4.1', python: '3.12.4' }, b: { r: '4.4.1', python: '3.12.4' } },
    asks: { r: '4.4.1', python: '3.12.4' },
    gives: 'a',
    says: ['is as good as a, which comes first in the files']
  },
  {
    shows: 'languages that were not requested do not count',
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
    shows: 'constraints are compared in the order of the languages',
    images: { a: { r: '4.3.3', python: '3.12.4' }, b: { r: '4.4.1', python: '3.11.9' } },
    asks: { r: '>=4.3', python: '>=3.11' },
    gives: 'b'
  },
  {
    shows: 'an image with one incompatible language is not selected',
    images: { a: { r: '4.4.1', python: '2.7.18' } },
    asks: { r: '4.4.1', python: '3.12.4' },
    refused: 'NoMatchingImage',
    says: ['R 4.4.1 and Python 3.12.4', 'a (defs.yaml line 2) has Python 2.7.18']
  },
  {
    shows: 'each incompatible language is reported',
    images: { a: { r: '4.4.1', python: '2.7.18' } },
    asks: { r: '>5', python: '3.12.4', quarto: '1' },
    refused: 'NoMatchingImage',
    says: [
      'has R 4.4.1, which is not compatible with >5 and has Python 2.7.18, which is not compatible with 3.12.4 ' +
      '(strategy nearest) and has no Quarto'
    ]
  },
  {
    shows: 'the images with the most compatible languages are reported as nearest',
    images: { a: { python: '3.1.0' }, b: { r: '4.4.1', python: '3.8.0' } },
    asks: { r: '>=4', python: '>=3.9' },
    refused: 'NoMatchingImage',
    says: ['Nearest: b']
  },
  {
    shows: 'each language has its own strategy',
    images: MATRIX,
    asks: { r: '4.4', python: '3.11.9' },
    strategies: { python: 'exact' },
    gives: 'mid'
  },
  {
    shows: 'a refusal names three images and counts the others',
    images: { a: {}, b: {}, c: {}, d: {}, e: {} },
    asks: { r: '4' },
    refused: 'NoMatchingImage',
    says: ['has no R; and 2 more.']
  }
]
