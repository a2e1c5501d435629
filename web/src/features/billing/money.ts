import type { Language } from '@/i18n'

/**
 * Currencies whose smallest unit at Stripe isn't a hundredth: https://docs.stripe.com/currencies. Stripe's list and the
 * language's own are not the same, so what `Intl` believes doesn't count.
 */
const DIGITS: Record<string, number> = {
  ...Object.fromEntries(
    'bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf'.split(' ').map((currency) => [currency, 0]),
  ),
  ...Object.fromEntries('bhd jod kwd omr tnd'.split(' ').map((currency) => [currency, 3])),
}

/** How many digits an amount in this currency's smallest unit has behind its point. */
export const digitsOf = (currency: string) => DIGITS[currency.toLowerCase()] ?? 2

/** An amount, in the currency's smallest unit, as the language writes it. */
export function money(language: Language, amount: number, currency: string): string {
  const digits = digitsOf(currency)
  return new Intl.NumberFormat(language, {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount / 10 ** digits)
}
