import { expect, it } from 'vitest'

import { digitsOf, money } from './money'

// What stands between a number and its currency is a space that doesn't break.
const spelled = (...all: Parameters<typeof money>) => money(...all).replaceAll(/\s/g, ' ')

it('spells an amount as the language does', () => {
  expect(spelled('en', 1200, 'eur')).toBe('€12.00')
  expect(spelled('de', 199_000, 'eur')).toBe('1.990,00 €')
  expect(spelled('en', 5, 'eur')).toBe('€0.05')
  expect(spelled('en', -18_700, 'eur')).toBe('-€187.00')
})

it('knows the currencies that have no hundredths', () => {
  expect(spelled('en', 1200, 'jpy')).toBe('¥1,200')
  expect(spelled('de', 1200, 'krw')).toBe('1.200 ₩')
  expect(spelled('en', 1500, 'kwd')).toBe('KWD 1.500')
  // Of these, the language has another opinion than Stripe.
  expect([digitsOf('MGA'), digitsOf('isk'), digitsOf('huf')]).toEqual([0, 2, 2])
})

it('spells every amount exactly', () => {
  for (let amount = 0; amount < 100_000; amount += 97) {
    const digits = money('en', amount, 'usd').replaceAll(/\D/g, '')
    expect(Number(digits)).toBe(amount)
  }
})
