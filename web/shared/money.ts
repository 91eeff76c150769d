/** What amounts are counted in: whole minor units, of which 10^decimals are one. */
export interface MoneyUnit {
  name: string;
  decimals: number;
}

/** 1,234.50 EUR; at least two decimal places where the unit has them. */
export function money(minor: number, unit: MoneyUnit): string {
  return `${amount(minor, unit)} ${unit.name}`;
}

/** The same without the unit's name. */
export function amount(minor: number, unit: Pick<MoneyUnit, "decimals">): string {
  return (minor / 10 ** unit.decimals).toLocaleString(undefined, {
    minimumFractionDigits: Math.min(2, unit.decimals),
    maximumFractionDigits: unit.decimals,
  });
}
