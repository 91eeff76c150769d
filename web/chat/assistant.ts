import { Api } from "../shared/api";
import type { LiveEvent, Wants } from "../shared/live";
import { Store } from "../shared/store";
import { Drawing, TerminalText } from "../shared/terminal";
import type { Approval, ApprovalList, Decision, Share, SignedIn, Ticket } from "../shared/types";
import { isOver } from "../shared/types";
import { Conversations, Memory } from "./conversations";

export { Memory } from "./conversations";

/** So many shares are read at once. */
const SHARES = 1_000;

interface Watched {
  store: Store<LiveTicket>;
  users: number;
  draw: Draw | null;
  /** What draws it is chosen. */
  isReady: boolean;
}

/** Chooses what draws a ticket's output; null for lines of text. */
export type Draw = (ticket: Ticket) => Drawing | null;

/** A ticket that is looked at, with its output so far. */
export interface LiveTicket {
  ticket: Ticket | null;
  output: Drawing;
  /** Grows with each piece of output, so that views know. */
  version: number;
  /** Bytes that were taken in. */
  end: number;
  isGone: boolean;
}

/**
 * All that the views of an operator's assistant know and do: chats, what waits for a decision, and tickets.
 */
export class Assistant extends Conversations {
  readonly approvals = new Store<Map<number, Approval>>(new Map());
  private readonly tickets = new Map<string, Watched>();

  constructor(api: Api, readonly who: SignedIn, memory: Memory) {
    super(api, "/v1", `operator ${who.operator.id}`, memory);
  }

  may(permission: string): boolean {
    return this.who.operator.permissions.includes(permission);
  }

  // MARK: Shares

  async shares(chat: number): Promise<Share[]> {
    const found: Share[] = [];
    for (let before = ""; ; ) {
      const page = await this.api.get<{ shares: Share[]; next: number | null }>(`/v1/shares?limit=${SHARES}${before}`);
      found.push(...page.shares.filter((share) => share.chat === chat && share.live));
      if (page.next === null || page.shares.length === 0) return found;
      before = `&before=${page.next}`;
    }
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
  watch(session: string, number: number, draw: Draw | null = null): { store: Store<LiveTicket>; leave: () => void } {
    const name = `${session}/${number}`;
    let known = this.tickets.get(name);
    // What was read for lines of text only is read once more for a screen.
    if (known && draw && !known.draw && known.users === 0) known = undefined;
    if (!known) {
      known = { store: new Store<LiveTicket>({ ticket: null, output: new TerminalText(), version: 0, end: 0, isGone: false }), users: 0, draw, isReady: draw === null };
      this.tickets.set(name, known);
    }
    const entry = known;
    entry.users += 1;
    if (entry.users === 1 && entry.isReady) this.wants();
    else if (entry.users === 1) void this.prepare(entry, session, number);
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

  /** What draws an output must be there before it comes, and depends on the ticket. */
  private async prepare(entry: Watched, session: string, number: number): Promise<void> {
    try {
      const ticket = await this.api.get<Ticket>(`/v1/sessions/${encodeURIComponent(session)}/tickets/${number}`);
      entry.store.update((value) => ({ ...value, output: entry.draw?.(ticket) ?? value.output, ...(isOver(ticket.state) ? {} : { ticket }) }));
    } catch {
      // The stream says what is wrong, and is tried again by itself; then it is drawn as text.
    }
    entry.isReady = true;
    this.wants();
  }

  async cancelTicket(session: string, number: number): Promise<void> {
    await this.attempt(() => this.api.post(`/v1/sessions/${encodeURIComponent(session)}/tickets/${number}/cancel`));
  }

  // MARK: What comes live

  protected override wanted(): Wants {
    const tickets = [...this.tickets].filter(([, entry]) => {
      const { isGone } = entry.store.value;
      return entry.users > 0 && entry.isReady && !isGone && !isWhole(entry.store.value);
    }).map(([name]) => name);
    return { ...super.wanted(), tickets, approvals: this.may("approve") };
  }

  protected override receive(event: LiveEvent): void {
    switch (event.name) {
      case "approval": {
        const approval = event.data as unknown as Approval;
        this.approvals.update((map) => new Map(map).set(approval.id, { ...map.get(approval.id), ...approval }));
        return;
      }
      case "ticket": return this.receiveTicket(event.data);
      case "gone":
        if (typeof event.data["session"] === "string") {
          const entry = this.tickets.get(`${event.data["session"]}/${event.data["ticket"]}`);
          return entry?.store.update((value) => ({ ...value, isGone: true }));
        }
    }
    super.receive(event);
  }

  private receiveTicket(data: Record<string, unknown>): void {
    const entry = this.tickets.get(`${data["session"]}/${data["ticket"]}`);
    if (!entry) return;
    const inner = data["data"] as Record<string, unknown>;
    const value = entry.store.value;
    if (data["event"] === "state") {
      const ticket = inner as unknown as Ticket;
      if (ticket.columns && ticket.rows) value.output.resize?.(ticket.columns, ticket.rows);
      entry.store.set({ ...value, ticket });
      if (isOver(ticket.state)) this.wants();
    } else if (data["event"] === "output") {
      const start = Number(inner["offset"]);
      const end = Number(data["number"]);
      // What a tab that came later asked for once more, in other pieces than it came in before.
      if (end <= value.end) return;
      // What another tab is brought already, while this one still waits for what is before it.
      if (start > value.end) return this.feed.lacks(this.wanted());
      const text = inner["text"];
      const bytes = typeof text === "string" ? new TextEncoder().encode(text) : decodeBase64(String(inner["base64"]));
      value.output.write(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(Math.max(0, value.end - start))));
      entry.store.set({ ...value, version: value.version + 1, end });
      if (isWhole(entry.store.value)) this.wants();
    } else if (data["event"] === "omitted" && Number(inner["start"]) >= value.end) {
      value.output.write(`\n\u2026 ${Number(inner["end"]) - Number(inner["start"])} bytes were not kept \u2026\n`);
      entry.store.set({ ...value, version: value.version + 1, end: Number(inner["end"]) });
    }
  }
}

/** It is over, and all that it printed is here. */
function isWhole({ ticket, end }: LiveTicket): boolean {
  return ticket !== null && isOver(ticket.state) && end >= ticket.output_bytes;
}

function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
