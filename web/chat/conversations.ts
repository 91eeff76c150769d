import { Api, ApiError, isOffline, sentence } from "../shared/api";
import { LiveFeed, LiveEvent, Wants } from "../shared/live";
import { Store } from "../shared/store";
import { whenBack } from "../shared/whenBack";
import type { Chat, ChatEvent, ChatList, Model, NewPart } from "../shared/types";
import { empty, fold, Transcript } from "./transcript";

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

/** After that many milliseconds a turn that began is to be seen. */
const LATE = 4_000;

/** The chats of one person: the list, the one that is open, and the live stream. What else there is depends on who it is. */
export class Conversations {
  readonly feed: LiveFeed;
  readonly chats = new Store<{ list: Chat[]; next: string | null; isLoading: boolean; error: string | null }>({
    list: [], next: null, isLoading: true, error: null,
  });
  readonly open = new Store<OpenChat | null>(null);
  readonly models = new Store<Model[]>([]);
  /** The model that answers when none is chosen, where that is known. */
  readonly usual = new Store<Model | null>(null);
  readonly choices: Store<Choices>;
  readonly search = new Store("");
  readonly problem = new Store<string | null>(null);
  private searchTimer = 0;
  private stopWaiting: () => void = () => {};

  constructor(
    readonly api: Api,
    /** Before the routes of chats and turns: /v1, or /v1/ai. */
    protected readonly root: string,
    /** Says whose stream it is; tabs of the same person share one. */
    feed: string,
    readonly memory: Memory,
  ) {
    this.feed = new LiveFeed(api, feed);
    this.feed.listen((event) => this.receive(event));
    this.choices = new Store<Choices>(memory.read("choices") ?? { model: "", reasoning: "", verbosity: "" });
    this.choices.subscribe(() => memory.write("choices", this.choices.value));
  }

  /** Reads what a first screen needs, and goes on where this browser was. */
  async start(): Promise<void> {
    this.feed.open();
    const last = this.memory.read<number>("chat");
    await Promise.all([
      this.loadChats(),
      this.loadModels(),
      last === null ? Promise.resolve() : this.show(last),
    ]);
    this.wants();
  }

  close(): void {
    this.stopWaiting();
    this.feed.close();
  }

  async loadModels(): Promise<void> {
    try {
      this.models.set(await this.readModels());
    } catch {
      // Whoever asks is told what is wrong; the list of chats says it as well, and is read again together with this.
    }
  }

  protected async readModels(): Promise<Model[]> {
    return (await this.api.get<{ data: Model[] }>("/v1/models")).data;
  }

  // MARK: Chats

