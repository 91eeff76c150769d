import { useEffect, useMemo, useState } from "react";
import { duration } from "../shared/format";
import { isOver, Ticket } from "../shared/types";
import { ApprovalBox } from "./ApprovalBox";
import type { Assistant, LiveTicket } from "./assistant";
import { CopyButton } from "./CopyButton";
import { Icon } from "./Icon";
import { Output } from "./Output";
import { commandOf, Piece, Step } from "./transcript";

type ToolPiece = Piece & { kind: "tool" };

/** What the assistant does: a card for each command, a line for anything else. */
export function ToolCards({ piece, assistant, isWorking }: { piece: ToolPiece; assistant: Assistant; isWorking: boolean }) {
  if (piece.steps.length === 0) {
    return <CommandCard piece={piece} step={null} assistant={assistant} isWorking={isWorking} />;
  }
  return (
    <>
      {piece.steps.map((step) => (
        <CommandCard key={step.index} piece={piece} step={step} assistant={assistant} isWorking={isWorking} />
      ))}
    </>
  );
}

function CommandCard({ piece, step, assistant, isWorking }: { piece: ToolPiece; step: Step | null; assistant: Assistant; isWorking: boolean }) {
  const command = step?.command ?? commandOf(piece);
  const live = useTicket(assistant, step);
  const state = stateOf(step, live?.ticket ?? null, isWorking);
  const asks = state.word === "awaiting_approval" && step?.approval != null;
  const seconds = useSeconds(live?.ticket ?? null);
  const isFunction = command === null;
  const title = isFunction ? describe(piece) : command;
  const canCancel = step?.session && step.ticket !== null && live?.ticket && !isOver(live.ticket.state) && state.word !== "awaiting_approval";
  return (
    <article className={`card${asks ? " asks" : ""}`} aria-label={isFunction ? piece.name : `Command ${title}`}>
      <div className="card-head">
        <pre className={isFunction ? "function" : ""} tabIndex={0} role="region" aria-label="Command">{title}</pre>
        {!isFunction && <CopyButton text={command} label="Copy the command" />}
      </div>
      <div className="card-state">
        <span className={`badge ${state.tone}`}>
          {state.isBusy ? <span className="spinner" aria-hidden="true" /> : <span className="dot" aria-hidden="true" />}
          {state.text}
        </span>
        {seconds !== null && <span>{duration(seconds)}</span>}
        {live?.ticket?.notes?.map((note) => <span key={note}>{note}</span>)}
        <span className="spacer" />
        {canCancel && (
          <button type="button" className="button plain compact" onClick={() => void assistant.cancelTicket(step.session as string, step.ticket as number)}>
            <Icon name="stop" /> End it
          </button>
        )}
        {step?.session && step.ticket !== null && (
          <a className="button plain compact" href={`${assistant.api.base}/app#/tickets/${encodeURIComponent(step.session)}/${step.ticket}`} target="deckhand-console">
            {step.session}/{step.ticket} <Icon name="out" /><span className="hidden"> open in console</span>
          </a>
        )}
      </div>
      {asks && <ApprovalBox id={step.approval as number} assistant={assistant} shown={command} />}
      {live && <Output output={live.output} version={live.version} isGrowing={Boolean(live.ticket && !isOver(live.ticket.state))} />}
      {step && !step.session && step.text && <FunctionResult text={step.text} isError={step.isError} />}
    </article>
  );
}

/** The ticket of a step, followed while the card is on the screen. */
function useTicket(assistant: Assistant, step: Step | null): LiveTicket | null {
  const session = step?.session ?? null;
  const number = step?.ticket ?? null;
  const [value, setValue] = useState<LiveTicket | null>(null);
  const canLook = assistant.may("shell.read");
  useEffect(() => {
    if (session === null || number === null || !canLook) return;
    const { store, leave } = assistant.watch(session, number);
    setValue(store.value);
    const end = store.subscribe(() => setValue(store.value));
    return () => {
      end();
      leave();
    };
  }, [assistant, session, number, canLook]);
  return value;
}

