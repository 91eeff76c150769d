import { Choices, Conversations, Memory } from "../../chat/conversations";
import type { Piece, Step, Turn } from "../../chat/transcript";
import { Api, ApiError, sentence } from "../../shared/api";
import { Store } from "../../shared/store";
import type { Chat, ChatEvent, Model, NewPart } from "../../shared/types";
import type { Account, AccountModel, Accounts, Artifact, Features, OfferedAction, Proposal, Reading, UserSession, Wallet } from "./types";

type ToolPiece = Piece & { kind: "tool" };

const PREFIX = "action_";
/** How far a proposal has come: what is read late takes nothing back. */
const steps: Proposal["state"][] = ["proposed", "awaiting_confirmation", "confirmed", "executing"];

/** What a user of a host application has: chats, actions, files, a wallet; nothing of a shell. */
export class UserDesk extends Conversations {
  /** Of the open chat, in the order of their making. */
  readonly actions = new Store<Proposal[]>([]);
  readonly catalogue = new Store<OfferedAction[]>([]);
  readonly artifacts = new Store<Artifact[]>([]);
  readonly wallet = new Store<Wallet | null>(null);
  /** Why nothing more is answered: the wallet is empty. */
  readonly shortage = new Store<string | null>(null);
  /** Accounts of the user's own; null until they are read. */
  readonly accounts = new Store<Account[] | null>(null);
  override readonly afterwards = "Files that it made stay until their time is over.";
  private features: Features;
  private isClosed = false;

  constructor(api: Api, readonly session: UserSession, private readonly home: Record<string, string>) {
    const who = `user ${session.client.id} ${session.user.id}`;
    super(api, "/v1/ai", who, new Memory(`deckhand.${who}.`));
    this.features = session.features;
    // The model is the chat's, and not what was chosen last.
    super.choose("model", "");
    this.open.subscribe(() => {
      const open = this.open.value;
      if (open === null) this.end();
      else if (!open.isLoading && open.id !== this.shown) this.begin(open.id);
    });
    this.feed.connection.subscribe(() => {
      if (this.feed.connection.value === "live" && this.unread.size > 0) void this.readUnread();
    });
  }

  may(permission: string): boolean {
    return this.session.user.permissions.includes(permission);
  }

  /** Accounts of one's own can be connected here. */
  get hasAccounts(): boolean {
    const known = this.accounts.value;
    return this.may("ai.account") && this.features.accounts && (known === null || known.some((account) => account.ways.includes("login")));
  }

  override async start(): Promise<void> {
    await Promise.all([super.start(), this.loadWallet()]);
  }

  override close(): void {
    this.isClosed = true;
    super.close();
  }

  protected override place(): Record<string, string> {
    const model = this.choices.value.model;
    return model === "" ? this.home : { ...this.home, model };
  }

  // MARK: Accounts and models

  /** Those of accounts that are connected. */
  protected override async readModels(): Promise<Model[]> {
    await this.loadAccounts();
    const connected = (this.accounts.value ?? []).filter((account) => account.state === "connected");
    if (connected.length === 0) return [];
    const answer = await this.api.get<{ models: AccountModel[] }>("/v1/ai/models");
    const models = answer.models.filter((model) => connected.some((account) => account.provider === model.provider))
      .map((model) => ({ id: model.id, owned_by: model.provider, title: model.title ?? model.name }));
    const usual = connected.find((account) => account.provider === this.standard);
    this.usual.set(models.find((model) => usual && model.id === `${usual.provider}/${usual.model}`) ?? null);
    return models;
  }

  private standard: string | null = null;

  /** The user's accounts; gives the login that is open. */
  async loadAccounts(): Promise<Accounts["login"]> {
    if (!this.may("ai.account") || !this.features.accounts) return null;
    const answer = await this.api.get<Accounts>("/v1/ai/account");
    this.standard = answer.default_provider;
    this.accounts.set(answer.accounts);
    return answer.login;
  }

