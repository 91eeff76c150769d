import { KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { ApiError, sentence } from "../shared/api";
import { useStore } from "../shared/store";
import type { Approval } from "../shared/types";
import type { Assistant } from "./assistant";

/** A question to a person: the exact command, why it is asked, and the answers. */
export function ApprovalBox({ id, assistant, shown = null }: {
  id: number;
  assistant: Assistant;
  /** The command as it stands above already; it is shown once more where it differs in a single byte. */
  shown?: string | null;
}) {
  const approval = useStore(assistant.approvals).get(id);
  const [error, setError] = useState<string | null>(null);
  const mayDecide = assistant.may("approve");
  const isWhole = approval?.digest !== undefined;
  useEffect(() => {
    if (!mayDecide || isWhole) return;
    assistant.approval(id).catch((problem) => setError(sentence(problem)));
  }, [assistant, id, mayDecide, isWhole]);
  if (!mayDecide) {
    return <p className="ask note">Somebody with the permission to approve has to decide. They see it in their inbox.</p>;
  }
  if (!approval || !isWhole) {
    return <div className="ask">{error ? <p className="note bad" role="alert">{error}</p> : <span className="spinner" role="status" aria-label="Loading" />}</div>;
  }
  return approval.state === "awaiting" ? <Question approval={approval} assistant={assistant} shown={shown} /> : null;
}

function Question({ approval, assistant, shown }: { approval: Approval; assistant: Assistant; shown: string | null }) {
  const [error, setError] = useState<string | null>(null);
  const [note, setNote] = useState("");
  const [isDenying, setDenying] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const frame = useRef<HTMLElement>(null);
  const wasDenying = useRef(false);
  const id = approval.id;
  useLayoutEffect(() => {
    const box = frame.current;
    const root = box?.getRootNode() as Document | ShadowRoot | undefined;
    // It goes, also when somebody else decided: whoever was in it by keyboard goes on where they write.
    return () => {
      if (box?.contains(root?.activeElement ?? null)) root?.getElementById("deckhand-message")?.focus();
    };
  }, []);
  useEffect(() => {
    if (wasDenying.current && !isDenying) frame.current?.querySelector<HTMLElement>(".danger")?.focus();
    wasDenying.current = isDenying;
  }, [isDenying]);
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isDenying || event.nativeEvent.isComposing) return;
    event.stopPropagation();
    setDenying(false);
  };
  const decide = async (decision: "approve" | "deny", always = false) => {
    setBusy(true);
    setError(null);
    const root = frame.current?.getRootNode() as Document | ShadowRoot | undefined;
    try {
      await assistant.decide(id, {
        decision,
        digest: approval.digest as string,
        ...(note.trim() === "" ? {} : { note: note.trim() }),
        ...(always ? { always: true } : {}),
      });
      // The buttons go; whoever works by keyboard goes on where they write.
      root?.getElementById("deckhand-message")?.focus();
    } catch (problem) {
      setError(sentence(problem));
      // It changed, or somebody else decided: show what is true now.
      if (problem instanceof ApiError && problem.status === 409) await assistant.approval(id).catch(() => {});
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="ask" ref={frame} aria-label="Your decision is needed" onKeyDown={onKey}>
      <p>{approval.reason}</p>
      <ApprovalFacts approval={approval} shown={shown} />
      {error && <p className="note bad" role="alert">{error}</p>}
      {isDenying && (
        <label className="field">
          <span>What the assistant should know (if you like)</span>
          <input className="input" value={note} maxLength={500} autoFocus onChange={(event) => setNote(event.target.value)} />
        </label>
      )}
      <div className="ask-buttons">
        {!isDenying && <button type="button" className="button primary" disabled={isBusy} onClick={() => void decide("approve")}>Approve</button>}
        <button type="button" className="button danger" disabled={isBusy} onClick={() => (isDenying ? void decide("deny") : setDenying(true))}>Deny</button>
        {isDenying && <button type="button" className="button plain" onClick={() => setDenying(false)}>Back</button>}
        {!isDenying && approval.proposed_rule && (
          <button type="button" className="button" disabled={isBusy} title={`Proposes the rule: ${approval.proposed_rule}`} onClick={() => void decide("approve", true)}>
            Approve, and propose always
          </button>
        )}
      </div>
    </section>
  );
}

/** All that a yes covers. */
function ApprovalFacts({ approval, shown }: { approval: Approval; shown: string | null }) {
  const environment = Object.entries(approval.env ?? {});
  return (
    <>
      {(approval.command_shown ?? approval.command) !== shown && (
        <pre tabIndex={0} role="region" aria-label="What is to be run">{approval.command_shown ?? approval.command}</pre>
      )}
      {approval.subject === "input" && approval.typed?.text !== undefined && (
        <pre tabIndex={0} role="region" aria-label="What is to be typed">{approval.typed.text}</pre>
      )}
      <dl>
        <dt>Runs as</dt><dd>{approval.user} on {approval.host}</dd>
        {approval.cwd && (<><dt>In</dt><dd>{approval.cwd}</dd></>)}
        {environment.length > 0 && (<><dt>With</dt><dd className="mono">{environment.map(([name, value]) => `${name}=${value}`).join(" ")}</dd></>)}
        <dt>Rule</dt><dd>{approval.rule}</dd>
        <dt>Asked by</dt><dd>{approval.requested_by}</dd>
      </dl>
    </>
  );
}
