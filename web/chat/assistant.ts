import { Api, ApiError, sentence } from "../shared/api";
import { LiveFeed, LiveEvent } from "../shared/live";
import { Store } from "../shared/store";
import { TerminalText } from "../shared/terminal";
import type { Approval, ApprovalList, Chat, ChatEvent, ChatList, Decision, Model, NewPart, Share, SignedIn, Ticket } from "../shared/types";
import { isOver } from "../shared/types";
import { empty, fold, Transcript } from "./transcript";

/** A ticket that is looked at, with its output so far. */
export interface LiveTicket {
  ticket: Ticket | null;
  output: TerminalText;
  /** Grows with each piece of output, so that views know. */
  version: number;
  /** Bytes that were taken in. */
  end: number;
  isGone: boolean;
}

export interface OpenChat {
  id: number;
  transcript: Transcript;
  isLoading: boolean;
  error: string | null;
}

/** How the next messages are to be answered. */
export interface Choices {
  model: string;
  reasoning: string;
  verbosity: string;
}

/**
 * All that the views of the assistant know and do: one owner of the live stream, of what is open and of what waits.
 */
export class Assistant {
  readonly feed: LiveFeed;
  readonly chats = new Store<{ list: Chat[]; next: string | null; isLoading: boolean; error: string | null }>({
    list: [], next: null, isLoading: true, error: null,
  });
  readonly open = new Store<OpenChat | null>(null);
  readonly approvals = new Store<Map<number, Approval>>(new Map());
  readonly models = new Store<Model[]>([]);
  readonly choices: Store<Choices>;
  readonly search = new Store("");
  readonly problem = new Store<string | null>(null);
  private readonly tickets = new Map<string, { store: Store<LiveTicket>; users: number }>();
  private searchTimer = 0;

  constructor(readonly api: Api, readonly who: SignedIn, private readonly memory: Memory) {
    this.feed = new LiveFeed(api, `operator ${who.operator.id}`);
    this.feed.listen((event) => this.receive(event));
    this.choices = new Store<Choices>(memory.read("choices") ?? { model: "", reasoning: "", verbosity: "" });
    this.choices.subscribe(() => memory.write("choices", this.choices.value));
  }

  may(permission: string): boolean {
    return this.who.operator.permissions.includes(permission);
  }

  /** Reads what a first screen needs, and goes on where this browser was. */
  async start(): Promise<void> {
    const last = this.memory.read<number>("chat");
    await Promise.all([
      this.loadChats(),
      this.api.get<{ data: Model[] }>("/v1/models").then((answer) => this.models.set(answer.data)).catch(() => {}),
      last === null ? Promise.resolve() : this.show(last),
    ]);
    this.wants();
  }

  close(): void {
    this.feed.close();
  }

  // MARK: Chats

  async loadChats(more = false): Promise<void> {
    const before = this.chats.value;
    this.chats.set({ ...before, isLoading: true, error: null });
    const query = new URLSearchParams({ limit: "50" });
    if (this.search.value.trim() !== "") query.set("search", this.search.value.trim());
    if (more && before.next) query.set("after", before.next);
    try {
      const page = await this.api.get<ChatList>(`/v1/chats?${query}`);
      this.chats.set({ list: more ? [...before.list, ...page.chats] : page.chats, next: page.next, isLoading: false, error: null });
    } catch (error) {
      this.chats.set({ ...before, isLoading: false, error: sentence(error) });
    }
  }

  find(text: string): void {
    this.search.set(text);
    window.clearTimeout(this.searchTimer);
    this.searchTimer = window.setTimeout(() => void this.loadChats(), 200);
  }

  /** Opens a chat: what is stored first, then what comes. */
  async show(id: number): Promise<void> {
    if (this.open.value?.id === id && !this.open.value.error) return;
    this.open.set({ id, transcript: empty, isLoading: true, error: null });
    this.memory.write("chat", id);
    try {
      let transcript = empty;
      for (;;) {
        const page = await this.api.get<{ events: ChatEvent[]; next: number | null }>(
          `/v1/chats/${id}/events?format=json&limit=500&after=${transcript.number}`,
        );
        transcript = fold(transcript, page.events);
        if (page.next === null || page.events.length === 0) break;
      }
      if (this.open.value?.id !== id) return;
      this.open.set({ id, transcript, isLoading: false, error: null });
      this.wants();
    } catch (error) {
      if (this.open.value?.id !== id) return;
      const isGone = error instanceof ApiError && error.status === 404;
      if (isGone) this.showNone();
      else this.open.set({ id, transcript: empty, isLoading: false, error: sentence(error) });
    }
  }