  /** A model is chosen for the chat, also for what is said there from elsewhere. */
  override choose(name: keyof Choices, value: string): void {
    super.choose(name, value);
    const chat = this.open.value?.id;
    if (name !== "model" || chat === undefined) return;
    void this.attempt(() => this.api.send("PATCH", `/v1/ai/chats/${chat}`, { body: { model: value } }));
  }

  private async readChoice(chat: number): Promise<void> {
    const known = await this.api.get<Chat>(`/v1/ai/chats/${chat}`).catch(() => null);
    if (known && chat === this.open.value?.id) super.choose("model", known.model ?? "");
  }

  override async say(message: NewPart[] | null, key: string, replacing?: number): Promise<void> {
    try {
      await super.say(message, key, replacing);
      if (this.shortage.value !== null) void this.loadWallet();
      this.shortage.set(null);
    } catch (error) {
      if (error instanceof ApiError && error.status === 402) {
        await this.loadWallet();
        this.shortage.set(this.shortageWords(error.message));
        throw new Error("It was not sent. What you wrote is still here.");
      }
      throw error;
    }
  }

  /** The server's hints are for those who run the application; users are told what they can do. */
  private shortageWords(message: string): string {
    const payer = this.session.client.name ?? this.session.client.id;
    const isNew = this.may("ai.wallet") && this.wallet.value === null;
    return `${isNew ? `Nobody has added credits for ${payer} yet.` : message} Whoever pays for ${payer} can add credits${this.hasAccounts ? ", or you connect an account of your own" : ""}.`;
  }

  async loadWallet(): Promise<void> {
    if (!this.may("ai.wallet")) return;
    try {
      // Somebody may have paid for the first time meanwhile.
      if (!this.features.wallet) this.features = (await this.api.get<UserSession>("/v1/ai/session")).features;
      this.wallet.set(this.features.wallet ? await this.api.get<Wallet>("/v1/ai/wallet") : null);
    } catch {
      // What was known of it stands.
    }
  }

  // MARK: Actions and files of the open chat

  private shown = 0;
  /** Proposals that changed, and were not read since. */
  private readonly unread = new Set<string>();
  private isReading = false;

  private begin(chat: number): void {
    this.end();
    this.shown = chat;
    void this.readActions(chat);
    void this.loadArtifacts();
    void this.readChoice(chat);
  }

  private end(): void {
    if (this.shown !== 0) super.choose("model", "");
    this.shown = 0;
    this.unread.clear();
    this.actions.set([]);
    this.artifacts.set([]);
  }

  protected override heard(events: ChatEvent[]): void {
    for (const event of events) {
      if (event.event === "tool.progress" && event.data["kind"] === "action") this.unread.add(String(event.data["id"]));
      if (event.event === "artifact.made") void this.loadArtifacts();
    }
    const ended = events.filter((event) => event.event === "turn.finished");
    // What its turn leaves behind ends with it.
    if (ended.length > 0) this.actions.value.filter((one) => steps.includes(one.state)).forEach((one) => this.unread.add(String(one.id)));
    if (this.unread.size > 0) void this.readUnread();
    if (ended.length === 0) return;
    void this.loadArtifacts();
    void this.loadWallet();
    const failure = ended[ended.length - 1]?.data["failure"] as { code?: string; message?: string } | undefined;
    if (failure?.code === "insufficient_credits") this.shortage.set(this.shortageWords(failure.message ?? ""));
  }

  /** What the chat has; from then on the stream says what changed. */
  private async readActions(chat: number): Promise<void> {
    if (!this.may("ai.action")) return;
    try {
      const answer = await this.api.get<{ catalogue: OfferedAction[]; actions: Proposal[] }>("/v1/ai/actions?limit=200");
      this.catalogue.set(answer.catalogue);
      if (chat !== this.open.value?.id) return;
      answer.actions.filter((one) => one.chat === chat).reverse().forEach((one) => this.know(one));
    } catch {
      // They are read one by one then.
    }
    for (const turn of this.open.value?.transcript.turns ?? []) {
      for (const step of turn.pieces.flatMap((piece) => (piece.kind === "tool" ? piece.steps : []))) {
        if (step.object?.kind === "action" && !this.actions.value.some((one) => String(one.id) === step.object?.id)) this.unread.add(step.object.id);
      }
    }
    if (this.unread.size > 0) void this.readUnread();
  }