function useSeconds(ticket: Ticket | null): number | null {
  const [now, setNow] = useState(() => Date.now());
  const isRunning = Boolean(ticket?.started) && !ticket?.finished;
  useEffect(() => {
    if (!isRunning) return;
    const timer = window.setInterval(() => setNow(Date.now()), 500);
    return () => window.clearInterval(timer);
  }, [isRunning]);
  if (!ticket?.started) return null;
  if (ticket.duration !== null) return ticket.duration;
  return Math.max(0, (now - new Date(ticket.started).getTime()) / 1000);
}

interface Shown {
  word: string;
  text: string;
  tone: "" | "good" | "bad" | "busy";
  isBusy: boolean;
}

function stateOf(step: Step | null, ticket: Ticket | null, isWorking: boolean): Shown {
  const word = ticket?.state ?? step?.ticketState ?? (step?.state === "finished" ? "done" : step?.state ?? "wanted");
  return { word, ...describeState(word, ticket, step, isWorking) };
}

function describeState(word: string, ticket: Ticket | null, step: Step | null, isWorking: boolean): Omit<Shown, "word"> {
  const code = ticket?.exit_code ?? step?.exitCode ?? null;
  switch (word) {
    case "wanted": return isWorking ? { text: "Being written", tone: "", isBusy: true } : { text: "Not run", tone: "", isBusy: false };
    case "started": return { text: "Starting", tone: "busy", isBusy: true };
    case "queued": return { text: "Waiting for a place", tone: "busy", isBusy: true };
    case "starting": return { text: "Starting", tone: "busy", isBusy: true };
    case "running": return { text: "Running", tone: "busy", isBusy: true };
    case "awaiting_approval": return { text: "Waits for your decision", tone: "busy", isBusy: false };
    case "exited": return code === 0 ? { text: "Done", tone: "good", isBusy: false } : { text: `Exit code ${code ?? "?"}`, tone: "bad", isBusy: false };
    case "killed": return { text: `Killed by signal ${ticket?.signal ?? "?"}`, tone: "bad", isBusy: false };
    case "timed_out": return { text: "Ended by its time limit", tone: "bad", isBusy: false };
    case "cancelled": return { text: "Cancelled", tone: "", isBusy: false };
    case "denied": return { text: "Denied", tone: "bad", isBusy: false };
    case "expired": return { text: "Nobody decided in time", tone: "", isBusy: false };
    case "lost": return { text: "Lost: its end is not known", tone: "bad", isBusy: false };
    case "failed": return { text: ticket?.reason ? `Could not start: ${ticket.reason}` : "Could not start", tone: "bad", isBusy: false };
    case "done":
      if (step?.isError) return { text: "Failed", tone: "bad", isBusy: false };
      if (step?.timedOut) return { text: "Still running", tone: "busy", isBusy: false };
      return code === null || code === 0 ? { text: "Done", tone: "good", isBusy: false } : { text: `Exit code ${code}`, tone: "bad", isBusy: false };
    default: return { text: word, tone: "", isBusy: false };
  }
}

/** What a call of a function means, in words. */
function describe(piece: ToolPiece): string {
  let given: Record<string, unknown> = {};
  try {
    given = JSON.parse(piece.arguments || "{}") as Record<string, unknown>;
  } catch {
    // Still being written.
  }
  const ticket = typeof given["ticket"] === "string" ? given["ticket"] : "a ticket";
  switch (piece.name) {
    case "shell": case "ticket_start": return "A command";
    case "ticket_output": return `Reads the output of ${ticket}`;
    case "ticket_cancel": return `Ends ${ticket}`;
    case "ticket_input": return `Types into ${ticket}`;
    default: return piece.name.replace(/_/g, " ");
  }
}

function FunctionResult({ text, isError }: { text: string; isError: boolean }) {
  const short = useMemo(() => (text.length > 4000 ? `${text.slice(0, 4000)}\u2026` : text), [text]);
  return (
    <details>
      <summary className="button plain compact card-more">{isError ? "Why it failed" : "Result"}</summary>
      <div className="card-output"><pre className="output">{short}</pre></div>
    </details>
  );
}