  async loadChats(more = false): Promise<void> {
    const before = this.chats.value;
    this.chats.set({ ...before, isLoading: true, error: null });
    const query = new URLSearchParams({ limit: "50" });
    if (this.search.value.trim() !== "") query.set("search", this.search.value.trim());
    if (more && before.next) query.set("after", before.next);
    try {
      const page = await this.api.get<ChatList>(`${this.root}/chats?${query}`);
      this.chats.set({ list: more ? [...before.list, ...page.chats] : page.chats, next: page.next, isLoading: false, error: null });
    } catch (error) {
      this.chats.set({ ...before, isLoading: false, error: sentence(error) });
      if (!isOffline(error) || more) return;
      this.stopWaiting();
      this.stopWaiting = whenBack(() => {
        void this.loadChats();
        if (this.models.value.length === 0) void this.loadModels();
      });
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
    // What comes while it is read is asked for once more, from where the reading ends.
    this.wants();
    try {
      let transcript = empty;
      for (;;) {
        const page = await this.read(id, transcript.number, 500);
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

  private async read(id: number, after: number, limit: number): Promise<{ events: ChatEvent[]; next: number | null }> {
    return this.api.get(`${this.root}/chats/${id}/events?format=json&limit=${limit}&after=${after}`);
  }

  /** The stream should have brought a turn by now: where it is there and was not brought, the stream begins anew. */
  private async catchUp(chat: number, turn: number): Promise<void> {
    const open = () => (this.open.value?.id === chat && !this.open.value.isLoading ? this.open.value.transcript : null);
    const before = open();
    if (before === null || before.turns.some((one) => one.id === turn)) return;
    const { events } = await this.read(chat, before.number, 1).catch(() => ({ events: [] }));
    if (events.length > 0 && open()?.number === before.number) this.feed.again(this.wanted());
  }

  showNone(): void {
    this.memory.write("chat", null);
    this.open.set(null);
    this.wants();
  }

  /** Where a new chat belongs, as further members of the request. */
  protected place(): Record<string, string> {
    return {};
  }

  /** Says something, or with null what the replaced turn said; makes the chat when there is none. Throws what is to be shown at the composer. */
  async say(message: NewPart[] | null, key: string, replacing?: number): Promise<void> {
    let chat = this.open.value?.id;
    const choices = this.choices.value;
    if (chat === undefined) {
      const made = await this.api.post<Chat>(`${this.root}/chats`, { key: `web-${key}`, ...this.place() });
      chat = made.id;
      this.open.set({ id: chat, transcript: empty, isLoading: false, error: null });
      this.memory.write("chat", chat);
      this.wants();
    }
    const body: Record<string, unknown> = { ...(message === null ? { again: true } : { message }), key };
    if (choices.model !== "") body["model"] = choices.model;
    if (choices.reasoning !== "") body["reasoning"] = choices.reasoning;
    if (choices.verbosity !== "") body["verbosity"] = choices.verbosity;
    if (replacing !== undefined) body["replacing"] = replacing;
    const begun = await this.api.post<{ id: number }>(`${this.root}/chats/${chat}/turns`, body);
    const said = chat;
    window.setTimeout(() => void this.catchUp(said, begun.id), LATE);
    void this.loadChats();
  }

  /** Goes on after a turn that was stopped, failed or cancelled. */
  async goOn(): Promise<void> {
    const chat = this.open.value?.id;
    if (chat !== undefined) await this.attempt(() => this.api.post(`${this.root}/chats/${chat}/turns`, { continue: true }));
  }

  async stop(turn: number): Promise<void> {
    await this.attempt(() => this.api.post(`${this.root}/turns/${turn}/cancel`));
  }

  /** Chooses how the next messages are answered. */
  choose(name: keyof Choices, value: string): void {
    this.choices.set({ ...this.choices.value, [name]: value });
  }

  async rename(id: number, title: string): Promise<void> {
    await this.attempt(() => this.api.send("PATCH", `${this.root}/chats/${id}`, { body: { title } }));
    await this.loadChats();
  }

  /** What becomes of a chat that is deleted, where there is more to say than that it is gone. */
  readonly afterwards: string = "";

  /** Deletes a chat; says whether it is gone. */
  async forget(id: number): Promise<boolean> {
    try {
      await this.api.send("DELETE", `${this.root}/chats/${id}`);
      this.problem.set(null);
    } catch (error) {
      const isBusy = error instanceof ApiError && error.code === "turn_working";
      // Deleted in another tab is deleted, too.
      if (!(error instanceof ApiError && error.status === 404)) {
        this.problem.set(isBusy ? "The assistant still works in this chat. Stop it there, then delete it." : sentence(error));
        return false;
      }
    }
    if (this.open.value?.id === id) this.showNone();
    await this.loadChats();
    return true;
  }

  // MARK: What comes live

  /** What the stream is to carry. */
  protected wanted(): Wants {
    const open = this.open.value;
    return { chats: open && !open.isLoading ? { [open.id]: open.transcript.number } : {}, tickets: [], approvals: false };
  }

  protected wants(): void {
    this.feed.follow(this.wanted());
  }

  /** Called with events of the open chat, once they are in its transcript. */
  protected heard(_events: ChatEvent[]): void {}

  private queue: { chat: number; event: ChatEvent; before: number | null }[] = [];
  private frame = 0;

  protected receive(event: LiveEvent): void {
    if (event.name === "gone" && Number(event.data["chat"]) === this.open.value?.id) return this.showNone();
    if (event.name !== "chat" || Number(event.data["chat"]) !== this.open.value?.id) return;
    // Several tokens per picture of the screen are drawn at once.
    this.queue.push({ chat: Number(event.data["chat"]), event: event.data as unknown as ChatEvent, before: event.before });
    if (!this.frame) this.frame = window.setTimeout(() => this.drain(), document.hidden ? 250 : 16);
  }

  private drain(): void {
    this.frame = 0;
    const open = this.open.value;
    // Another chat may be open by now.
    const queue = this.queue.filter((event) => event.chat === open?.id);
    this.queue = [];
    if (!open || open.isLoading) return;
    const events: ChatEvent[] = [];
    let number = open.transcript.number;
    for (const { event, before } of queue) {
      // What another tab is brought already, while this one still waits for what is before it.
      if (before !== null && before > number) {
        this.feed.lacks(this.wanted());
        break;
      }
      events.push(event);
      number = Math.max(number, event.number);
    }
    const transcript = fold(open.transcript, events);
    if (transcript === open.transcript) return;
    this.open.set({ ...open, transcript });
    if (events.some((event) => event.event === "chat.titled" || event.event === "turn.finished")) void this.loadChats();
    this.heard(events);
  }

  protected async attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.problem.set(null);
    } catch (error) {
      this.problem.set(sentence(error));
    }
  }
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