  showNone(): void {
    this.memory.write("chat", null);
    this.open.set(null);
    this.wants();
  }

  /** Says something; makes the chat when there is none. Throws what is to be shown at the composer. */
  async say(message: NewPart[], key: string, replacing?: number): Promise<void> {
    let chat = this.open.value?.id;
    const choices = this.choices.value;
    if (chat === undefined) {
      const made = await this.api.post<Chat>("/v1/chats", { key: `web-${key}` });
      chat = made.id;
      this.open.set({ id: chat, transcript: empty, isLoading: false, error: null });
      this.memory.write("chat", chat);
      this.wants();
    }
    const body: Record<string, unknown> = { message, key };
    if (choices.model !== "") body["model"] = choices.model;
    if (choices.reasoning !== "") body["reasoning"] = choices.reasoning;
    if (choices.verbosity !== "") body["verbosity"] = choices.verbosity;
    if (replacing !== undefined) body["replacing"] = replacing;
    await this.api.post(`/v1/chats/${chat}/turns`, body);
    void this.loadChats();
  }

  /** Goes on after a turn that was stopped, failed or cancelled. */
  async goOn(): Promise<void> {
    const chat = this.open.value?.id;
    if (chat !== undefined) await this.attempt(() => this.api.post(`/v1/chats/${chat}/turns`, { continue: true }));
  }

  async stop(turn: number): Promise<void> {
    await this.attempt(() => this.api.post(`/v1/turns/${turn}/cancel`));
  }

  async rename(id: number, title: string): Promise<void> {
    await this.attempt(() => this.api.send("PATCH", `/v1/chats/${id}`, { body: { title } }));
    await this.loadChats();
  }

  async forget(id: number): Promise<void> {
    await this.attempt(() => this.api.send("DELETE", `/v1/chats/${id}`));
    if (this.open.value?.id === id) this.showNone();
    await this.loadChats();
  }

  // MARK: Shares

  async shares(chat: number): Promise<Share[]> {
    const page = await this.api.get<{ shares: Share[] }>("/v1/shares?limit=100");
    return page.shares.filter((share) => share.chat === chat && share.live);
  }

  share(chat: number, following: boolean, includesOutput: boolean): Promise<Share> {
    return this.api.post<Share>("/v1/shares", { chat, following, includes_output: includesOutput });
  }

  revoke(share: number): Promise<void> {
    return this.api.send("DELETE", `/v1/shares/${share}`);
  }

  // MARK: Approvals

  /** All that a yes covers, with the digest over it. */
  async approval(id: number): Promise<Approval> {
    const approval = await this.api.get<Approval>(`/v1/approvals/${id}`);
    this.approvals.update((map) => new Map(map).set(id, approval));
    return approval;
  }

  async decide(id: number, decision: Decision): Promise<void> {
    const approval = await this.api.post<Approval>(`/v1/approvals/${id}/decide`, decision);
    this.approvals.update((map) => new Map(map).set(id, { ...map.get(id), ...approval }));
  }

  async waiting(): Promise<Approval[]> {
    return (await this.api.get<ApprovalList>("/v1/approvals?state=awaiting&limit=100")).approvals;
  }

  // MARK: Tickets

  /** A ticket with its output, followed until the returned function is called. */
  watch(session: string, number: number): { store: Store<LiveTicket>; leave: () => void } {
    const name = `${session}/${number}`;
    let known = this.tickets.get(name);
    if (!known) {
      known = { store: new Store<LiveTicket>({ ticket: null, output: new TerminalText(), version: 0, end: 0, isGone: false }), users: 0 };
      this.tickets.set(name, known);
    }
    const entry = known;
    entry.users += 1;
    if (entry.users === 1) this.wants();
    return {
      store: entry.store,
      leave: () => {
        entry.users -= 1;
        if (entry.users > 0) return;
        // What is over is kept, so that scrolling back does not read it again; the rest is followed no longer.
        const state = entry.store.value.ticket?.state;
        if (state === undefined || !isOver(state)) this.tickets.delete(name);
        this.wants();
      },
    };
  }

