import { useEffect, useState } from "react";
import { Dialog } from "../../chat/Dialog";
import { Icon } from "../../chat/Icon";
import type { Piece, Turn } from "../../chat/transcript";
import { sentence } from "../../shared/api";
import { bytes, count, moment } from "../../shared/format";
import { useStore } from "../../shared/store";
import { ActionCard, isWebAddress } from "./ActionCard";
import type { UserDesk } from "./desk";
import type { Reading } from "./types";

/** A call of the assistant: an action as a card, anything else as a line. */
export function ToolView({ piece, turn, desk, isWorking }: { piece: Piece & { kind: "tool" }; turn: Turn; desk: UserDesk; isWorking: boolean }) {
  useStore(desk.actions);
  useStore(desk.catalogue);
  const proposal = desk.isAction(piece.name) ? desk.proposalOf(piece, turn) : null;
  if (proposal) return <ActionCard proposal={proposal} desk={desk} />;
  const last = piece.steps[piece.steps.length - 1];
  const isOver = last?.state === "finished";
  const name = desk.isAction(piece.name) ? desk.titleOf(piece.name.slice("action_".length)) : describe(piece.name);
  return (
    <div className="tool-line">
      {isOver || !isWorking ? <Icon name={last?.isError ? "warning" : "check"} /> : <span className="spinner" aria-hidden="true" />}
      <span>{name}{isOver && last?.isError ? ": it did not work" : ""}</span>
      {isOver && last?.isError && last.text && <details><summary>Why</summary><p>{last.text.slice(0, 2000)}</p></details>}
    </div>
  );
}

function describe(tool: string): string {
  const source = /^context_(.+)$/.exec(tool)?.[1];
  return source ? `Reads ${source.replace(/_/g, " ")}` : tool.replace(/_/g, " ");
}

/** Actions that no call shows, and files that were made. */
export function TurnCards({ turn, desk }: { turn: Turn; desk: UserDesk }) {
  useStore(desk.actions);
  const artifacts = useStore(desk.artifacts).filter((artifact) => artifact.turn === turn.id);
  return (
    <>
      {desk.others(turn).map((proposal) => <ActionCard key={proposal.id} proposal={proposal} desk={desk} />)}
      {artifacts.length > 0 && (
        <ul className="files" aria-label="Files">
          {artifacts.map((artifact) => (
            <li key={artifact.id} className="card file">
              <span className="file-name"><strong>{artifact.title}</strong><span>{artifact.name}, {bytes(artifact.size)}, kept until {new Date(artifact.expires).toLocaleDateString()}</span></span>
              <button type="button" className="button" aria-label={`Download ${artifact.title}`} onClick={() => void desk.download(artifact)}><Icon name="down" /> Download</button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** Opens what was put before the model in a turn. */
export function SeenButton({ turn, onOpen }: { turn: Turn; onOpen: (turn: number) => void }) {
  return (
    <button type="button" className="button plain icon" aria-label="What did the AI see?" title="What did the AI see?" onClick={() => onOpen(turn.id)}>
      <Icon name="eye" />
    </button>
  );
}

/** What the model saw of the application in a turn, fact by fact. */
export function SeenDialog({ turn, desk, onClose }: { turn: number; desk: UserDesk; onClose: () => void }) {
  const [sources, setSources] = useState<Reading[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => void desk.readings(turn).then(setSources, (problem) => setError(sentence(problem))), [desk, turn]);
  return (
    <Dialog title="What did the AI see?" onClose={onClose}>
      {error && <p className="note bad" role="alert">{error}</p>}
      {!sources && !error && <p role="status"><span className="spinner" aria-hidden="true" /></p>}
      {sources?.length === 0 && <p>Nothing of the application: only what is in this chat.</p>}
      {sources && sources.length > 0 && <p>Besides this chat it saw these facts of the application, and nothing else.</p>}
      {sources?.map((source) => (
        <section key={source.source} aria-label={source.source} className="seen">
          <h3>{source.source.replace(/_/g, " ")} <span>{moment(source.read)}</span></h3>
          {source.missing && <p className="note bad">Nothing could be read: {source.missing}</p>}
          {source.facts.length === 0 && !source.missing && <p className="seen-rule">The application told nothing.</p>}
          <ul>
            {source.facts.map((fact) => (
              <li key={fact.id}>
                <p>{fact.text}</p>
                <p className="seen-rule">Allowed by: {fact.rule}{isWebAddress(fact.link) && <> {"\u00b7"} <a href={fact.link} target="_blank" rel="noopener noreferrer">Open the record</a></>}</p>
              </li>
            ))}
          </ul>
          {source.left_out > 0 && <p className="seen-rule">{count(source.left_out, "fact")} left out: too long, or not for you to see.</p>}
        </section>
      ))}
    </Dialog>
  );
}
