/** As little as tests of pure functions need. */
const failures: string[] = [];
let place = "";
let count = 0;

export function test(name: string, body: () => void): void {
  place = name;
  count += 1;
  try {
    body();
  } catch (error) {
    failures.push(`${name}: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
  }
}

export function equal(found: unknown, expected: unknown): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  if (left !== right) failures.push(`${place}:\n  found    ${left}\n  expected ${right}\n${new Error().stack?.split("\n")[2] ?? ""}`);
}

/** Says how it went; throws when something failed. */
export function finish(): void {
  if (failures.length > 0) throw new Error(`\n${failures.join("\n")}`);
  console.log(`${count} tests of the web faces passed.`);
}
