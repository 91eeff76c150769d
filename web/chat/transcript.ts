import type { ChatEvent, Failure, ModelItem, Part, TurnState, Usage } from "../shared/types";

/** One command or function that the assistant carries out. */
export interface Step {
  index: number;
  command: string | null;
  state: "wanted" | "started" | "finished";
  session: string | null;
  ticket: number | null;
  ticketState: string | null;
  approval: number | null;
  /** What else carries it out, such as an action. */
  object: { kind: string; id: string; state: string } | null;
  exitCode: number | null;
  timedOut: boolean;
  /** What the model was told, where there is no ticket to look at. */
  text: string | null;
  isError: boolean;
}

export type Piece =
  | { kind: "text"; key: string; call: number; text: string; isRefusal: boolean; isOpen: boolean }
  | { kind: "reasoning"; key: string; call: number; text: string; isOpen: boolean }
  | { kind: "tool"; key: string; call: number; index: number; callId: string | null; name: string; arguments: string; steps: Step[] }
  | { kind: "note"; key: string; call: number; text: string };

export interface Turn {
  id: number;
  time: string;
  message: Part[];
  model: string;
  pieces: Piece[];
  state: TurnState;
  failure: Failure | null;
  usage: Usage | null;
  isContinuation: boolean;
}

/** All that is known of a chat from its events: a value, made by folding them. */
export interface Transcript {
  /** The number of the last event that was folded in. */
  number: number;
  title: string | null;
  turns: Turn[];
}

export const empty: Transcript = { number: 0, title: null, turns: [] };

/** Folds events in; those that were folded in before change nothing. */
export function fold(transcript: Transcript, events: ChatEvent[]): Transcript {
  let next = transcript;
  for (const event of events) {
    if (event.number <= next.number) continue;
    next = { ...apply(next, event), number: event.number };
  }
  return next;
}

function apply(transcript: Transcript, event: ChatEvent): Transcript {
  const data = event.data;
  if (event.event === "chat.titled") return { ...transcript, title: String(data["title"]) };
  if (event.event === "turn.started") return begin(transcript, event);
  const at = transcript.turns.findIndex((turn) => turn.id === data.turn);
  const turn = transcript.turns[at];
  if (!turn) return transcript;
  const turns = [...transcript.turns];
  turns[at] = change(turn, event);
  return { ...transcript, turns };
}

function begin(transcript: Transcript, event: ChatEvent): Transcript {
  const data = event.data;
  const replaced = data["replaces"] as number | undefined;
  // The turn that is replaced and all after it are superseded.
  const at = replaced === undefined ? -1 : transcript.turns.findIndex((turn) => turn.id === replaced);
  const kept = at < 0 ? transcript.turns : transcript.turns.slice(0, at);
  const message = (data["message"] as Part[] | undefined) ?? [];
  const turn: Turn = {
    id: data.turn,
    time: data.time,
    message,
    model: String(data["model"] ?? ""),
    pieces: [],
    state: "working",
    failure: null,
    usage: null,
    isContinuation: message.length === 0,
  };
  return { ...transcript, turns: [...kept, turn] };
}

function change(turn: Turn, event: ChatEvent): Turn {
  const data = event.data;
  const call = Number(data["call"] ?? 0);
  switch (event.event) {
    case "text":
      return { ...turn, pieces: append(turn.pieces, "text", call, String(data["text"])) };
    case "reasoning":
      return { ...turn, pieces: append(turn.pieces, "reasoning", call, String(data["text"])) };
    case "tool.began": {
      const index = Number(data["index"]);
      const tool: Piece = {
        kind: "tool", key: `${call}.tool.${index}`, call, index, callId: null,
        name: String(data["name"]), arguments: "", steps: [],
      };
      return { ...turn, pieces: [...close(turn.pieces), tool] };
    }
    case "tool.arguments":
      return { ...turn, pieces: turn.pieces.map((piece) => withArguments(piece, call, data)) };
    case "model.finished":
      return { ...turn, pieces: complete(turn.pieces, call, data["items"] as ModelItem[]) };
    case "model.interrupted": {
      const text = String(data["text"] ?? "");
      const others = turn.pieces.filter((piece) => piece.call !== call);
      const kept: Piece[] = text === "" ? [] : [
        { kind: "text", key: `${call}.text.0`, call, text, isRefusal: false, isOpen: false },
      ];
      const why = (data["failure"] as Failure | undefined)?.message ?? "The answer was cut and is asked for again.";
      return { ...turn, pieces: [...others, ...kept, { kind: "note", key: `${call}.cut`, call, text: why }] };
    }
    case "context.trimmed": {
      const turns = Number(data["turns"]);
      const text = `The oldest ${turns === 1 ? "message is" : `${turns} messages are`} no longer shown to the model.`;
      return { ...turn, pieces: [...turn.pieces, { kind: "note", key: `trimmed.${event.number}`, call: 0, text }] };
    }
    case "tool.started":
    case "tool.ticket":
    case "tool.progress":
    case "tool.finished":
      return { ...turn, pieces: turn.pieces.map((piece) => withStep(piece, event)) };
    case "turn.finished":
      return {
        ...turn,
        state: data["state"] as TurnState,
        failure: (data["failure"] as Failure | undefined) ?? null,
        usage: (data["usage"] as Usage | undefined) ?? null,
        pieces: close(turn.pieces),
      };
    default:
      // Events of newer servers.
      return turn;
  }
}

