import { Conversations, Memory } from "../../chat/conversations";
import type { Piece, Turn } from "../../chat/transcript";
import { Api, ApiError, sentence } from "../../shared/api";
import { Store } from "../../shared/store";
import type { ChatEvent, Model, NewPart } from "../../shared/types";
import type { AccountModel, Artifact, OfferedAction, Proposal, Reading, UserSession, Wallet } from "./types";

type ToolPiece = Piece & { kind: "tool" };

const PREFIX = "action_";
/** Actions that somebody decides on are looked at this often, in milliseconds; those on their way sooner. */
const CALM = 4000;
const SOON = 700;

/** What a user of a host application has: chats, actions, files, a wallet; nothing of a shell. */
export class UserDesk extends Conversations {
  readonly actions = new Store<Proposal[]>([]);
  readonly catalogue = new Store<OfferedAction[]>([]);
  readonly artifacts = new Store<Artifact[]>([]);
  readonly wallet = new Store<Wallet | null>(null);
  /** Why nothing more is answered: the wallet is empty. */
  readonly shortage = new Store<string | null>(null);
  private timer = 0;
  private isClosed = false;

  constructor(api: Api, readonly session: UserSession, private readonly home: Record<string, string>) {
    const who = `user ${session.client.id} ${session.user.id}`;
    super(api, "/v1/ai", who, new Memory(`deckhand.${who}.`));
    this.open.subscribe(() => {
      const open = this.open.value;
      if (open && !open.isLoading && open.id !== this.shown) this.begin(open.id);
    });
  }

  may(permission: string): boolean {
    return this.session.user.permissions.includes(permission);
  }

  override async start(): Promise<void> {
    await Promise.all([super.start(), this.loadWallet()]);
  }

  override close(): void {
    this.isClosed = true;
    window.clearTimeout(this.timer);
    super.close();
  }

  protected override place(): Record<string, string> {
    return this.home;
  }

  protected override async readModels(): Promise<Model[]> {
    if (!this.may("ai.account")) return [];
    const answer = await this.api.get<{ models: AccountModel[] }>("/v1/ai/models");
    return answer.models.map((model) => ({ id: model.id, owned_by: model.provider, title: model.title ?? model.name }));
  }

  override async say(message: NewPart[], key: string, replacing?: number): Promise<void> {
    try {
      await super.say(message, key, replacing);
      if (this.shortage.value !== null) void this.loadWallet();
      this.shortage.set(null);
    } catch (error) {
      if (error instanceof ApiError && error.status === 402) {
        this.shortage.set(this.shortageWords(error.message));
        void this.loadWallet();
        throw new Error("It was not sent. What you wrote is still here.");
      }
      throw error;
    }
  }

  /** The server's hints are for those who run the application; users are told what they can do. */
  private shortageWords(message: string): string {
    const payer = this.session.client.name ?? this.session.client.id;
    return `${message} Whoever pays for ${payer} can add credits${this.may("ai.account") ? ", or you connect an account of your own" : ""}.`;
  }

  async loadWallet(): Promise<void> {
    if (!this.may("ai.wallet")) return;
    try {
      this.wallet.set(await this.api.get<Wallet>("/v1/ai/wallet"));
    } catch {
      // Nobody paid yet, or the balance is not for this user to see.
      this.wallet.set(null);
    }
  }

  // MARK: Actions and files of the open chat

  private shown = 0;

  private begin(chat: number): void {
    this.shown = chat;
    this.actions.set([]);
    this.artifacts.set([]);
    this.look(0);
    void this.loadArtifacts();
  }

  protected override heard(events: ChatEvent[]): void {
    if (events.some((event) => event.event.startsWith("tool."))) this.look(100);
    const ended = events.filter((event) => event.event === "turn.finished");
    if (ended.length === 0) return;
    this.look(0);
    void this.loadArtifacts();
    void this.loadWallet();
    const failure = ended[ended.length - 1]?.data["failure"] as { code?: string; message?: string } | undefined;
    if (failure?.code === "insufficient_credits") this.shortage.set(this.shortageWords(failure.message ?? ""));
  }

