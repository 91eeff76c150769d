import { useEffect, useRef, useState } from "react";
import { sentence } from "../shared/api";
import { moment } from "../shared/format";
import type { Share } from "../shared/types";
import type { Assistant } from "./assistant";
import { CopyButton } from "./CopyButton";
import { Dialog } from "./Dialog";

/** Makes links to a chat, and takes them back. */
export function ShareDialog({ chat, assistant, onClose }: { chat: number; assistant: Assistant; onClose: () => void }) {
  const [shares, setShares] = useState<Share[] | null>(null);
  const [made, setMade] = useState<Share | null>(null);
  const [isFollowing, setFollowing] = useState(false);
  const [withOutput, setWithOutput] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const maker = useRef<HTMLButtonElement>(null);
  const load = () => assistant.shares(chat).then(setShares, (problem) => setError(sentence(problem)));
  useEffect(() => void load(), [chat]);
  const attempt = async (work: () => Promise<void>) => {
    setError(null);
    try {
      await work();
      await load();
    } catch (problem) {
      setError(sentence(problem));
    }
  };
  return (
    <Dialog title="Share this chat" onClose={onClose}>
      <p>Whoever has the link can read the chat without signing in, for 365 days or until you take the link back.</p>
      {error && <p className="note bad" role="alert">{error}</p>}
      <label className="choice"><input type="checkbox" checked={isFollowing} onChange={(event) => setFollowing(event.target.checked)} /> Also what is said later</label>
      <label className="choice"><input type="checkbox" checked={withOutput} onChange={(event) => setWithOutput(event.target.checked)} /> With the output of commands</label>
      <button type="button" ref={maker} className="button primary" onClick={() => void attempt(async () => setMade(await assistant.share(chat, isFollowing, withOutput)))}>Make a link</button>
      {made?.url && (
        <div className="note good link-made" role="status">
          <span className="mono">{made.url}</span> <CopyButton text={made.url} label="Copy the link" />
          <p>It is shown this once.</p>
        </div>
      )}
      {shares && shares.length > 0 && (
        <>
          <h3>Links that work now</h3>
          <ul className="shares">
            {shares.map((share) => (
              <li key={share.id}>
                <span>{share.following ? "Follows the chat" : "Snapshot"}{share.includes_output ? ", with output" : ""}, made {moment(share.created)}{share.last_used ? `, last used ${moment(share.last_used)}` : ", never used"}</span>
                <button type="button" className="button danger compact" onClick={() => void attempt(() => assistant.revoke(share.id)).then(() => maker.current?.focus())}>Take back</button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}
