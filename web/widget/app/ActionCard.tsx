import { useRef, useState } from "react";
import { Icon } from "../../chat/Icon";
import { sentence } from "../../shared/api";
import { amount } from "../../shared/money";
import { useStore } from "../../shared/store";
import type { UserDesk } from "./desk";
import type { Proposal, ProposalState } from "./types";

const words: Record<ProposalState, [string, "" | "good" | "bad" | "busy"]> = {
  proposed: ["Being checked", "busy"],
  awaiting_confirmation: ["Waits for your yes", "busy"],
  confirmed: ["Confirmed", "busy"],
  executing: ["Being carried out", "busy"],
  succeeded: ["Done", "good"],
  failed: ["Failed", "bad"],
  declined: ["Declined", ""],
  expired: ["Nobody confirmed in time", ""],
};

/** What the assistant wants the application to do: the exact input, the person's decision, and what came of it. */
export function ActionCard({ proposal, desk }: { proposal: Proposal; desk: UserDesk }) {
  const wallet = useStore(desk.wallet);
  useStore(desk.catalogue);
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const card = useRef<HTMLElement>(null);
  const [text, tone] = words[proposal.state];
  const asks = proposal.state === "awaiting_confirmation";
  const title = desk.titleOf(proposal.action);
  const would = asks && proposal.preview ? Object.entries(proposal.preview) : [];
  const { link, files: _files, ...result } = proposal.result ?? {};
  const decide = async (decision: "confirm" | "decline") => {
    setBusy(true);
    setError(null);
    try {
      const root = card.current?.getRootNode() as ShadowRoot | undefined;
      await desk.decide(proposal.id, decision);
      // The buttons go; whoever works by keyboard goes on where they write.
      root?.getElementById("deckhand-message")?.focus();
    } catch (problem) {
      setError(sentence(problem));
    } finally {
      setBusy(false);
    }
  };
  return (
    <article ref={card} className={`card action${asks ? " asks" : ""}`} aria-label={`Action: ${title}`}>
      <div className="action-head">
        <Icon name="bolt" />
        <h4>{title}</h4>
        <span className={`badge ${tone}`}>
          {["proposed", "confirmed", "executing"].includes(proposal.state) ? <span className="spinner" aria-hidden="true" /> : <span className="dot" aria-hidden="true" />}
          {text}
        </span>
      </div>
      <Values of={Object.entries(proposal.arguments).map(([name, value]) => [desk.fieldOf(proposal.action, name), value])} label="Exact input" />
      {would.length > 0 && <div className="note action-note"><Values of={would} label="What the application says it would do" /></div>}
      {proposal.price > 0 && <p className="action-line">Costs {amount(proposal.price, proposal)} {wallet?.unit.name ?? "credits"} when it is carried out.</p>}
      {proposal.reason && proposal.state !== "succeeded" && <p className="note bad action-note">{proposal.reason}</p>}
      {error && <p className="note bad action-note" role="alert">{error}</p>}
      {asks && (
        <div className="action-buttons" role="group" aria-label={`Decide: ${title}`}>
          <p>Nothing happens until you say yes. Your yes covers exactly this input, once.</p>
          <button type="button" className="button primary" disabled={isBusy} onClick={() => void decide("confirm")}><Icon name="check" /> Confirm</button>
          <button type="button" className="button" disabled={isBusy} onClick={() => void decide("decline")}>Decline</button>
        </div>
      )}
      {proposal.state === "succeeded" && Object.keys(result).length > 0 && <Values of={Object.entries(result)} label="Result" isTitled />}
      {proposal.state === "succeeded" && isWebAddress(link) && (
        <p className="action-line"><a href={link} target="_blank" rel="noopener noreferrer">Open in the application <Icon name="out" /></a></p>
      )}
    </article>
  );
}

function Values({ of, label, isTitled = false }: { of: [string, unknown][]; label: string; isTitled?: boolean }) {
  if (of.length === 0) return null;
  return (
    <>
      {isTitled && <p className="values-title" aria-hidden="true">{label}</p>}
      <dl className="values" aria-label={label}>
        {of.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{typeof value === "string" ? value : <code>{JSON.stringify(value, null, 2)}</code>}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** Other schemes could run something. */
export function isWebAddress(value: unknown): value is string {
  return typeof value === "string" && /^https?:\/\//i.test(value);
}
