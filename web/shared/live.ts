import { Api, ApiError } from "./api";
import { Lease } from "./lease";
import { readEvents } from "./sse";
import { Store } from "./store";

/** What one tab follows. */
export interface Wants {
  /** Chats with the number of the last event that is known. */
  chats: Record<string, number>;
  /** Tickets such as `web-1/3`. */
  tickets: string[];
  approvals: boolean;
}

export type Connection = "idle" | "connecting" | "live" | "offline";

/** An event of `/v1/events`. */
export interface LiveEvent {
  name: string;
  id: string | null;
  data: Record<string, unknown>;
  /** Of a chat: the number of the event that the stream brought before, so that whoever lacks that one knows. */
  before: number | null;
}

type Message =
  | { type: "wants"; tab: string; wants: Wants; isAgain?: boolean }
  | { type: "bye"; tab: string }
  | { type: "who" }
  | { type: "event"; event: LiveEvent }
  | { type: "state"; state: Connection };

/** The server follows at most this many things in one stream. */
const MOST = 32;
/** The server sends a heartbeat every 15 seconds. */
const SILENCE = 40_000;
/** A stream that has not begun to be answered by then is asked for once more, in milliseconds. */
const PATIENCE = 15_000;
/** A tab that reads for all and answers nothing for so long loses that, in milliseconds. */
const MUTE = 5_000;
/** What is missing is asked for no more often than that, in milliseconds. */
const LACKING = 3_000;
/** Where tabs cannot hand anything to each other this many have a stream, so that requests still get through. */
const ALONE = 3;

/**
 * All live data of a browser over one stream, because HTTP/1.1 gives it six connections per origin over all its tabs.
 *
 * One tab, which holds a Web Lock, reads the stream for all and hands events over a BroadcastChannel. Where there are no
 * locks (pages that are no secure context), a lease takes their place. Without a channel, the tabs that were looked at
 * last have streams of their own.
 */
export class LiveFeed {
  readonly connection = new Store<Connection>("idle");
  private readonly tab = Math.random().toString(36).slice(2);
  private readonly listeners = new Set<(event: LiveEvent) => void>();
  private readonly known = new Map<string, Wants>();
  private channel: BroadcastChannel | null = null;
  private wants: Wants = { chats: {}, tickets: [], approvals: false };
  private isOpen = false;
  private isLeader = false;
  private isClosed = false;
  private isPaused = false;
  private release: () => void = () => {};
  private lease: Lease | null = null;
  private abort: AbortController | null = null;
  /** The stream that ends once the one that takes its place is there. */
  private leaving: AbortController | null = null;
  private cursor = new Map<string, string>();
  private retry = 0;
  private timer = 0;
  private isPending = false;
  /** Hands the next piece of work over at once: timers of tabs that nobody looks at wait for up to a minute. */
  private readonly soon = new MessageChannel();
  /** What the stream that is open follows. */
  private streamed = "";

  private readonly whose: string;

  /** Does nothing yet: what is made while a page is drawn may never be shown, and nobody would close it. */
  constructor(private readonly api: Api, name: string) {
    this.whose = `deckhand ${api.base} ${name}`;
  }

  /** Begins, until it is closed. */
  open(): void {
    if (this.isClosed || this.isOpen) return;
    this.isOpen = true;
    this.channel = typeof BroadcastChannel !== "undefined" ? new BroadcastChannel(this.whose) : null;
    if (this.channel) this.channel.onmessage = (message) => this.receive(message.data as Message);
    this.soon.port1.onmessage = () => this.due();
    if (this.channel && "locks" in navigator) void this.lead(false);
    else this.lease = new Lease(`${this.whose} lease`, this.tab, this.channel ? 1 : ALONE, (isHeld) => this.leads(isHeld));
    this.post({ type: "wants", tab: this.tab, wants: this.wants });
    window.addEventListener("online", this.wake);
    window.addEventListener("pagehide", this.leave);
    document.addEventListener("visibilitychange", this.looked);
  }

