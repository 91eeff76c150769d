import "./common";
import { useEffect } from "react";
import { ApprovalBox } from "../chat/ApprovalBox";
import { moment } from "../shared/format";
import { useStore } from "../shared/store";
import type { Approval, ApprovalList } from "../shared/types";
import { to } from "./route";
import { PagedList } from "./PagedList";
import { usePages } from "./usePages";
import type { ScreenProps } from "./screens";
import { Reading } from "./States";

/** What waits for a decision, and what was decided. */
export function ApprovalsScreen({ assistant, route: [chosen] }: ScreenProps) {
  const approvals = useStore(assistant.approvals);
  const connection = useStore(assistant.feed.connection);
  const waiting = [...approvals.values()].filter((approval) => approval.state === "awaiting").sort((left, right) => left.id - right.id);
  const past = usePages<Approval, string>(async (after) => {
    const page = await assistant.api.get<ApprovalList>(`/v1/approvals?state=settled&limit=100${after === null ? "" : `&after=${encodeURIComponent(after)}`}`);
    return { rows: page.approvals.filter((approval) => approval.state !== "awaiting"), next: page.next };
  }, [assistant, waiting.length]);
  // A notification leads to the one that it was about.
  useEffect(() => {
    document.getElementById(`approval-${chosen}`)?.scrollIntoView({ block: "center" });
  }, [chosen, waiting.length]);
  useEffect(() => {
    for (const approval of waiting) if (approval.digest === undefined) void assistant.approval(approval.id).catch(() => {});
  }, [assistant, waiting.length]);
  return (
    <div className="screen">
      <h1>Approvals</h1>
      <section aria-live="polite">
        {waiting.length === 0 && connection === "connecting" && <Reading />}
        {waiting.length === 0 && connection === "offline" && <div className="empty"><h2>Not known at the moment</h2><p>What waits for a decision is shown as soon as the server is back.</p></div>}
        {waiting.length === 0 && connection !== "connecting" && connection !== "offline" && <div className="empty"><h2>Nothing waits for you</h2><p>When a command needs a person's yes it appears here at once, and the page's title counts it.</p></div>}
        {waiting.map((approval) => (
          <article key={approval.id} id={`approval-${approval.id}`} className="card asks">
            <div className="card-state">
              <a href={to("tickets", approval.session, approval.ticket)}>{approval.session}/{approval.ticket}</a>
              <span className="spacer" />
              <span>asked {moment(approval.created)}, until {moment(approval.expires)}</span>
            </div>
            <ApprovalBox id={approval.id} assistant={assistant} />
          </article>
        ))}
      </section>
      <section>
        <h2>Decided</h2>
        <div className={past.rows.length > 0 ? "bounded tall" : ""}>
          <PagedList
            pages={past}
            label="Decided approvals"
            empty={<p>Nothing was decided yet.</p>}
            row={(approval) => (
              <a className="row" href={to("tickets", approval.session, approval.ticket)}>
                <code className="row-main">{approval.command}</code>
                <span className="row-side">
                  <span className={`badge ${tone(approval.state)}`}>{approval.state}</span>
                  <span>{approval.session}/{approval.ticket}</span>
                  <span>{moment(approval.created)}</span>
                </span>
              </a>
            )}
          />
        </div>
      </section>
    </div>
  );
}

function tone(state: string): string {
  return state === "approved" || state === "used" ? "good" : state === "denied" ? "bad" : "";
}