  /** Reads the actions anew after a while, and goes on doing so while one of them is on its way. */
  private look(after: number): void {
    window.clearTimeout(this.timer);
    if (!this.may("ai.action") || this.isClosed) return;
    this.timer = window.setTimeout(() => void this.readActions(), after);
  }

  private async readActions(): Promise<void> {
    const chat = this.open.value?.id;
    try {
      const answer = await this.api.get<{ catalogue: OfferedAction[]; actions: Proposal[] }>("/v1/ai/actions?limit=200");
      if (chat !== this.open.value?.id) return this.look(0);
      this.catalogue.set(answer.catalogue);
      this.actions.set(answer.actions.filter((one) => one.chat === chat).reverse());
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return;
    }
    const isMoving = this.actions.value.some((one) => ["proposed", "confirmed", "executing"].includes(one.state));
    const isAsked = this.actions.value.some((one) => one.state === "awaiting_confirmation");
    if (isMoving || this.hasUnanswered()) this.look(SOON);
    else if (isAsked) this.look(CALM);
  }

  /** An action was called, and no proposal is known that belongs to the call. */
  private hasUnanswered(): boolean {
    const turns = this.open.value?.transcript.turns ?? [];
    const last = turns[turns.length - 1];
    if (last?.state !== "working") return false;
    const calls = last.pieces.filter((piece): piece is ToolPiece => piece.kind === "tool" && piece.name.startsWith(PREFIX));
    return calls.some((piece) => piece.steps.every((step) => step.state !== "finished") && this.proposalOf(piece, last) === null);
  }

  /** The proposal that a call made: the same action with the same arguments, in the order of both. */
  proposalOf(piece: ToolPiece, turn: Turn): Proposal | null {
    return this.matches(turn).get(piece.key) ?? null;
  }

  /** Proposals of a turn that no call of the transcript shows. */
  others(turn: Turn): Proposal[] {
    const shown = new Set([...this.matches(turn).values()].map((one) => one.id));
    return this.actions.value.filter((one) => one.turn === turn.id && !shown.has(one.id));
  }

  private matches(turn: Turn): Map<string, Proposal> {
    const left = this.actions.value.filter((one) => one.turn === turn.id);
    const found = new Map<string, Proposal>();
    for (const piece of turn.pieces) {
      if (piece.kind !== "tool" || !piece.name.startsWith(PREFIX)) continue;
      const wanted = canonical(parsed(piece.arguments));
      const at = left.findIndex((one) => PREFIX + one.action === piece.name && canonical(one.arguments) === wanted);
      if (at >= 0) found.set(piece.key, left.splice(at, 1)[0] as Proposal);
    }
    return found;
  }

  isAction(name: string): boolean {
    return name.startsWith(PREFIX);
  }

  titleOf(action: string): string {
    const title = this.catalogue.value.find((one) => one.name === action)?.title;
    // Without a title of its own an action is called by its name.
    return title === undefined || title === action ? action.replace(/_/g, " ") : title;
  }

  async decide(proposal: number, decision: "confirm" | "decline"): Promise<void> {
    try {
      const now = await this.api.post<Proposal>(`/v1/ai/actions/${proposal}/${decision}`);
      this.actions.update((list) => list.map((one) => (one.id === now.id ? now : one)));
    } finally {
      this.look(0);
    }
  }

  // MARK: Files

  private async loadArtifacts(): Promise<void> {
    const chat = this.open.value?.id;
    if (chat === undefined || !this.may("ai.artifact")) return;
    try {
      const answer = await this.api.get<{ artifacts: Artifact[] }>(`/v1/ai/artifacts?chat=${chat}&limit=200`);
      if (chat === this.open.value?.id) this.artifacts.set(answer.artifacts.reverse());
    } catch {
      // Servers without files have no such route.
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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text === "" ? "{}" : text);
  } catch {
    // Still being written.
    return undefined;
  }
}

/** The same text for the same value, whatever the order of its members. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "undefined";
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
}
