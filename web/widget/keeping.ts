import type { SignedIn } from "../shared/types";

/** What this browser keeps of a sign-in. */
export interface Kept {
  operator: number;
  /** On a foreign page, where a cookie of another site would not be sent; else the cookie, which no script can read. */
  token?: string;
  /** By the page's word; otherwise by name and passphrase. */
  isVouched: boolean;
}

/**
 * What the page's storage keeps of who is signed in at one server.
 *
 * A token lives as long as the tab; who has the cookie is known to all tabs, which share it.
 */
export class Keeping {
  private readonly name: string;

  constructor(private readonly base: string, private readonly isOwnOrigin: boolean) {
    this.name = `deckhand ${base} signed in`;
  }

  private get storage(): Storage {
    return this.isOwnOrigin ? localStorage : sessionStorage;
  }

  /** Before what is remembered of an operator's view. */
  prefix(operator: number): string {
    return `deckhand ${this.base} ${operator}.`;
  }

  read(): Kept | null {
    try {
      const kept = JSON.parse(this.storage.getItem(this.name) ?? "null") as Kept | null;
      return typeof kept?.operator === "number" ? kept : null;
    } catch {
      return null;
    }
  }

  /** Keeps who signed in now; what was remembered of somebody else goes. */
  write(who: SignedIn, isVouched: boolean): void {
    const before = this.read();
    const kept: Kept = { operator: who.operator.id, isVouched, ...(this.isOwnOrigin || who.token === undefined ? {} : { token: who.token }) };
    this.put(kept);
    if (before && before.operator !== kept.operator) this.erase(before.operator);
  }

  /** Forgets the sign-in; whose it was is still known, so that nothing of it is left to somebody else. */
  forget(): void {
    const kept = this.read();
    if (kept) this.put({ operator: kept.operator, isVouched: kept.isVouched });
  }

  private put(kept: Kept): void {
    try {
      this.storage.setItem(this.name, JSON.stringify(kept));
    } catch {
      // Then it lasts until the page is left.
    }
  }

  private erase(operator: number): void {
    try {
      const prefix = this.prefix(operator);
      Object.keys(localStorage).filter((key) => key.startsWith(prefix)).forEach((key) => localStorage.removeItem(key));
    } catch {
      // Nothing was kept.
    }
  }

  /** Calls back when another tab signs somebody in or out with the cookie that all have; ends with the returned function. */
  whenChanged(heard: () => void): () => void {
    const listener = (event: StorageEvent) => {
      if (event.key === this.name && event.storageArea === this.storage) heard();
    };
    window.addEventListener("storage", listener);
    return () => window.removeEventListener("storage", listener);
  }
}
