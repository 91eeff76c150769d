interface Entry {
  tab: string;
  /** When it was taken, and until when it holds unless it is renewed; milliseconds since 1970. */
  since: number;
  until: number;
}

/** How often a tab renews what it holds, and how long it holds without that, in milliseconds. */
const BEAT = 2000;
const LIFE = 6000;

/** Somebody looks at this tab, or does something there. */
const signs = ["pageshow", "focus", "visibilitychange", "pointerdown", "keydown"];

/**
 * Which tabs of an origin may do something that only a few may do at a time, where the browser has no locks.
 *
 * Entries in localStorage, which other tabs hear of when they change. A tab that is hidden may be too slow to renew its
 * entry, and loses it to one that is looked at.
 */
export class Lease {
  private isHeld = false;
  private timer = 0;

  constructor(private readonly name: string, private readonly tab: string, private readonly most: number, private readonly onChange: (isHeld: boolean) => void) {
    window.addEventListener("storage", this.heard);
    window.addEventListener("pagehide", this.leave);
    for (const sign of signs) window.addEventListener(sign, this.take, true);
    this.timer = window.setInterval(() => this.beat(), BEAT);
    this.take();
  }

  close(): void {
    window.clearInterval(this.timer);
    window.removeEventListener("storage", this.heard);
    window.removeEventListener("pagehide", this.leave);
    for (const sign of signs) window.removeEventListener(sign, this.take, true);
    this.leave();
  }

  /** Whoever is looked at comes before who waited longest without that. */
  private readonly take = (): void => {
    if (!this.isHeld && document.visibilityState === "visible") this.change(true);
  };

  private readonly heard = (event: StorageEvent): void => {
    if (event.key !== this.name) return;
    if (this.isHeld && !this.read().some((one) => one.tab === this.tab)) this.now(false);
    // Somebody left.
    else if (!this.isHeld && document.visibilityState === "visible" && this.read().length < this.most) this.change(false);
  };

  private readonly leave = (): void => {
    if (!this.isHeld) return;
    this.write(this.read().filter((one) => one.tab !== this.tab));
    this.now(false);
  };

  private beat(): void {
    if (this.isHeld || document.visibilityState === "visible") this.change(false);
  }

  /** Renews what is held, or takes a place: a free one, or another tab's. */
  private change(isUrgent: boolean): void {
    const now = Date.now();
    const others = this.read().filter((one) => one.tab !== this.tab);
    const mine = this.read().find((one) => one.tab === this.tab);
    if (!mine && others.length >= this.most) {
      // Where one tab works for all, its place is not fought for.
      if (!isUrgent || this.most === 1) return this.now(false);
      others.sort((one, other) => one.since - other.since).splice(0, others.length - this.most + 1);
    }
    const wrote = this.write([...others, { tab: this.tab, since: mine?.since ?? now, until: now + LIFE }]);
    // Where nothing can be kept, each tab is on its own for as long as it is looked at.
    this.now(wrote || document.visibilityState === "visible");
  }

  private now(isHeld: boolean): void {
    if (isHeld === this.isHeld) return;
    this.isHeld = isHeld;
    this.onChange(isHeld);
  }

  private read(): Entry[] {
    try {
      const list = JSON.parse(localStorage.getItem(this.name) ?? "[]") as Entry[];
      // A clock that was set back leaves nothing that holds for long.
      return list.filter((one) => one.until > Date.now() && one.until <= Date.now() + 2 * LIFE);
    } catch {
      return [];
    }
  }

  private write(list: Entry[]): boolean {
    try {
      localStorage.setItem(this.name, JSON.stringify(list));
      return true;
    } catch {
      return false;
    }
  }
}
