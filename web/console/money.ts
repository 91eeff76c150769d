import type { Unit } from "./oversight";

/** 1,234.50 EUR; at least two decimal places where the unit has them. */
export function money(minor: number, unit: Unit): string {
  return `${amount(minor, unit)} ${unit.name}`;
}

/** The same without the unit's name. */
export function amount(minor: number, unit: Unit): string {
  return (minor / 10 ** unit.decimals).toLocaleString(undefined, {
    minimumFractionDigits: Math.min(2, unit.decimals),
    maximumFractionDigits: unit.decimals,
  });
}

/** Reads "12.5" or "12,5" as whole minor units; null for anything else and for more decimal places than there are. */
export function minor(text: string, unit: Unit): number | null {
  const found = /^(\d{1,12})(?:[.,](\d+))?$/.exec(text.trim());
  const fraction = found?.[2] ?? "";
  if (!found || fraction.length > unit.decimals) return null;
  const value = Number(found[1] + fraction.padEnd(unit.decimals, "0"));
  return Number.isSafeInteger(value) ? value : null;
}

/** A key by which the server notices that the same thing is sent again. */
export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `console-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
