import type { Unit } from "./oversight";

export { amount, money } from "../shared/money";

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
