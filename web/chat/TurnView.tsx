import { memo, ReactNode } from "react";
import { count, moment } from "../shared/format";
import type { Part } from "../shared/types";
import type { Conversations } from "./conversations";
import { CopyButton } from "./CopyButton";
import { Icon } from "./Icon";
import { Prose } from "./Prose";
import type { Piece, Turn } from "./transcript";

/** What the parts of a turn look like that depend on who looks at it. */
export interface TurnFace {
  tool(piece: Piece & { kind: "tool" }, turn: Turn, isWorking: boolean): ReactNode;
  /** Below the answer. */
  cards?(turn: Turn): ReactNode;
  /** In the row of buttons below a finished answer. */
  buttons?(turn: Turn): ReactNode;
}

/** What a person said and what the assistant did about it. */
export const TurnView = memo(function TurnView({ turn, assistant, face, isLast, onEdit, onRetry }: {
  turn: Turn;
  assistant: Conversations;
  face: TurnFace;
  isLast: boolean;
  onEdit: (turn: Turn) => void;
  onRetry: (turn: Turn) => void;
}) {
  const isWorking = turn.state === "working";
  const answer = turn.pieces.flatMap((piece) => (piece.kind === "text" ? [piece.text] : [])).join("\n\n");
  return (
    <li className="turn">
      {!turn.isContinuation && (
        <>
          <div className="said"><h3 className="hidden">You said</h3><Said parts={turn.message} /></div>
          {isLast && !isWorking && (
            <div className="said-tools">
              <button type="button" className="button plain icon" aria-label="Edit your message" title="Edit your message" onClick={() => onEdit(turn)}>
                <Icon name="edit" />
              </button>
            </div>
          )}
        </>
      )}
      <div className="answer" aria-busy={isWorking}>
        <h3 className="hidden">The assistant</h3>
        {turn.pieces.map((piece) => <PieceView key={piece.key} piece={piece} turn={turn} face={face} isWorking={isWorking} />)}
        {isWorking && !hasLife(turn.pieces) && (
          <p className="thinking" role="status"><span className="spinner" aria-hidden="true" /> Thinking{"\u2026"}</p>
        )}
        {face.cards?.(turn)}
        <Ending turn={turn} assistant={assistant} isLast={isLast} />
        {!isWorking && (
          <div className="answer-tools">
            {answer !== "" && <CopyButton text={answer} label="Copy the answer" />}
            {isLast && !turn.isContinuation && (
              <button type="button" className="button plain icon" aria-label="Ask again" title="Ask again" onClick={() => onRetry(turn)}>
                <Icon name="retry" />
              </button>
            )}
            {face.buttons?.(turn)}
            <span title={new Date(turn.time).toLocaleString()}>{moment(turn.time)}</span>
            {turn.usage && turn.usage.output > 0 && (
              <span title={`${turn.usage.input.toLocaleString()} tokens read, ${turn.usage.output.toLocaleString()} written, by ${turn.model}`}>
                {"\u00a0\u00b7 "}{count(turn.usage.input + turn.usage.output, "token")}
              </span>
            )}
          </div>
        )}
      </div>
    </li>
  );
});

function Said({ parts }: { parts: Part[] }) {
  return (
    <>
      {parts.map((part, index) => part.type === "text"
        ? <span key={index}>{part.text}</span>
        : <span key={index} className="picture"><Icon name="attach" /> {part.media_type.replace("image/", "").toUpperCase()} picture</span>)}
    </>
  );
}

function PieceView({ piece, turn, face, isWorking }: { piece: Piece; turn: Turn; face: TurnFace; isWorking: boolean }) {
  switch (piece.kind) {
    case "text": return <Prose text={piece.text} className={piece.isRefusal ? "refusal" : ""} />;
    case "reasoning":
      return (
        <details className="thought">
          <summary>{piece.isOpen && isWorking ? "Thinking\u2026" : "What it thought"}</summary>
          <Prose text={piece.text} />
        </details>
      );
    case "tool": return <>{face.tool(piece, turn, isWorking)}</>;
    case "note": return <p className="marker">{piece.text}</p>;
  }
}

/** Something on the screen already shows that it goes on. */
function hasLife(pieces: Piece[]): boolean {
  const last = pieces[pieces.length - 1];
  if (!last) return false;
  if (last.kind === "text" || last.kind === "reasoning") return last.isOpen;
  return last.kind === "tool" && (last.steps.length === 0 || last.steps.some((step) => step.state !== "finished"));
}

function Ending({ turn, assistant, isLast }: { turn: Turn; assistant: Conversations; isLast: boolean }) {
  if (turn.state === "working" || turn.state === "completed") return null;
  const words = { cancelled: "You stopped it.", failed: "It failed.", stopped: "It was stopped." }[turn.state];
  return (
    <div className={`note ${turn.state === "failed" ? "bad" : ""}`} role="status">
      {turn.failure ? `${turn.failure.message} ${turn.failure.hint ?? ""}` : words}{" "}
      {isLast && (
        <button type="button" className="button compact" onClick={() => void assistant.goOn()}>Go on</button>
      )}
    </div>
  );
}
