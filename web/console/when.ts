/** A time in full, in the past or to come: 3 Mar 2026, 09:30. */
export function when(time: string): string {
  return new Date(time).toLocaleString([], { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
}