function append(pieces: Piece[], kind: "text" | "reasoning", call: number, text: string): Piece[] {
  const last = pieces[pieces.length - 1];
  if (last && last.kind === kind && last.call === call && last.isOpen) {
    return [...pieces.slice(0, -1), { ...last, text: last.text + text }];
  }
  const key = `${call}.${kind}.${pieces.filter((piece) => piece.call === call && piece.kind === kind).length}`;
  const piece: Piece = kind === "text"
    ? { kind, key, call, text, isRefusal: false, isOpen: true }
    : { kind, key, call, text, isOpen: true };
  return [...close(pieces), piece];
}

function close(pieces: Piece[]): Piece[] {
  return pieces.map((piece) => ((piece.kind === "text" || piece.kind === "reasoning") && piece.isOpen ? { ...piece, isOpen: false } : piece));
}

function withArguments(piece: Piece, call: number, data: Record<string, unknown>): Piece {
  if (piece.kind !== "tool" || piece.call !== call || piece.index !== Number(data["index"])) return piece;
  const text = String(data["text"]);
  if (data["command"] === undefined) {
    const all = piece.arguments + text;
    return { ...piece, arguments: all, steps: piece.steps };
  }
  const index = Number(data["command"]);
  const steps = withStepAt(piece.steps, index, (step) => ({ ...step, command: (step.command ?? "") + text }));
  return { ...piece, steps };
}

/** What a model said, complete, stands in place of the deltas; keys stay, so that nothing jumps on the screen. */
function complete(pieces: Piece[], call: number, items: ModelItem[]): Piece[] {
  const at = pieces.findIndex((piece) => piece.call === call);
  const others = pieces.filter((piece) => piece.call !== call);
  const counts = { text: 0, reasoning: 0, tool: 0 };
  const made: Piece[] = [];
  for (const item of items) {
    if (item.type === "assistant" || item.type === "refusal") {
      if (item.text === "") continue;
      made.push({ kind: "text", key: `${call}.text.${counts.text++}`, call, text: item.text, isRefusal: item.type === "refusal", isOpen: false });
    } else if (item.type === "reasoning") {
      if (item.text === "") continue;
      made.push({ kind: "reasoning", key: `${call}.reasoning.${counts.reasoning++}`, call, text: item.text, isOpen: false });
    } else if (item.type === "tool_call") {
      const index = counts.tool++;
      made.push({
        kind: "tool", key: `${call}.tool.${index}`, call, index, callId: item.id, name: item.name,
        arguments: item.arguments ?? "",
        steps: (item.commands ?? []).map((command, step) => ({ ...newStep(step), command })),
      });
    }
  }
  return at < 0 ? [...others, ...made] : [...others.slice(0, at), ...made, ...others.slice(at)];
}

function withStep(piece: Piece, event: ChatEvent): Piece {
  const data = event.data;
  if (piece.kind !== "tool" || piece.callId !== data["call_id"]) return piece;
  const steps = withStepAt(piece.steps, Number(data["step"]), (step) => {
    switch (event.event) {
      case "tool.started":
        return { ...step, state: "started" };
      case "tool.ticket":
        return {
          ...step,
          session: String(data["session"]),
          ticket: Number(data["number"]),
          ticketState: String(data["state"]),
          approval: (data["approval"] as number | undefined) ?? null,
        };
      case "tool.progress":
        return { ...step, object: { kind: String(data["kind"]), id: String(data["id"]), state: String(data["state"]) } };
      default: {
        const text = data["text"] as string | undefined;
        const output = [data["stdout"], data["stderr"]].filter((part) => typeof part === "string" && part !== "").join("\n");
        return {
          ...step,
          state: "finished",
          ticketState: (data["state"] as string | undefined) ?? step.ticketState,
          exitCode: (data["exit_code"] as number | undefined) ?? null,
          timedOut: data["timed_out"] === true,
          text: text ?? output,
          isError: data["error"] === true,
        };
      }
    }
  });
  return { ...piece, steps };
}

function withStepAt(steps: Step[], index: number, change: (step: Step) => Step): Step[] {
  const next = [...steps];
  for (let place = next.length; place <= index; place++) next.push(newStep(place));
  next[index] = change(next[index] as Step);
  return next;
}

function newStep(index: number): Step {
  return {
    index, command: null, state: "wanted", session: null, ticket: null, ticketState: null, approval: null, object: null,
    exitCode: null, timedOut: false, text: null, isError: false,
  };
}

/** The command of a function call, as far as its arguments are there. */
export function commandOf(piece: Piece & { kind: "tool" }): string | null {
  if (piece.arguments === "") return null;
  try {
    const parsed = JSON.parse(piece.arguments) as Record<string, unknown>;
    return typeof parsed["command"] === "string" ? parsed["command"] : null;
  } catch {
    // Still being written: show what is there of the text behind "command":".
    const match = /"command"\s*:\s*"((?:[^"\\]|\\.)*)/.exec(piece.arguments);
    if (!match) return null;
    try {
      return JSON.parse(`"${match[1]}"`) as string;
    } catch {
      return match[1] ?? null;
    }
  }
}