  async cancelTicket(session: string, number: number): Promise<void> {
    await this.attempt(() => this.api.post(`/v1/sessions/${encodeURIComponent(session)}/tickets/${number}/cancel`));
  }

  // MARK: What comes live

  private wants(): void {
    const open = this.open.value;
    const tickets = [...this.tickets].filter(([, entry]) => {
      const { ticket, isGone } = entry.store.value;
      return entry.users > 0 && !isGone && !(ticket && isOver(ticket.state));
    }).map(([name]) => name);
    this.feed.follow({
      chats: open && !open.isLoading ? { [open.id]: open.transcript.number } : {},
      tickets,
      approvals: this.may("approve"),
    });
  }

  private queue: ChatEvent[] = [];
  private frame = 0;

  private receive(event: LiveEvent): void {
    switch (event.name) {
      case "chat": {
        if (Number(event.data["chat"]) !== this.open.value?.id) return;
        // Several tokens per picture of the screen are drawn at once.
        this.queue.push(event.data as unknown as ChatEvent);
        if (!this.frame) this.frame = window.setTimeout(() => this.drain(), document.hidden ? 250 : 16);
        return;
      }
      case "approval": {
        const approval = event.data as unknown as Approval;
        this.approvals.update((map) => new Map(map).set(approval.id, { ...map.get(approval.id), ...approval }));
        return;
      }
      case "ticket": return this.receiveTicket(event.data);
      case "gone":
        if (Number(event.data["chat"]) === this.open.value?.id) this.showNone();
        else if (typeof event.data["session"] === "string") {
          const entry = this.tickets.get(`${event.data["session"]}/${event.data["ticket"]}`);
          entry?.store.update((value) => ({ ...value, isGone: true }));
        }
    }
  }

  private drain(): void {
    this.frame = 0;
    const events = this.queue;
    this.queue = [];
    const open = this.open.value;
    if (!open || open.isLoading) return;
    const transcript = fold(open.transcript, events);
    if (transcript === open.transcript) return;
    this.open.set({ ...open, transcript });
    if (events.some((event) => event.event === "chat.titled" || event.event === "turn.finished")) void this.loadChats();
  }

  private receiveTicket(data: Record<string, unknown>): void {
    const entry = this.tickets.get(`${data["session"]}/${data["ticket"]}`);
    if (!entry) return;
    const inner = data["data"] as Record<string, unknown>;
    const value = entry.store.value;
    if (data["event"] === "state") {
      entry.store.set({ ...value, ticket: inner as unknown as Ticket });
      if (isOver(String(inner["state"]))) this.wants();
    } else if (data["event"] === "output") {
      const start = Number(inner["offset"]);
      const end = Number(data["number"]);
      // What a tab that came later asked for once more.
      if (start < value.end) return;
      const text = inner["text"];
      value.output.write(typeof text === "string" ? text : new TextDecoder().decode(decodeBase64(String(inner["base64"]))));
      entry.store.set({ ...value, version: value.version + 1, end });
    } else if (data["event"] === "omitted" && Number(inner["start"]) >= value.end) {
      value.output.write(`\n\u2026 ${Number(inner["end"]) - Number(inner["start"])} bytes were not kept \u2026\n`);
      entry.store.set({ ...value, version: value.version + 1, end: Number(inner["end"]) });
    }
  }

  private async attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.problem.set(null);
    } catch (error) {
      this.problem.set(sentence(error));
    }
  }
}

function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/** What this browser keeps of the view: never anything that was said, and no credential. */
export class Memory {
  constructor(private readonly prefix: string) {}

  read<Value>(name: string): Value | null {
    try {
      const text = localStorage.getItem(this.prefix + name);
      return text === null ? null : (JSON.parse(text) as Value);
    } catch {
      return null;
    }
  }

  write(name: string, value: unknown): void {
    try {
      if (value === null) localStorage.removeItem(this.prefix + name);
      else localStorage.setItem(this.prefix + name, JSON.stringify(value));
    } catch {
      // Private windows may keep nothing.
    }
  }
}
