import "./common";
import { FormEvent, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { count, moment } from "../shared/format";
import { placed, Receipt, ReceiptList, ReceiptSummary } from "./oversight";
import { PagedList } from "./PagedList";
import { Facts, OutLink } from "./parts";
import { go, to } from "./route";
import type { ScreenProps } from "./screens";
import { States } from "./States";
import { path } from "./useHosts";
import { useLoaded } from "./useLoaded";
import { usePages } from "./usePages";
import { when } from "./when";

/** What the assistant saw of business applications: receipts of every turn that read something. */
export function ContextScreen({ assistant, route: [turn] }: ScreenProps) {
  return turn === undefined ? <Receipts assistant={assistant} /> : <ReceiptView key={turn} assistant={assistant} turn={turn} />;
}

function Receipts({ assistant }: { assistant: Assistant }) {
  const [turn, setTurn] = useState("");
  const pages = usePages<ReceiptSummary, number>(async (after) => {
    const page = await assistant.api.get<ReceiptList>(path("/v1/admin/context", { limit: 100, after }));
    return { rows: page.turns, next: page.next };
  }, [assistant]);
  const find = (event: FormEvent) => {
    event.preventDefault();
    if (/^\d+$/.test(turn.trim())) go("context", turn.trim());
  };
  return (
    <div className="screen">
      <h1>What the AI saw</h1>
      <p className="lead">Whenever the assistant reads from your business application, a receipt is kept: each fact, the record it comes from, and the rule that let this user's assistant see it.</p>
      <form className="form-row" role="search" onSubmit={find}>
        <label className="field"><span>Go to the receipt of a turn, by its number</span><input className="input" inputMode="numeric" value={turn} onChange={(event) => setTurn(event.target.value)} /></label>
        <button type="submit" className="button" disabled={!/^\d+$/.test(turn.trim())}>Show</button>
      </form>
      <div className={pages.rows.length > 8 ? "fixed-list" : "fit-list"}>
        <PagedList pages={pages} label="Receipts" empty={<><h2>Nothing was read yet</h2><p>Declare sources with <code>context</code> in <code>deckhand.json5</code>. Each turn that reads one leaves a receipt here.</p></>} row={(receipt) => (
          <a className="row" href={to("context", receipt.turn)}>
            <span className="row-main">{receipt.name ?? receipt.owner} <span className="sub">turn {receipt.turn}</span></span>
            <span className="row-side">
              {receipt.missing > 0 && <span className="badge bad">{receipt.missing} missing</span>}
              {receipt.left_out > 0 && <span className="badge busy">{receipt.left_out} left out</span>}
              <span className="badge">{count(receipt.sources, "source")}</span>
              <span>{placed(receipt)}</span><span>{moment(receipt.time)}</span>
            </span>
          </a>
        )} />
      </div>
    </div>
  );
}

function ReceiptView({ assistant, turn }: { assistant: Assistant; turn: string }) {
  const loaded = useLoaded(() => assistant.api.get<Receipt>(`/v1/admin/turns/${encodeURIComponent(turn)}/context`), [assistant, turn]);
  return (
    <div className="screen">
      <p className="crumbs"><a href={to("context")}>What the AI saw</a> / turn {turn}</p>
      <h1>Turn {turn}</h1>
      <States loaded={loaded} isEmpty={() => false} empty={null}>
        {(receipt) => (
          <>
            <Facts of={[["Asked by", <a href={to("audit", "of", receipt.owner)}>{receipt.name ?? receipt.owner}</a>], ["Where", placed(receipt)], ["When", when(receipt.time)]]} />
            {receipt.sources.map((source) => (
              <section key={source.source}>
                <div className="panel-head"><h2>{source.source}</h2><span className="hint">read {moment(source.read)}</span></div>
                {source.missing && <p className="note bad">Nothing could be read: {source.missing}</p>}
                {source.left_out > 0 && <p className="note busy">{count(source.left_out, "fact")} left out: too long, or outside what this user may see.</p>}
                {source.facts.length === 0 && !source.missing && <p className="hint">The application told nothing.</p>}
                <ul className="facts-list">
                  {source.facts.map((fact) => (
                    <li key={fact.id} className="fact">
                      <p>{fact.text}</p>
                      <span className="fact-side"><code>{fact.id}</code><span className="badge good">{fact.rule}</span>{fact.link && <OutLink href={fact.link}>Open the record</OutLink>}</span>
                    </li>
                  ))}
                </ul>
              </section>
            ))}
            <p className="hint">This is all that was put before the model from the application. That you looked at it stands in the audit log.</p>
          </>
        )}
      </States>
    </div>
  );
}