  /** Calls back with each event, also those that other tabs wanted; ends with the returned function. */
  listen(listener: (event: LiveEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Says what this tab follows from now on. */
  follow(wants: Wants): void {
    if (JSON.stringify(wants) === JSON.stringify(this.wants)) return;
    this.wants = wants;
    this.know(this.tab, wants);
    this.post({ type: "wants", tab: this.tab, wants });
  }

  close(): void {
    if (this.isClosed) return;
    this.leave();
    this.isClosed = true;
    window.removeEventListener("online", this.wake);
    window.removeEventListener("pagehide", this.leave);
    document.removeEventListener("visibilitychange", this.looked);
    this.soon.port1.close();
    window.clearTimeout(this.mute);
    this.stop();
    this.lease?.close();
    this.release();
    this.channel?.close();
  }

  /** Reads anew from what this tab has: what should have come did not. */
  again(wants: Wants = this.wants): void {
    this.wants = wants;
    this.retry = 0;
    this.anew(this.tab, wants);
    this.post({ type: "wants", tab: this.tab, wants, isAgain: true });
    if (this.isLeader || this.lease || this.mute) return;
    // The tab that reads for all answers at once, unless it is frozen, or stuck in some dialog of its own.
    this.mute = window.setTimeout(() => {
      this.mute = 0;
      if (!this.isClosed && !this.isLeader) void this.lead(true);
    }, MUTE);
  }

  private anew(tab: string, wants: Wants): void {
    if (!this.isLeader) return;
    this.post({ type: "state", state: this.connection.value });
    this.known.delete(tab);
    this.know(tab, wants);
    this.restart();
  }

  private asked = 0;
  private mute = 0;

  /** Something between what this tab has and what comes is missing: it is asked for, which takes a moment. */
  lacks(wants: Wants): void {
    if (Date.now() - this.asked < LACKING) return;
    this.asked = Date.now();
    this.again(wants);
  }

  /** Reads nothing until it is resumed: while the credential is replaced by another one. */
  pause(): void {
    this.isPaused = true;
    this.stop();
  }

  resume(): void {
    this.isPaused = false;
    this.restart();
  }

  /** Goes on with a new credential: the stream of the old one ends once the other one is there, so that none is missed. */
  renew(): void {
    if (!this.abort || this.isClosed || this.isPaused) return;
    this.leaving?.abort();
    this.leaving = this.abort;
    window.clearTimeout(this.timer);
    void this.read();
  }

  // MARK: Tabs

  private async lead(steal: boolean): Promise<void> {
    try {
      await navigator.locks.request(this.whose, { steal }, async () => {
        if (this.isClosed || this.isLeader) return;
        this.leads(true);
        await new Promise<void>((resolve) => (this.release = resolve));
      });
    } catch {
      // Another tab took the lock, because it heard nothing from this one: it is that one's turn, and later maybe this one's again.
      if (this.isClosed) return;
      this.leads(false);
      void this.lead(false);
    }
  }

  private leads(isLeader: boolean): void {
    if (this.isClosed) return;
    this.isLeader = isLeader;
    if (!isLeader) {
      this.stop();
      if (!this.channel) this.connection.set("idle");
      return;
    }
    this.known.clear();
    this.know(this.tab, this.wants);
    this.post({ type: "who" });
    this.restart();
  }

  private receive(message: Message): void {
    if (message.type === "event" || message.type === "state") {
      window.clearTimeout(this.mute);
      this.mute = 0;
    }
    switch (message.type) {
      case "wants": return message.isAgain ? this.anew(message.tab, message.wants) : this.know(message.tab, message.wants);
      case "bye":
        if (this.known.delete(message.tab) && this.followed().join() !== this.streamed) this.restart();
        return;
      case "who": return this.post({ type: "wants", tab: this.tab, wants: this.wants });
      case "event": return this.tell(message.event);
      case "state": return this.connection.set(message.state);
    }
  }

  private know(tab: string, wants: Wants): void {
    if (!this.isLeader) return;
    const before = this.known.get(tab);
    this.known.set(tab, wants);
    let isNew = false;
    // A tab that asks for something anew is told all of it from the place that it knows; the others skip what they had.
    for (const [chat, number] of Object.entries(wants.chats)) {
      if (before?.chats[chat] !== undefined) continue;
      const place = this.place(`c${chat}`);
      if (place === null || place > number) {
        this.cursor.set(`c${chat}`, `c${chat}.${number}`);
        isNew = true;
      }
    }
    for (const ticket of wants.tickets) {
      if (before?.tickets.includes(ticket)) continue;
      isNew = this.cursor.delete(`t ${ticket}`) || isNew;
    }
    if (wants.approvals && !before?.approvals) isNew = this.cursor.delete("a") || isNew;
    // At once: what the stream that is open still brings would move the places on again.
    if (isNew) this.stop();
    if (isNew || this.followed().join() !== this.streamed) this.restart();
  }

  private place(key: string): number | null {
    const text = this.cursor.get(key);
    return text === undefined ? null : Number(text.split(".")[1]);
  }

  private post(message: Message): void {
    if (!this.isClosed) this.channel?.postMessage(message);
  }

  private readonly leave = (): void => this.post({ type: "bye", tab: this.tab });

  private readonly wake = (): void => {
    this.retry = 0;
    if (this.connection.value !== "live") this.restart();
  };

  /** The tab that reads for all may wait long before it tries again, when nobody looks at it. */
  private readonly looked = (): void => {
    if (document.visibilityState === "visible" && this.connection.value === "offline") this.again();
  };

  private tell(event: LiveEvent): void {
    for (const listener of [...this.listeners]) listener(event);
  }

  // MARK: The stream

  private stop(): void {
    window.clearTimeout(this.timer);
    this.abort?.abort();
    this.abort = null;
    this.leaving?.abort();
    this.leaving = null;
  }

  private restart(): void {
    if (!this.isLeader || this.isClosed || this.isPaused || this.isPending) return;
    // What is wanted in one go is asked for in one request.
    this.isPending = true;
    this.soon.port2.postMessage(null);
  }

  private due(): void {
    this.isPending = false;
    if (!this.isLeader || this.isClosed || this.isPaused) return;
    this.stop();
    void this.read();
  }

  /** What all tabs together follow, the newest tab's first, as keys of ``cursor``. */
  private followed(): string[] {
    const keys = new Set<string>();
    for (const wants of [...this.known.values()].reverse()) {
      if (wants.approvals) keys.add("a");
      Object.keys(wants.chats).forEach((chat) => keys.add(`c${chat}`));
      wants.tickets.forEach((ticket) => keys.add(`t ${ticket}`));
    }
    return [...keys].slice(0, MOST).sort();
  }

  private query(): string | null {
    const keys = this.followed();
    this.streamed = keys.join();
    if (keys.length === 0) return null;
    const chats = keys.filter((key) => key.startsWith("c")).map((key) => key.slice(1));
    const tickets = keys.filter((key) => key.startsWith("t ")).map((key) => encodeURIComponent(key.slice(2)));
    const parts: string[] = [];
    if (chats.length) parts.push(`chats=${chats.join(",")}`);
    if (tickets.length) parts.push(`tickets=${tickets.join(",")}`);
    if (keys.includes("a")) parts.push("approvals=1");
    const places = keys.flatMap((key) => this.cursor.get(key) ?? []);
    if (places.length) parts.push(`cursor=${encodeURIComponent(places.join("-"))}`);
    return parts.join("&");
  }

  private async read(): Promise<void> {
    const query = this.query();
    if (query === null) return this.state("idle");
    const abort = new AbortController();
    this.abort = abort;
    if (this.connection.value !== "live") this.state("connecting");
    try {
      const response = await inTime(this.api.raw("GET", `/v1/events?${query}`, { signal: abort.signal }));
      this.leaving?.abort();
      this.leaving = null;
      this.state("live");
      await readEvents(response, SILENCE, (event) => {
        if (abort.signal.aborted) return;
        const data = JSON.parse(event.data) as Record<string, unknown>;
        const before = event.name === "chat" ? this.place(`c${data["chat"]}`) : null;
        this.remember(event.id, data);
        const live = { name: event.name, id: event.id, data, before };
        this.post({ type: "event", event: live });
        this.tell(live);
      }, () => (this.retry = 0));
      throw new ApiError(0, "ended", "The stream ended.", null, null);
    } catch (error) {
      // What was aborted, or has another one in its place, is not missed.
      if (abort.signal.aborted || this.isClosed || this.abort !== abort) return;
      if (error instanceof ApiError && error.status === 401) return this.state("offline");
      abort.abort();
      this.state("offline");
      this.retry = Math.min(this.retry + 1, 6);
      // One second, two, four … thirty, with jitter, so that a server that comes back is not stormed.
      const wait = Math.min(30_000, 500 * 2 ** this.retry) * (0.7 + Math.random() * 0.6);
      this.timer = window.setTimeout(() => void this.read(), wait);
    }
  }

  /** The places of all things stand in each id; the one that the event is about is the one that moved. */
  private remember(id: string | null, data: Record<string, unknown>): void {
    if (id === null) return;
    for (const part of id.split("-")) {
      if (part.startsWith("c")) this.cursor.set(part.split(".")[0] as string, part);
      else if (part.startsWith("a")) this.cursor.set("a", part);
    }
    if (typeof data["session"] !== "string") return;
    const number = Number(data["ticket"]);
    const place = id.split("-").filter((part) => part.startsWith("t") && part.split(".")[1] === String(number));
    // Two sessions may have a ticket with this number: without a clear place it is read from its start once more.
    if (place.length === 1) this.cursor.set(`t ${data["session"]}/${number}`, place[0] as string);
  }

  private state(state: Connection): void {
    this.connection.set(state);
    this.post({ type: "state", state });
  }
}

/** A request whose answer does not even begin is one that fails: nothing else would ever end it. */
function inTime<Value>(work: Promise<Value>): Promise<Value> {
  let timer = 0;
  const late = new Promise<never>((_, reject) => {
    timer = window.setTimeout(() => reject(new ApiError(0, "late", "The server does not answer.", null, null)), PATIENCE);
  });
  return Promise.race([work, late]).finally(() => window.clearTimeout(timer));
}
