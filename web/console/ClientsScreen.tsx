import "./common";
import { FormEvent, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { ForHost } from "./HostChoice";
import { Brand, called, Client, ClientList, Host } from "./oversight";
import { PagedList } from "./PagedList";
import { Facts, Outcome, Sure } from "./parts";
import { go, to } from "./route";
import type { ScreenProps } from "./screens";
import { States } from "./States";
import { Action, useAction } from "./useAction";
import { path } from "./useHosts";
import { useLoaded } from "./useLoaded";
import { usePages } from "./usePages";

/** Clients of business applications with their brands: who has AI, and who is suspended. */
export function ClientsScreen({ assistant, route: [issuer, client] }: ScreenProps) {
  if (issuer !== undefined && client !== undefined) return <ClientView key={`${issuer} ${client}`} assistant={assistant} issuer={issuer} id={client} />;
  return (
    <div className="screen">
      <h1>Clients</h1>
      <p className="lead">The customers of your business application. Each has brands, and its own users, chats and wallet, which no other client sees.</p>
      <ForHost assistant={assistant} screen="clients" issuer={issuer}>{(host) => <Clients key={host.issuer} assistant={assistant} host={host} />}</ForHost>
    </div>
  );
}

function Clients({ assistant, host }: { assistant: Assistant; host: Host }) {
  const pages = usePages<Client, number>(async (after) => {
    const page = await assistant.api.get<ClientList>(path("/v1/ai/clients", { issuer: host.issuer, limit: 100, after }));
    return { rows: page.clients, next: page.next };
  }, [assistant, host.issuer]);
  return (
    <>
      <details className="more">
        <summary>About {host.name}</summary>
        <div className="panel">
          <Facts of={[
            ["Issuer", host.issuer], ["Audience", host.audience], ["Keys", host.keys.map((key) => `${key.id} (${key.algorithm})`).join(", ")],
            ["Sessions last", `${Math.round(host.session_seconds / 360) / 10} h`], ["New clients have AI", host.new_clients_have_ai ? "yes" : "no"], ["Is called back", host.is_called_back ? "yes, for actions and context" : "no"],
          ]} />
        </div>
      </details>
      <NewClient assistant={assistant} host={host} />
      <div className={pages.rows.length > 8 ? "fixed-list" : "fit-list"}>
        <PagedList pages={pages} label="Clients" empty={<><h2>No client yet</h2><p>They appear with their first user, or when the application names them, or when you add one above.</p></>} row={(client) => (
          <a className="row" href={to("clients", host.issuer, client.id)}>
            <span className="row-main">{called(client)} {client.name && <span className="sub">{client.id}</span>}</span>
            <span className="row-side">{client.plan && <span>{client.plan}</span>}<ClientState thing={client} /></span>
          </a>
        )} />
      </div>
    </>
  );
}

function ClientState({ thing }: { thing: { ai: boolean; state: string; inherits_ai?: boolean } }) {
  return (
    <>
      <span className={`badge ${thing.ai ? "good" : ""}`}>{thing.ai ? "AI on" : "AI off"}{thing.inherits_ai ? ", as the client" : ""}</span>
      {thing.state === "suspended" && <span className="badge bad">suspended</span>}
    </>
  );
}

function NewClient({ assistant, host }: { assistant: Assistant; host: Host }) {
  const [id, setID] = useState("");
  const action = useAction();
  const add = (event: FormEvent) => {
    event.preventDefault();
    void action.run(async () => {
      await assistant.api.send("PUT", path(`/v1/ai/clients/${encodeURIComponent(id.trim())}`, { issuer: host.issuer }), { body: {} });
      go("clients", host.issuer, id.trim());
      return null;
    });
  };
  return (
    <form className="form-row" onSubmit={add}>
      <label className="field"><span>Add a client by its id in the application</span><input className="input" value={id} maxLength={128} onChange={(event) => setID(event.target.value)} /></label>
      <button type="submit" className="button" disabled={id.trim() === "" || action.isBusy}>Add</button>
      <Outcome action={action} />
    </form>
  );
}

function ClientView({ assistant, issuer, id }: { assistant: Assistant; issuer: string; id: string }) {
  const base = `/v1/ai/clients/${encodeURIComponent(id)}`;
  const client = useLoaded(() => assistant.api.get<Client>(path(base, { issuer })), [assistant, base]);
  const brands = useLoaded(() => assistant.api.get<{ brands: Brand[] }>(path(`${base}/brands`, { issuer })), [assistant, base]);
  const action = useAction();
  const put = (body: Partial<Client>, done: string) => void action.run(async () => {
    await assistant.api.send("PUT", path(base, { issuer }), { body });
    client.reload();
    brands.reload();
    return done;
  });
  return (
    <div className="screen">
      <p className="crumbs"><a href={to("clients", issuer)}>Clients</a> / {id}</p>
      <States loaded={client} isEmpty={() => false} empty={null}>
        {(it) => (
          <>
            <div className="panel-head"><h1>{called(it)}</h1><ClientState thing={it} /></div>
            <Outcome action={action} />
            <Names key={`${it.name} ${it.plan}`} client={it} action={action} onSave={(change) => put(change, "Saved.")} />
            <section>
              <h2>What its people may do</h2>
              <div className="form-row">
                {it.ai
                  ? <Sure label="Switch AI off" question="Switch AI off?" confirm="Switch it off" onYes={() => put({ ai: false }, "AI is off. What was running there has ended.")}><p>Nobody of {called(it)} can ask any more, and turns that run there end at once. Brands with a word of their own keep it. Chats stay readable.</p></Sure>
                  : <button type="button" className="button primary" disabled={action.isBusy} onClick={() => put({ ai: true }, "AI is on.")}>Switch AI on</button>}
                {it.state === "active"
                  ? <Sure label="Suspend" question={`Suspend ${called(it)}?`} confirm="Suspend" onYes={() => put({ state: "suspended" }, "It is suspended: its people can read and do nothing else.")}><p>Its people can read what they have, and do nothing else. Turns that run end at once. You can undo this.</p></Sure>
                  : <button type="button" className="button primary" disabled={action.isBusy} onClick={() => put({ state: "active" }, "It is active again.")}>End the suspension</button>}
                <a className="button plain" href={to("wallets", "of", id, issuer)}>Its wallets</a>
              </div>
            </section>
          </>
        )}
      </States>
      <section>
        <h2>Brands</h2>
        <States loaded={brands} isEmpty={(all) => all.brands.length === 0} empty={<p>No brand yet. They appear with the first user whose token names them.</p>}>
          {(all) => <ul className="rows">{all.brands.map((brand) => <BrandRow key={brand.id} assistant={assistant} base={base} issuer={issuer} brand={brand} onChanged={brands.reload} />)}</ul>}
        </States>
      </section>
    </div>
  );
}

function Names({ client, action, onSave }: { client: Client; action: Action; onSave: (change: Partial<Client>) => void }) {
  const [name, setName] = useState(client.name ?? "");
  const [plan, setPlan] = useState(client.plan ?? "");
  const isSame = name === (client.name ?? "") && plan === (client.plan ?? "");
  const save = (event: FormEvent) => {
    event.preventDefault();
    const change: Partial<Client> = {};
    if (name.trim() !== "" && name !== client.name) change.name = name.trim();
    if (plan.trim() !== "" && plan !== client.plan) change.plan = plan.trim();
    onSave(change);
  };
  return (
    <form className="form-row" onSubmit={save}>
      <label className="field"><span>Name</span><input className="input" value={name} maxLength={128} onChange={(event) => setName(event.target.value)} /></label>
      <label className="field"><span>Plan</span><input className="input" value={plan} maxLength={128} placeholder="none" onChange={(event) => setPlan(event.target.value)} /></label>
      <button type="submit" className="button" disabled={isSame || action.isBusy}>Save</button>
    </form>
  );
}

function BrandRow({ assistant, base, issuer, brand, onChanged }: { assistant: Assistant; base: string; issuer: string; brand: Brand; onChanged: () => void }) {
  const action = useAction();
  const url = path(`${base}/brands/${encodeURIComponent(brand.id)}`, { issuer });
  const put = (body: object) => void action.run(async () => {
    await assistant.api.send("PUT", url, { body });
    onChanged();
    return null;
  });
  const ai = brand.inherits_ai ? "inherit" : brand.ai ? "on" : "off";
  return (
    <li className="row">
      <span className="row-main">{called(brand)} {brand.name && <span className="sub">{brand.id}</span>}</span>
      <span className="row-side">
        <ClientState thing={brand} />
        <label><span className="hidden">AI of {called(brand)}</span>
          <select className="select" value={ai} disabled={action.isBusy} onChange={(event) => put({ ai: event.target.value === "inherit" ? "inherit" : event.target.value === "on" })}>
            <option value="inherit">AI as the client</option><option value="on">AI on</option><option value="off">AI off</option>
          </select>
        </label>
        <button type="button" className={`button compact ${brand.state === "active" ? "danger" : ""}`} disabled={action.isBusy} onClick={() => put({ state: brand.state === "active" ? "suspended" : "active" })}>{brand.state === "active" ? "Suspend" : "Activate"}</button>
        {action.error && <span className="badge bad" role="alert">{action.error}</span>}
      </span>
    </li>
  );
}
