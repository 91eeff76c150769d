import "./common";
import { FormEvent, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { Host, Wallet, WalletList, placed } from "./oversight";
import { money } from "./money";
import { PagedList } from "./PagedList";
import { Outcome } from "./parts";
import { go, to } from "./route";
import type { ScreenProps } from "./screens";
import { useAction } from "./useAction";
import { path, useHosts } from "./useHosts";
import { usePages } from "./usePages";
import { UsageView } from "./UsageView";
import { WalletView } from "./WalletView";

/** Prepaid wallets of clients and brands, and what everybody used. */
export function WalletsScreen({ assistant, route: [first, second, third] }: ScreenProps) {
  if (first !== undefined && first !== "of") return <WalletView key={first} assistant={assistant} id={first} />;
  return <Wallets key={`${second ?? ""} ${third ?? ""}`} assistant={assistant} client={second ?? null} issuer={third ?? null} />;
}

function Wallets({ assistant, client, issuer }: { assistant: Assistant; client: string | null; issuer: string | null }) {
  const hosts = useHosts(assistant).value ?? [];
  const pages = usePages<Wallet, number>(async (after) => {
    // The server lists all of them: those of one client are picked out here, page by page.
    let cursor = after;
    for (;;) {
      const page = await assistant.api.get<WalletList>(path("/v1/admin/wallets", { limit: 200, after: cursor }));
      const rows = client === null ? page.wallets : page.wallets.filter((wallet) => wallet.client === client && (issuer === null || wallet.issuer === issuer));
      if (rows.length > 0 || page.next === null) return { rows, next: page.next };
      cursor = page.next;
    }
  }, [assistant, client, issuer]);
  const unit = pages.rows[0]?.unit;
  return (
    <div className="screen">
      {client !== null && <p className="crumbs"><a href={to("wallets")}>Wallets</a> / {client}</p>}
      <h1>{client === null ? "Wallets" : `Wallets of ${client}`}</h1>
      <p className="lead">Clients and brands pay beforehand. What the assistant may cost is reserved before each call, and settled after it; a wallet never goes below its line.</p>
      <NewWallet key={hosts.length} assistant={assistant} client={client} issuer={issuer} hosts={hosts} />
      <div className={pages.rows.length > 8 ? "fixed-list" : "fit-list"}>
        <PagedList pages={pages} label="Wallets" empty={<><h2>No wallet yet</h2><p>Open one above for a client, or for one of its brands. Without a wallet, what has a price is refused.</p></>} row={(wallet) => (
          <a className="row" href={to("wallets", wallet.id)}>
            <span className="row-main">{placed(wallet)} {wallet.brand === null && <span className="sub">all brands</span>}{hosts.length > 1 && <span className="sub"> {wallet.issuer}</span>}</span>
            <span className="row-side">
              {wallet.held > 0 && <span className="badge busy">{money(wallet.held, wallet.unit)} reserved</span>}
              {wallet.available <= 0 && <span className="badge bad">empty</span>}
              <strong className="amount">{money(wallet.balance, wallet.unit)}</strong>
            </span>
          </a>
        )} />
      </div>
      {unit && assistant.may("ai.wallet") && client === null && <section><h2>Usage of all clients</h2><UsageView assistant={assistant} unit={unit} of={{}} /></section>}
    </div>
  );
}

function NewWallet({ assistant, client, issuer, hosts }: { assistant: Assistant; client: string | null; issuer: string | null; hosts: Host[] }) {
  // Several applications may call a client the same.
  const [host, setHost] = useState(issuer ?? hosts[0]?.issuer ?? "");
  const [owner, setOwner] = useState(client ?? "");
  const [brand, setBrand] = useState("");
  const action = useAction();
  const open = (event: FormEvent) => {
    event.preventDefault();
    void action.run(async () => {
      const body: Record<string, string> = { client: owner.trim() };
      if (brand.trim() !== "") body["brand"] = brand.trim();
      if (host !== "") body["issuer"] = host;
      const wallet = await assistant.api.post<Wallet>("/v1/admin/wallets", body);
      go("wallets", wallet.id);
      return null;
    });
  };
  return (
    <details className="more">
      <summary>Open a wallet</summary>
      <form className="panel" onSubmit={open}>
        <Outcome action={action} />
        <div className="form-row">
          {hosts.length > 1 && <label className="field"><span>Application</span><select className="select" value={host} onChange={(event) => setHost(event.target.value)}>{hosts.map((one) => <option key={one.issuer} value={one.issuer}>{one.name} ({one.issuer})</option>)}</select></label>}
          <label className="field"><span>Client's id</span><input className="input" required value={owner} onChange={(event) => setOwner(event.target.value)} /></label>
          <label className="field"><span>Brand's id, if it pays for itself</span><input className="input" value={brand} onChange={(event) => setBrand(event.target.value)} /></label>
          <button type="submit" className="button primary" disabled={owner.trim() === "" || action.isBusy}>Open</button>
        </div>
        <p className="hint">A brand without a wallet of its own is paid for by its client's. Opening one that there is already shows it.</p>
      </form>
    </details>
  );
}
