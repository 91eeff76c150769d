import { FormEvent, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { moment } from "../shared/format";
import { BalanceView } from "./BalanceView";
import { CapsView } from "./CapsView";
import { amount, freshKey, minor, money } from "./money";
import { placed, Statement, Transfer, TransferList, Unit } from "./oversight";
import { PagedList } from "./PagedList";
import { Outcome, Sure } from "./parts";
import { to } from "./route";
import { States } from "./States";
import { UsageView } from "./UsageView";
import { useAction } from "./useAction";
import { path } from "./useHosts";
import { useLoaded } from "./useLoaded";
import { usePages } from "./usePages";
import { when } from "./when";

/** One wallet: balance, money in, usage, limits, and its ledger. */
export function WalletView({ assistant, id }: { assistant: Assistant; id: string }) {
  const base = `/v1/admin/wallets/${encodeURIComponent(id)}`;
  const loaded = useLoaded(() => assistant.api.get<Statement>(base), [assistant, base], 30_000);
  const ledger = usePages<Transfer, number>(async (after) => {
    const page = await assistant.api.get<TransferList>(path(`${base}/transfers`, { limit: 100, after }));
    return { rows: page.transfers, next: page.next };
  }, [assistant, base]);
  const changed = () => {
    loaded.reload();
    ledger.reload();
  };
  return (
    <div className="screen">
      <p className="crumbs"><a href={to("wallets")}>Wallets</a> / {loaded.value ? placed(loaded.value) : id}</p>
      <States loaded={loaded} isEmpty={() => false} empty={null}>
        {(wallet) => (
          <>
            <h1>{placed(wallet)}</h1>
            {wallet.issuer && <p className="lead">A client of {wallet.issuer}.</p>}
            <ul className="tiles">
              <Tile value={wallet.balance} unit={wallet.unit} text="balance" tone={wallet.balance <= 0 ? "bad" : ""} />
              <Tile value={wallet.available} unit={wallet.unit} text="can be spent now" tone={wallet.available <= 0 ? "bad" : "good"} />
              <Tile value={wallet.held} unit={wallet.unit} text={`reserved by ${wallet.holds.length} open ${wallet.holds.length === 1 ? "call" : "calls"}`} tone={wallet.held > 0 ? "busy" : ""} />
              <Tile value={wallet.line === 0 ? 0 : -wallet.line} unit={wallet.unit} text="the lowest that it may go" tone="" />
            </ul>
            <Deposit assistant={assistant} base={base} wallet={wallet} onDone={changed} />
            <BalanceView assistant={assistant} base={base} unit={wallet.unit} balance={wallet.balance} />
            {assistant.may("ai.wallet") && <section><h2>Usage</h2><UsageView assistant={assistant} unit={wallet.unit} of={wallet} /></section>}
            <CapsView assistant={assistant} base={base} wallet={wallet} onChanged={loaded.reload} />
            <Lots wallet={wallet} />
            <section>
              <h2>Ledger</h2>
              <p className="hint">Every change of this wallet, newest first. Rows are never changed or removed.</p>
              <div className={ledger.rows.length > 6 ? "fixed-list" : "fit-list"}>
                <PagedList pages={ledger} label="Ledger" empty={<p>Nothing happened yet. Top it up above.</p>} row={(transfer) => <LedgerRow transfer={transfer} unit={wallet.unit} />} />
              </div>
            </section>
          </>
        )}
      </States>
    </div>
  );
}

function Tile({ value, unit, text, tone }: { value: number; unit: Unit; text: string; tone: string }) {
  return <li className={`tile ${tone}`}><strong>{amount(value, unit)}<span className="unit">{unit.name}</span></strong> {text}</li>;
}

const kinds: Record<string, string> = {
  topup: "Top-up", grant: "Grant", hold: "Reserved", settle: "Settled", release: "Given back", expire: "Reservation expired", charge: "Charged", lapse: "Lapsed",
};

function LedgerRow({ transfer, unit }: { transfer: Transfer; unit: Unit }) {
  const change = transfer.amount !== 0 ? transfer.amount : 0;
  return (
    <div className="row">
      <span className="row-main">{kinds[transfer.kind] ?? transfer.kind} <span className="sub">{transfer.note ?? transfer.by}</span></span>
      <span className="row-side">
        {transfer.written_off > 0 && <span className="badge bad">{money(transfer.written_off, unit)} could not be paid</span>}
        <span className={`amount ${change > 0 ? "" : "out"}`}>{change === 0 ? `${amount(transfer.held, unit)} reserved` : `${change > 0 ? "+" : ""}${amount(change, unit)}`}</span>
        <strong className="amount">{amount(transfer.balance, unit)}</strong>
        <span>{moment(transfer.created)}</span>
      </span>
    </div>
  );
}

/** Money in: the key is made once for each intent, so that sending it again after a lost answer adds nothing twice. */
function Deposit({ assistant, base, wallet, onDone }: { assistant: Assistant; base: string; wallet: Statement; onDone: () => void }) {
  const [text, setText] = useState("");
  const [note, setNote] = useState("");
  const [days, setDays] = useState("");
  const [kind, setKind] = useState<"topups" | "grants">("topups");
  const [key, setKey] = useState(freshKey);
  const action = useAction();
  const value = minor(text, wallet.unit);
  const isWrong = text.trim() !== "" && (value === null || value <= 0);
  const count = days.trim() === "" ? null : Number(days);
  const isWrongDays = count !== null && (!Number.isInteger(count) || count < 1 || count > 3650);
  const send = () => void action.run(async () => {
    const body: Record<string, unknown> = { amount: value, key };
    if (note.trim() !== "") body["note"] = note.trim();
    if (kind === "grants" && count !== null) body["expires_in_days"] = count;
    await assistant.api.post(`${base}/${kind}`, body);
    setText("");
    setNote("");
    setKey(freshKey());
    onDone();
    return `${money(value ?? 0, wallet.unit)} added.`;
  });
  const isReady = value !== null && value > 0 && !isWrongDays;
  return (
    <form className="panel" aria-label="Add money" onSubmit={(event: FormEvent) => event.preventDefault()}>
      <h2>Add money</h2>
      <Outcome action={action} />
      {action.error && <p className="hint">Sending it again is safe: the key {key} lets it count once.</p>}
      <div className="choices" role="group" aria-label="Kind">
        <button type="button" className="button compact" aria-pressed={kind === "topups"} onClick={() => setKind("topups")}>Paid top-up</button>
        <button type="button" className="button compact" aria-pressed={kind === "grants"} onClick={() => setKind("grants")}>Free grant</button>
      </div>
      <div className="form-row">
        <label className="field"><span>Amount in {wallet.unit.name}</span><input className="input" inputMode="decimal" value={text} aria-invalid={isWrong} placeholder={wallet.unit.decimals > 0 ? "25.00" : "25"} onChange={(event) => setText(event.target.value)} /></label>
        {kind === "grants" && <label className="field"><span>Lapses after days</span><input className="input" inputMode="numeric" value={days} aria-invalid={isWrongDays} placeholder="never" onChange={(event) => setDays(event.target.value)} /></label>}
        <label className="field"><span>Note</span><input className="input" value={note} maxLength={200} placeholder="Invoice 17" onChange={(event) => setNote(event.target.value)} /></label>
        <Sure label="Add" question={`Add ${money(value ?? 0, wallet.unit)}?`} confirm="Add it" tone="primary" isDisabled={!isReady || action.isBusy} onYes={send}>
          <p>To the wallet of <strong>{placed(wallet)}</strong>{kind === "grants" ? `, as a grant${count === null ? "" : ` that lapses after ${count} days`}` : ""}. The ledger keeps it for good, with your name.</p>
        </Sure>
      </div>
      {isWrong && <p className="hint" role="alert">Write a number such as 25{wallet.unit.decimals > 0 ? ".50" : ""}, with at most {wallet.unit.decimals} decimal places.</p>}
    </form>
  );
}

function Lots({ wallet }: { wallet: Statement }) {
  if (wallet.lots.length === 0) return null;
  return (
    <section>
      <h2>What is left of which money</h2>
      <div className="table-frame" tabIndex={0} role="region" aria-label="What is left of which money">
        <table className="table">
          <thead><tr><th scope="col">Kind</th><th scope="col" className="number">Left</th><th scope="col" className="number">Of</th><th scope="col">Lapses</th></tr></thead>
          <tbody>{wallet.lots.map((lot, index) => <tr key={index}><th scope="row">{kinds[lot.kind] ?? lot.kind}</th><td className="number">{amount(lot.remaining, wallet.unit)}</td><td className="number">{amount(lot.amount, wallet.unit)}</td><td>{lot.expires ? when(lot.expires) : "never"}</td></tr>)}</tbody>
        </table>
      </div>
    </section>
  );
}
