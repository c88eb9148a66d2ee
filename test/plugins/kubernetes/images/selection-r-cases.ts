// Image selection for a job that requests nothing, or a version of R.

import { MATRIX, ONE, type SelectionCase } from './selection-fixtures.ts'

export const R_CASES: readonly SelectionCase[] = [
  // No request
  { shows: 'a job that requests nothing gets the first image', images: MATRIX, gives: 'old' },
  {
    shows: 'a job that requests nothing does not get an image that jobs must name',
    images: { a: { matching: 'exact' }, b: {} },
    gives: 'b',
    says: ['is only for jobs that name it (matching: exact)']
  },
  {
    shows: 'a job that requests nothing does not get an image with matching none',
    images: { a: { matching: 'none' }, b: {} },
    gives: 'b',
    says: ['is not used for any job (matching: none)']
  },
  {
    shows: 'the highest version of a language that was not requested is reported',
    images: { a: { r: '4.3.1 4.10.0 4.4.1', python: '3.9.1' } },
    gives: 'a',
    with: { r: '4.10.0', python: '3.9.1' }
  },
  {
    shows: 'without definitions no image is selected',
    images: {},
    refused: 'NoMatchingImage',
    says: ['No file defines an image']
  },
  {
    shows: 'without definitions no image is selected for a requested version',
    images: {},
    asks: { r: '4.4' },
    refused: 'NoMatchingImage'
  },
  {
    shows: 'no image is selected if jobs must name all images',
    images: { a: { matching: 'exact' }, b: { matching: 'none' } },
    refused: 'NoMatchingImage',
    says: ['a job that names none', 'a (defs.yaml line 2) is only for jobs that name it']
  },

  // R, nearest
  { shows: 'the requested version of R', images: MATRIX, asks: { r: '4.3.3' }, gives: 'mid', with: { r: '4.3.3' } },
  {
    shows: 'the exact version of R beats one that is first in the files',
    images: { a: { r: '4.3.2' }, b: { r: '4.3.3' } },
    asks: { r: '4.3.3' },
    gives: 'b',
    says: ['has 0 of the exact versions requested, b has 1']
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
    shows: 'the nearest of several higher patches of R',
    images: { a: { r: '4.3.9' }, b: { r: '4.3.4' } },
    asks: { r: '4.3.2' },
    gives: 'b'
  },
  {
    shows: 'the nearest of several lower patches of R',
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
    shows: 'the nearest of several higher minors of R',
    images: { a: { r: '4.5.0' }, b: { r: '4.4.2' } },
    asks: { r: '4.3.1' },
    gives: 'b'
  },
  {
    shows: 'the nearest of several lower minors of R',
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
    shows: 'any version of R is selected if there is no other',
    images: { a: { r: '3.6.3' } },
    asks: { r: '4.3.1' },
    gives: 'a',
    with: { r: '3.6.3' }
  },
  {
    shows: 'versions of R are compared as numbers',
    images: { a: { r: '4.9.0' }, b: { r: '4.10.0' } },
    asks: { r: '4.10.1' },
    gives: 'b'
  },
  {
    shows: 'R 4.4 selects its highest patch',
    images: { a: { r: '4.4.0' }, b: { r: '4.4.2' }, c: { r: '4.4.1' } },
    asks: { r: '4.4' },
    gives: 'b',
    with: { r: '4.4.2' }
  },
  {
    shows: 'R 4 selects its highest minor',
    images: { a: { r: '4.4.2' }, b: { r: '4.5.0' }, c: { r: '5.0.0' } },
    asks: { r: '4' },
    gives: 'b'
  },
  {
    shows: 'R 4.3 selects the next minor if no image has 4.3',
    images: { a: { r: '4.5.1' }, b: { r: '4.4.3' }, c: { r: '4.4.1' } },
    asks: { r: '4.3' },
    gives: 'c'
  },
  {
    shows: 'the nearest of several versions of R in one image',
    images: { a: { r: '4.2.3 4.3.1 4.3.3 4.4.1' } },
    asks: { r: '4.3.2' },
    gives: 'a',
    with: { r: '4.3.3' }
  },
  {
    shows: 'an image without R is never selected for R',
    images: { ...ONE, r: {} },
    asks: { r: '4.4.1' },
    refused: 'NoMatchingImage',
    says: ['py (defs.yaml line 3) has no R']
  },

  // R, other strategies and constraints
  {
    shows: 'exact selects only the requested version of R',
    images: { a: { r: '4.3.2' }, b: { r: '4.3.3' } },
    asks: { r: '4.3.3' },
    strategies: { r: 'exact' },
    gives: 'b'
  },
  {
    shows: 'exact refuses the next patch of R',
    images: { a: { r: '4.3.2' } },
    asks: { r: '4.3.3' },
    strategies: { r: 'exact' },
    refused: 'NoMatchingImage',
    says: ['R 4.3.3', 'has R 4.3.2, which is not compatible with 4.3.3 (strategy exact)']
  },
  {
    shows: 'exact accepts any patch of R if none is requested',
    images: { a: { r: '4.2.3' }, b: { r: '4.3.2' } },
    asks: { r: '4.3' },
    strategies: { r: 'exact' },
    gives: 'b'
  },
  {
    shows: 'major-minor accepts another patch of R',
    images: { a: { r: '4.4.0' }, b: { r: '4.3.0' } },
    asks: { r: '4.3.3' },
    strategies: { r: 'major-minor' },
    gives: 'b'
  },
  {
    shows: 'major-minor refuses another minor of R',
    images: { a: { r: '4.4.0 4.2.3' } },
    asks: { r: '4.3.3' },
    strategies: { r: 'major-minor' },
    refused: 'NoMatchingImage',
    says: ['has R 4.4.0, 4.2.3, which are not compatible with 4.3.3 (strategy major-minor)']
  },
  {
    shows: 'a constraint on R selects the highest version that satisfies it',
    images: MATRIX,
    asks: { r: '>=4.2,<4.4' },
    gives: 'mid',
    says: ['has R 4.2.3; the R 4.3.3 of mid is higher']
  },
  {
    shows: 'a constraint on R applies with any strategy',
    images: { a: { r: '4.4.1' } },
    asks: { r: '<4.4' },
    refused: 'NoMatchingImage',
    says: ['which is not compatible with <4.4']
  },
  { shows: 'a caret for R', images: { a: { r: '5.0.0' }, b: { r: '4.3.1' } }, asks: { r: '^4.1' }, gives: 'b' },
  { shows: 'a tilde for R', images: { a: { r: '4.4.0' }, b: { r: '4.3.2' } }, asks: { r: '~4.3.1' }, gives: 'b' },
  { shows: 'a wildcard for R', images: { a: { r: '5.0.0' }, b: { r: '4.1.0' } }, asks: { r: '4.x' }, gives: 'b' },
  {
    shows: 'a union of two ranges of R',
    images: { a: { r: '4.2.0' }, b: { r: '4.1.2' } },
    asks: { r: '4.1.x || 4.3.x' },
    gives: 'b'
  },
  { shows: 'a star selects the highest version of R', images: MATRIX, asks: { r: '*' }, gives: 'new' },
  {
    shows: '4.3.1 satisfies > 4.3, as in R',
    images: { a: { r: '4.3.0' }, b: { r: '4.3.1' } },
    asks: { r: '> 4.3' },
    gives: 'b'
  }
]