  /** Reads what changed, one after the other; what cannot be read now is read when there is a stream again. */
  private async readUnread(): Promise<void> {
    if (this.isReading || this.isClosed || !this.may("ai.action")) return;
    this.isReading = true;
    try {
      for (const id of this.unread) {
        this.unread.delete(id);
        try {
          const proposal = await this.api.get<Proposal>(`/v1/ai/actions/${id}`);
          if (proposal.chat === this.open.value?.id) this.know(proposal);
        } catch (error) {
          if (error instanceof ApiError && error.status === 404) continue;
          this.unread.add(id);
          return;
        }
      }
    } finally {
      this.isReading = false;
    }
  }

  private know(proposal: Proposal): void {
    const known = this.actions.value.find((one) => one.id === proposal.id);
    if (!known) return this.actions.update((list) => [...list, proposal].sort((one, other) => one.id - other.id));
    const place = (state: Proposal["state"]) => (steps.includes(state) ? steps.indexOf(state) : steps.length);
    if (place(proposal.state) < place(known.state)) return;
    this.actions.update((list) => list.map((one) => (one.id === proposal.id ? proposal : one)));
  }

  /** The proposal that a call made. */
  proposalOf(piece: ToolPiece, turn: Turn): Proposal | null {
    const id = piece.steps.map((step: Step) => step.object).find((object) => object?.kind === "action")?.id;
    return this.actions.value.find((one) => (id === undefined ? one.turn === turn.id && one.call_id === piece.callId : String(one.id) === id)) ?? null;
  }

  /** Proposals of a turn that no call of the transcript shows. */
  others(turn: Turn): Proposal[] {
    const shown = new Set(turn.pieces.map((piece) => (piece.kind === "tool" ? this.proposalOf(piece, turn)?.id : undefined)));
    return this.actions.value.filter((one) => one.turn === turn.id && !shown.has(one.id));
  }

  isAction(name: string): boolean {
    return name.startsWith(PREFIX);
  }

  titleOf(action: string): string {
    const title = this.catalogue.value.find((one) => one.name === action)?.title;
    // Without a title of its own an action is called by its name.
    return title === undefined || title === action ? action.replace(/_/g, " ") : title;
  }

  /** What the application calls a field of an action. */
  fieldOf(action: string, name: string): string {
    return this.catalogue.value.find((one) => one.name === action)?.parameters.properties?.[name]?.title ?? name;
  }

  async decide(proposal: number, decision: "confirm" | "decline"): Promise<void> {
    try {
      this.know(await this.api.post<Proposal>(`/v1/ai/actions/${proposal}/${decision}`));
    } catch (error) {
      // Decided elsewhere: this shows how.
      this.unread.add(String(proposal));
      void this.readUnread();
      throw error;
    }
  }

  // MARK: Files

  private async loadArtifacts(): Promise<void> {
    const chat = this.open.value?.id;
    if (chat === undefined || !this.features.artifacts) return;
    try {
      const answer = await this.api.get<{ artifacts: Artifact[] }>(`/v1/ai/artifacts?chat=${chat}&limit=200`);
      if (chat === this.open.value?.id) this.artifacts.set(answer.artifacts.reverse());
    } catch {
      // They are read again when the turn is over.
    }
  }

  async download(artifact: Artifact): Promise<void> {
    try {
      const answer = await this.api.raw("GET", `/v1/ai/artifacts/${artifact.id}/content`);
      const address = URL.createObjectURL(await answer.blob());
      const link = document.createElement("a");
      link.href = address;
      link.download = artifact.name;
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
      this.problem.set(null);
    } catch (error) {
      this.problem.set(sentence(error));
    }
  }

  /** What was put before the model in a turn. */
  async readings(turn: number): Promise<Reading[]> {
    return (await this.api.get<{ sources: Reading[] }>(`/v1/ai/turns/${turn}/context`)).sources;
  }
}
