// Image selection with matching, with a profile, for a named image and for invalid versions.

import { MATRIX, ONE, type SelectionCase } from './selection-fixtures.ts'

export const NAME_CASES: readonly SelectionCase[] = [
  // matching and the profile
  {
    shows: 'an image that jobs must name is skipped even if it is exact',
    images: { a: { r: '4.4.1', matching: 'exact' }, b: { r: '4.1.0' } },
    asks: { r: '4.4.1' },
    gives: 'b'
  },
  {
    shows: 'an image with matching none is skipped',
    images: { a: { r: '4.4.1', matching: 'none' }, b: { r: '4.1.0', matching: 'any' } },
    asks: { r: '4.4.1' },
    gives: 'b'
  },
  {
    shows: 'an image that the profile does not allow is skipped',
    images: { a: { r: '4.4.1' }, b: { r: '4.1.0' } },
    asks: { r: '4.4.1' },
    allowed: ['b', 'z'],
    gives: 'b',
    says: ['is not one of the images that the profile allows']
  },
  {
    shows: 'no image is selected if the profile allows none',
    images: ONE,
    asks: { r: '4.4.1' },
    allowed: [],
    refused: 'NoMatchingImage'
  },
  {
    shows: 'allowed images are reported as nearer than others',
    images: { a: { r: '4.4.1', matching: 'exact' }, b: {} },
    asks: { r: '4.4.1' },
    refused: 'NoMatchingImage',
    says: ['Nearest: b (defs.yaml line 3) has no R; a (defs.yaml line 2) is only for jobs']
  },

  // An image that the job names
  {
    shows: 'the named image beats a nearer one',
    images: MATRIX,
    names: 'old',
    asks: { r: '4.4.1' },
    gives: 'old',
    with: { r: '4.2.3' },
    says: ['is not the image that the job names, old']
  },
  {
    shows: 'the named image without requested versions',
    images: MATRIX,
    names: 'new',
    gives: 'new',
    with: { r: '4.4.1', python: '3.12.4', quarto: '1.5.57' }
  },
  {
    shows: 'an image with matching exact can be named',
    images: { a: { r: '4.4.1', matching: 'exact' } },
    names: 'a',
    gives: 'a'
  },
  {
    shows: 'an image with matching none cannot be named',
    images: { a: { r: '4.4.1', matching: 'none' } },
    names: 'a',
    refused: 'NoMatchingImage',
    says: ['a (defs.yaml line 2) is not used for any job (matching: none)']
  },
  {
    shows: 'the named image must have the requested versions',
    images: MATRIX,
    names: 'old',
    asks: { python: '>=3.12' },
    refused: 'NoMatchingImage',
    says: [
      'The image that the job names cannot be used',
      'old (defs.yaml line 2) has Python 3.9.18',
      'without container.image it would be new'
    ]
  },
  {
    shows: 'the nearest version in the named image is selected',
    images: { a: { python: '3.9.1 3.11.2 3.12.0' } },
    names: 'a',
    asks: { python: '3.11.1' },
    gives: 'a',
    with: { python: '3.11.2' }
  },
  {
    shows: 'a named image that no file defines is accepted unchanged',
    images: MATRIX,
    names: 'other',
    gives: 'other',
    with: {}
  },
  {
    shows: 'a named image that no file defines has no known version',
    images: MATRIX,
    names: 'other',
    asks: { r: '4.4.1' },
    refused: 'NoMatchingImage',
    says: ['not known to have R 4.4.1', 'without container.image it would be new']
  },
  {
    shows: 'the nearest image is reported if no other has the version of an undefined image',
    images: { a: { r: '4.4.1' } },
    names: 'other',
    asks: { r: '>5' },
    refused: 'NoMatchingImage',
    says: ['nearest of the others: a has R 4.4.1']
  },
  {
    shows: 'a named image that no file defines is refused if the profile does not allow it',
    images: MATRIX,
    names: 'other',
    allowed: ['old'],
    refused: 'NoMatchingImage',
    says: ['The image other is not one of the images that the profile allows']
  },
  {
    shows: 'a named image that a file defines is refused if the profile does not allow it',
    images: MATRIX,
    names: 'new',
    allowed: ['old'],
    refused: 'NoMatchingImage',
    says: ['new (defs.yaml line 4) is not one of the images that the profile allows']
  },

  // Invalid versions
  {
    shows: 'an invalid version is refused before an image is selected',
    images: MATRIX,
    asks: { r: 'latest' },
    refused: 'InvalidJob',
    says: ['runtime.r is not a version such as', '"latest"']
  },
  {
    shows: 'an empty version is refused',
    images: MATRIX,
    asks: { quarto: '' },
    refused: 'InvalidJob',
    says: ['runtime.quarto']
  },
  {
    shows: 'an invalid version is refused for a named image',
    images: MATRIX,
    names: 'new',
    asks: { python: '3.12.0rc1' },
    refused: 'InvalidJob',
    says: ['runtime.python']
  }
]
